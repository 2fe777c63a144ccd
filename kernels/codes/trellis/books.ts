/** The value of each state of 16 bits: books that are computed, or looked up by a hash. */
import { HALF, smallFloatValue } from "../../exact/small-float.ts";
import type { BookName } from "./shape.ts";

const STATES = 2 ** 16;

const table = (value: (state: number) => number): Float32Array =>
  Float32Array.from({ length: STATES }, (_, s) => value(s));

/** The sum of the four bytes of a word. */
const byteSum = (x: number): number => (x & 255) + ((x >>> 8) & 255) + ((x >>> 16) & 255) + (x >>> 24);

/** QTIP's 1MAD (`decode_1mad`): bytes of one product and sum, added up. */
const oneMad = (s: number): number => {
  const x = (Math.imul(s, 34038481) + 76625530) >>> 0;
  return Math.fround(Math.fround(byteSum(x) - 510) / 147.800537109375);
};

/** Two halves that a word makes of itself, added in float16 (`decode_3inst` of QTIP and of ExLlamaV3). */
const halves = (word: number): number => {
  const x = (word & 0x8fff8fff) ^ 0x3b603b60;
  return roundToHalf(halfValue(x >>> 16) + halfValue(x & 0xffff));
};

const halfValue = (bits: number): number => smallFloatValue(HALF, bits);

/** To float16, ties to even; what is met here lies far within its range. */
function roundToHalf(x: number): number {
  let step = 2 ** -24;
  while (Math.abs(x) >= 2 ** 11 * step) step *= 2;
  const [low, rest] = [Math.floor(x / step), x / step - Math.floor(x / step)];
  return step * (rest > 0.5 || (rest === 0.5 && low % 2 !== 0) ? low + 1 : low);
}

const threeInst = (s: number): number => halves((Math.imul(s, 89226354) + 64248484) | 0);

/** ExLlamaV3's `mcg`: a product alone. */
const mcg = (s: number): number => halves(Math.imul(s, 0xcbac1fed));

/** ExLlamaV3's `mul1`: bytes of a product added to 1024, then one fused product and sum in float16. */
const mul1 = (s: number): number =>
  roundToHalf((1024 + byteSum(Math.imul(s, 0x83dcd12d) >>> 0)) * halfValue(0x1eee) + halfValue(0xc931));

/** QTIP's hybrid (`quantlut_sym`): one of 512 pairs by a hash, the first of the pair with a sign. */
async function hybrid(): Promise<Float32Array> {
  const { pairs } = await import("./hybrid-pairs.ts");
  const out = new Float32Array(2 * STATES);
  const at = pairs();
  for (let s = 0; s < STATES; s++) {
    const hash = Math.imul(s, s + 1);
    const index = (hash >>> 6) & 511;
    out[s] = hash & 0x8000 ? -at[2 * index] : at[2 * index];
    out[STATES + s] = at[2 * index + 1];
  }
  return out;
}

const kept = new Map<BookName, Promise<Float32Array>>();

const MADE: Record<BookName, () => Promise<Float32Array>> = {
  mad1: async () => table(oneMad),
  inst3: async () => table(threeInst),
  mcg: async () => table(mcg),
  mul1: async () => table(mul1),
  hybrid,
};

/** The values of all states; of the hybrid book first those of one value, then those of the other. */
export function bookOf(name: BookName): Promise<Float32Array> {
  const known = kept.get(name) ?? MADE[name]();
  kept.set(name, known);
  return known;
}
