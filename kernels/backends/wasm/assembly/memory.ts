// Configuration and scratch memory. Everything here is small enough to stay in a first-level cache.
import { Field } from "../fields";

/** Elements of a row that go through all steps together. */
export const SEGMENT: i32 = 512;
/** Rows whose column sums are added in float32 before they go to float64. */
export const ROW_GROUP: i32 = 16;

export const CONFIG: usize = memory.data(8 * 128, 16);
export const Y: usize = memory.data(4 * 512, 16);
export const CODES: usize = memory.data(4 * 512, 16);

/** By run of a segment, or by element: scale, float32 reciprocal, near-tie limit, x beyond which codes saturate. */
export const SCALE: usize = memory.data(4 * 528, 16);
/** As the library that is imitated has it. */
export const RECIPROCAL: usize = memory.data(4 * 528, 16);
export const INVERSE: usize = memory.data(4 * 528, 16);
export const LIMIT: usize = memory.data(4 * 528, 16);
export const ABOVE: usize = memory.data(4 * 528, 16);
export const BELOW: usize = memory.data(4 * 528, 16);
/** Affine: zero point, least and greatest level. */
export const ZERO: usize = memory.data(4 * 528, 16);
export const LEAST: usize = memory.data(4 * 528, 16);
export const MOST: usize = memory.data(4 * 528, 16);

/** Column sums of a segment over a group of rows, float32. */
export const COL_ERROR: usize = memory.data(4 * 512, 16);
export const COL_SIGNAL: usize = memory.data(4 * 512, 16);
export const COL_MAX: usize = memory.data(4 * 512, 16);

/** Codebooks: thresholds of a block; planes of the 16 levels' bytes; codes of the ranks. */
export const THRESHOLDS: usize = memory.data(4 * 16, 16);
export const PLANES: usize = memory.data(5 * 16, 16);

/** Sums of the window: float64 each, at the offsets below. */
export const SUMS: usize = memory.data(8 * 16, 16);
export const SUM_COUNT: usize = 0;
export const SUM_NONFINITE: usize = 8;
export const SUM_BROKEN: usize = 16;
export const SUM_ABS: usize = 24;
export const SUM_DOT: usize = 32;
export const SUM_ENERGY: usize = 40;
export const SUM_SATURATED: usize = 48;
export const SUM_FLUSHED: usize = 56;
export const SUM_ZERO_ERRORS: usize = 64;

// @ts-ignore: decorator
@inline export function addSum(which: usize, x: f64): void {
  store<f64>(SUMS + which, load<f64>(SUMS + which) + x);
}

// @ts-ignore: decorator
@inline export function field(f: Field): f64 {
  return load<f64>(CONFIG + ((<usize>f) << 3));
}

// @ts-ignore: decorator
@inline export function int(f: Field): i32 {
  return <i32>field(f);
}

// @ts-ignore: decorator
@inline export function address(f: Field): usize {
  return <usize>field(f);
}
