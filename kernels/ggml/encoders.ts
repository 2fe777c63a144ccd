/** The quantizers of all types without grids, in one piece that is loaded when one is first needed. */
export { encodeQ2_K, encodeQ3_K, encodeQ4_K, encodeQ5_K, encodeQ6_K } from "./encode-k.ts";
export { encodeIq4_nl, encodeIq4_xs, encodeMxfp4, encodeNvfp4 } from "./encode-levels.ts";
export {
  encodeQ1_0,
  encodeQ2_0,
  encodeQ4_0,
  encodeQ4_1,
  encodeQ5_0,
  encodeQ5_1,
  encodeQ8_0,
  encodeTq1_0,
  encodeTq2_0,
} from "./encode-simple.ts";
export { loadFast } from "./fast.ts";
