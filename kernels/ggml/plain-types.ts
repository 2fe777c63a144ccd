import { q2_K, q3_K, q4_K, q5_K, q6_K, q8_K } from "./k-quants.ts";
import { iq4_nl, iq4_xs, mxfp4, nvfp4, tq1_0, tq2_0 } from "./levels.ts";
import { q1_0, q2_0, q4_0, q4_1, q5_0, q5_1, q8_0, q8_1 } from "./simple.ts";
import { type GgmlType, SUPER } from "./types.ts";

/** The types that need no table of grids, by ascending id: with them recipes do without those tables. */
export const plainTypes: readonly GgmlType[] = [
  { id: 0, name: "F32", elements: 1, bytes: 4, decode: null },
  { id: 1, name: "F16", elements: 1, bytes: 2, decode: null },
  { id: 2, name: "Q4_0", elements: 32, bytes: 18, decode: q4_0, bigEndianHalves: [0] },
  { id: 3, name: "Q4_1", elements: 32, bytes: 20, decode: q4_1 },
  { id: 6, name: "Q5_0", elements: 32, bytes: 22, decode: q5_0 },
  { id: 7, name: "Q5_1", elements: 32, bytes: 24, decode: q5_1 },
  { id: 8, name: "Q8_0", elements: 32, bytes: 34, decode: q8_0, bigEndianHalves: [0] },
  { id: 9, name: "Q8_1", elements: 32, bytes: 36, decode: q8_1 },
  { id: 10, name: "Q2_K", elements: SUPER, bytes: 84, decode: q2_K },
  { id: 11, name: "Q3_K", elements: SUPER, bytes: 110, decode: q3_K },
  { id: 12, name: "Q4_K", elements: SUPER, bytes: 144, decode: q4_K, bigEndianHalves: [0, 2] },
  { id: 13, name: "Q5_K", elements: SUPER, bytes: 176, decode: q5_K },
  { id: 14, name: "Q6_K", elements: SUPER, bytes: 210, decode: q6_K, bigEndianHalves: [208] },
  { id: 15, name: "Q8_K", elements: SUPER, bytes: 292, decode: q8_K },
  { id: 20, name: "IQ4_NL", elements: 32, bytes: 18, decode: iq4_nl },
  { id: 23, name: "IQ4_XS", elements: SUPER, bytes: 136, decode: iq4_xs },
  { id: 24, name: "I8", elements: 1, bytes: 1, decode: null },
  { id: 25, name: "I16", elements: 1, bytes: 2, decode: null },
  { id: 26, name: "I32", elements: 1, bytes: 4, decode: null },
  { id: 27, name: "I64", elements: 1, bytes: 8, decode: null },
  { id: 28, name: "F64", elements: 1, bytes: 8, decode: null },
  { id: 30, name: "BF16", elements: 1, bytes: 2, decode: null },
  { id: 34, name: "TQ1_0", elements: SUPER, bytes: 54, decode: tq1_0 },
  { id: 35, name: "TQ2_0", elements: SUPER, bytes: 66, decode: tq2_0 },
  { id: 39, name: "MXFP4", elements: 32, bytes: 17, decode: mxfp4, bigEndianHalves: [] },
  { id: 40, name: "NVFP4", elements: 64, bytes: 36, decode: nvfp4 },
  { id: 41, name: "Q1_0", elements: 128, bytes: 18, decode: q1_0 },
  { id: 42, name: "Q2_0", elements: 64, bytes: 18, decode: q2_0 },
];
