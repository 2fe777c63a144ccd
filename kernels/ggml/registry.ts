import { iq1_m, iq1_s, iq2_s, iq2_xs, iq2_xxs, iq3_s, iq3_xxs } from "./iq.ts";
import { plainTypes } from "./plain-types.ts";
import { type GgmlType, SUPER } from "./types.ts";

/** The types whose values are points of a grid. */
const gridTypes: readonly GgmlType[] = [
  { id: 16, name: "IQ2_XXS", elements: SUPER, bytes: 66, decode: iq2_xxs },
  { id: 17, name: "IQ2_XS", elements: SUPER, bytes: 74, decode: iq2_xs },
  { id: 18, name: "IQ3_XXS", elements: SUPER, bytes: 98, decode: iq3_xxs },
  { id: 19, name: "IQ1_S", elements: SUPER, bytes: 50, decode: iq1_s },
  { id: 21, name: "IQ3_S", elements: SUPER, bytes: 110, decode: iq3_s },
  { id: 22, name: "IQ2_S", elements: SUPER, bytes: 82, decode: iq2_s },
  { id: 29, name: "IQ1_M", elements: SUPER, bytes: 56, decode: iq1_m },
];

/** Every type that a GGUF file may hold, by ascending id. */
export const ggmlTypes: readonly GgmlType[] = [...plainTypes, ...gridTypes].sort((a, b) => a.id - b.id);

/** Types that ggml once had, so that an old file gets its reason. */
export const removedGgmlTypes: ReadonlyMap<number, string> = new Map([
  [4, "Q4_2"],
  [5, "Q4_3"],
  [31, "Q4_0_4_4"],
  [32, "Q4_0_4_8"],
  [33, "Q4_0_8_8"],
  [36, "IQ4_NL_4_4"],
  [37, "IQ4_NL_4_8"],
  [38, "IQ4_NL_8_8"],
]);

const byId = new Map(ggmlTypes.map((type) => [type.id, type]));

/** The type of that id, or undefined. */
export function findGgmlType(id: number): GgmlType | undefined {
  return byId.get(id);
}
