import type { SCALE_FROM } from "./lean-scale.ts";
import { MEASURE_WORDS } from "./terms.ts";

/** What a thread takes of a row, threads side by side, and rows of them. */
export const FOURS = 2;
export const LEAN_VALUES = 4 * FOURS;
export const ACROSS = 32;
export const LEAN_COLS = ACROSS * LEAN_VALUES;
/** Bands of a workgroup. */
export const LEAN_BANDS = 8;
export const LEAN_THREADS = ACROSS * LEAN_BANDS;
/** Most rows of a band: sums of columns pass through as many roundings, and four more. */
export const LEAN_BAND_ROWS = 16;

/** Keys of errors that are counted, from `error_key` on: 64 octaves. Values that could have smaller errors are left open. */
export const ERROR_KEYS = 256;

/** Words of the counts: as `fused.ts` has them, then the ranks of scales. */
export const LEAN_COUNTS = MEASURE_WORDS + 2;

/** Sums of x*y, y^2 and |e|, four words a thread of so many a workgroup. */
export const LEAN_SUMS = LEAN_THREADS / LEAN_BANDS;

/** Counters of a workgroup: each has copies for threads beside each other, which meet less often then. */
export const copied = { values: 2, errors: 4, codes: 2, pairs: 2 };
// Codebooks count pairs only and have room for their cells.
export const pool = { values: 0, errors: 1024, codes: 2048, cells: 2560, once: 2848, ranks: 3072, scratch: 3328 };
export const POOL_WORDS = 4096;

/** Where things lie, and what the filters go by. */
export const leanFields = [
  ["rows", "u32"],
  ["cols", "u32"],
  ["bands", "u32"],
  ["band_rows", "u32"],
  // Stretches of LEAN_COLS columns.
  ["chunks", "u32"],
  // Threads of a segment, a power of two, and segments of a row.
  ["segment_threads", "u32"],
  ["across", "u32"],
  // Threads of a block where its scale is found here, a power of two.
  ["block_threads", "u32"],
  // Columns that are summed together for the map: 1, 4 or all that a thread takes.
  ["unit", "u32"],
  ["cols_at", "u32"],
  ["units_at", "u32"],
  ["sums_at", "u32"],
  ["stored_at", "u32"],
  ["ranks_at", "u32"],
  ["cells_at", "u32"],
  ["open_capacity", "u32"],
  // A grid: the bits of its smallest binade, what makes a binade's bits its magic number or half a step, and bits to levels.
  ["min_field", "u32"],
  ["to_magic", "u32"],
  ["to_half", "u32"],
  ["to_level", "u32"],
  // The parity of a tie's level that is not right; 2 where ties are left open.
  ["even_parity", "u32"],
  ["magic", "f32"],
  ["same_magic", "f32"],
  ["half", "f32"],
  ["top", "f32"],
  ["bottom", "f32"],
  // Cells of a codebook.
  ["cells_per_unit", "f32"],
  ["cell_of_zero", "i32"],
  // Quotients that are too large for the filters, and the least that is near an end.
  ["most_quotient", "f32"],
  ["near_end", "f32"],
  // What is added to steep products of quotients, so that those surely beyond an end come out above 1, or those perhaps.
  ["surely_above", "f32"],
  ["perhaps_above", "f32"],
  ["surely_below", "f32"],
  ["perhaps_below", "f32"],
  // amax over divisor * 2^divisor_exponent; the divisor has 28 bits.
  ["divisor", "u32"],
  ["divisor_exponent", "i32"],
  // One over the divisor, and over its 28 bits as a number from 1 on.
  ["divisor_inverse", "f32"],
  ["significand_inverse", "f32"],
  ["scale_mantissa", "i32"],
  ["scale_exponent", "i32"],
  ["scale_most", "u32"],
  ["bin_factor", "f32"],
  // The same number that has no room for halves beside it, under two names.
  ["whole", "f32"],
  ["same_whole", "f32"],
  ["error_key", "u32"],
  // The least magnitude but zero that the filters take, as bits.
  ["least", "u32"],
  // Rows whose sums are formed together, as a power of two.
  ["row_steps", "u32"],
  // Rotations: fl32(1/sqrt(n)), where signs begin in the lookup, the least magnitude but zero that floats are trusted with,
  // and the least error but zero that is counted, as bits.
  ["turn_factor", "f32"],
  ["signs_at", "u32"],
  ["turn_least", "u32"],
  ["least_error", "u32"],
  // Zero, which compilers do not know.
  ["nothing", "u32"],
] as const;

/** What a text is made for. */
export interface LeanText {
  element: "float" | "integer" | "table";
  /** As for the filters: whether scales are powers of two, and levels the same on both sides of zero. */
  powers: boolean;
  symmetric: boolean;
  scaleFrom: (typeof SCALE_FROM)[keyof typeof SCALE_FROM];
  /** Whether scales are looked up, rather than divided out. */
  bySteps: boolean;
  /** Whether neighbours share a counter: codes of four bits. */
  pairs: boolean;
  /** Values of a block that is rotated first, or 0. */
  turned: number;
  /** Whether results are given, and only measured. */
  given: boolean;
  /** How results are formed. */
  products: "rounded" | "integers";
  /** Threads of a subgroup that are neighbours in the workgroup, or 1 where that is not known. */
  subgroup: number;
}
