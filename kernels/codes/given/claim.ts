/** What a program of the reader's says about its own results, held against what can be checked of it. */
import { entropy } from "../../exact/entropy.ts";
import { RecipeError } from "../../grammar/errors.ts";

/** Codes that came with results. */
export interface GivenCodes {
  /** One for every `dim` values of a row, row-major. */
  values: Uint32Array;
  dim: number;
}

export interface Claim {
  /** Everything that would be stored, as the program says. */
  bits: { what: string; bitsPerWeight: number }[];
  codes: GivenCodes | null;
}

/** Codes are below this: as many as a vector code may have. */
export const MOST_CODES = 2 ** 16;
/** Sums of shares, and bits that were added up, differ from exact ones in their last places. */
const SLACK = 1e-9;

/** How often each code is used, from 0 to the largest. Throws RecipeError for codes that cannot be counted. */
export function countCodes({ values }: GivenCodes, who: string): Uint32Array {
  let largest = 0;
  for (const code of values) if (code > largest) largest = code;
  if (largest >= MOST_CODES) {
    throw new RecipeError(`${who} gave the code ${largest}: codes are whole numbers below ${MOST_CODES}`);
  }
  const counts = new Uint32Array(largest + 1);
  for (const code of values) counts[code]++;
  return counts;
}

/** The code of each value in rows of `cols` values. */
export function codesOfRows({ values, dim }: GivenCodes, cols: number, row0: number, row1: number): Uint32Array {
  if (dim === 1) return values.slice(row0 * cols, row1 * cols);
  const out = new Uint32Array((row1 - row0) * cols);
  for (let i = 0; i < out.length; i++) out[i] = values[Math.floor((row0 * cols + i) / dim)];
  return out;
}

/** Throws RecipeError where bits are no numbers that anything can take. */
export function checkBits(bits: Claim["bits"], who: string): void {
  const wrong = bits.find(({ bitsPerWeight }) => !(Number.isFinite(bitsPerWeight) && bitsPerWeight >= 0));
  if (wrong) throw new RecipeError(`${who} says ${wrong.bitsPerWeight} bits a weight, which nothing can take`);
}

/** What the reader has to know of the bits: that nobody can check them, or that they are fewer than the codes need. */
export function claimNotes({ bits, codes }: Claim, counts: Uint32Array | null, who: string): string[] {
  const said = bits.reduce((sum, part) => sum + part.bitsPerWeight, 0);
  const figure = (x: number) => String(Number(x.toPrecision(4)));
  if (!codes || !counts) return [`${figure(said)} bits a weight are what ${who} says: no codes came with the results`];
  const needed = entropy(counts) / codes.dim;
  if (said >= needed * (1 - SLACK)) return [];
  return [
    `${who} says ${figure(said)} bits a weight, but its own codes have an entropy of ${figure(needed)}: it leaves something out, unless a coder takes several codes together`,
  ];
}
