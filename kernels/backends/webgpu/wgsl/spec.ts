/** Numbers that stand for choices in the shaders, and the uniform that carries them: TypeScript fills it word by word. */

import type { RoundingMode } from "../../../rounding/modes/index.ts";

export const KIND = { identity: 0, grid: 1, table: 2 } as const;
/** The roundings that the shaders have; elements under any other are left to the processor. */
export const MODE = {
  rne: 0,
  away: 1,
  inward: 2,
  trunc: 3,
  up: 4,
  down: 5,
  odd: 6,
  sr: 7,
  coin: 8,
} as const satisfies Partial<Record<RoundingMode, number>>;
export const SAT = { clamp: 0, nan: 1, inf: 2 } as const;
/** Stands for "no such code". */
export const NONE = 0xffffffff;

/** Words of the element's part of the uniform, in order; all i32 or u32. */
export const specFields = [
  ["kind", "u32"],
  ["mode", "u32"],
  ["random_bits", "u32"],
  ["seed", "u32"],
  // A grid: n stands for n * 2^unit up to 2^mantissa, from there on like a float with so many mantissa bits.
  ["unit", "i32"],
  ["mantissa", "u32"],
  // The largest n of positive and negative values.
  ["highest", "u32"],
  ["lowest", "u32"],
  // Integers have one zero, codes in two's complement, and perhaps a zero point.
  ["integer", "u32"],
  ["affine", "u32"],
  ["code_mask", "u32"],
  ["sign_code", "u32"],
  ["minus_zero", "u32"],
  ["sat", "u32"],
  ["undefined_code", "u32"],
  ["infinity_code", "u32"],
  ["nan_above", "u32"],
  ["nan_below", "u32"],
  // Quotients beyond these count as saturated: float32 bits, or for affine integers multiples of 2^-16 less the zero point.
  ["high_end", "i32"],
  ["low_end", "i32"],
  ["levels", "u32"],
  ["code_count", "u32"],
  ["stream", "u32"],
] as const;

/** Words that place a piece of a tile in the matrix. */
export const pieceFields = [
  ["count", "u32"],
  // Columns of the piece.
  ["width", "u32"],
  // Row-major index of its first element, low and high word.
  ["index_low", "u32"],
  ["index_high", "u32"],
  // Position of its first element in the block that holds it, and the blocks' size. flat is 0 for rectangles.
  ["row_in_block", "u32"],
  ["col_in_block", "u32"],
  ["block_rows", "u32"],
  ["block_cols", "u32"],
  ["flat", "u32"],
  // Blocks in a row of blocks, within the piece.
  ["blocks_across", "u32"],
  // Histogram of values: bins of 2^(value_exponent - 8).
  ["value_exponent", "i32"],
  // Terms are multiplied by 2^these before they are summed.
  ["square_shift", "i32"],
  ["magnitude_shift", "i32"],
] as const;

/** A struct of a uniform's words. */
export const struct = (name: string, fields: readonly (readonly [string, string])[]) =>
  `struct ${name} { ${fields.map(([field, type]) => `${field}: ${type}`).join(", ")} }`;

const constants = (prefix: string, values: Record<string, number>) =>
  Object.entries(values).map(([name, value]) => `const ${prefix}_${name.toUpperCase()} = ${value}u;`);

export const specWgsl = [
  struct("Spec", specFields),
  struct("Piece", pieceFields),
  ...constants("KIND", KIND),
  ...constants("MODE", MODE),
  ...constants("SAT", SAT),
  `const NONE = ${NONE}u;`,
].join("\n");

/** Words of one level in the table of a ladder: see `encode.ts`. */
export const LEVEL_WORDS = 8;
