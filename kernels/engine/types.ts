/**
 * The engine's face: what jobs, the command line and tests call. It walks a matrix in tiles of whole rows, lets a
 * backend do statistics and quantizing, resolves scales in between and adds everything up into a report.
 */

import type { Dual } from "../calibration/dual.ts";
import type { Report } from "../measure/report.ts";
import type { Plan } from "../plan/plan.ts";
import type { Inspection } from "../report/report.ts";

/** A few rows gone through the recipe. Arrays are row-major, (row1-row0) x cols. */
export interface QuantizedRows {
  row0: number;
  row1: number;
  input: Float32Array;
  result: Float32Array;
  /** `null` where the element format has no codes (f32). */
  codes: Uint32Array | null;
}

/** A recipe applied to a matrix: the report, and the means to look at any part again without keeping the results. */
export interface Quantized {
  report: Report;
  plan: Plan;
  /** Requantizes the rows with the scales found before; any range is allowed, whole blocks are read as needed. */
  rows(row0: number, row1: number): Promise<QuantizedRows>;
  inspect(row: number, col: number): Promise<Inspection>;
  /** Stored scales, level 0 innermost: codes and values, row-major over the level's own grid. */
  scales: { gridRows: number; gridCols: number; codes: Uint32Array | null; values: Float32Array }[];
  /** The zero points of an affine format, row-major over the grid of level 0; `null` for any other. */
  zeroPoints: Int32Array | Float32Array | null;
  /**
   * What the steps before the quantizer do to inputs, in their order: null where one leaves them as they are, undefined where it does
   * not say.
   */
  duals: readonly (Dual | null | undefined)[];
  /**
   * What is added to each output beside what the result gives of the inputs, one value a row: by corrections, and for what steps take
   * off the inputs; left out where nothing is.
   */
  outputBias?: Float64Array;
  /** The part of rows' results that meets inputs as they are where inputs are quantized; left out where there is none. */
  apart?(row0: number, row1: number): Float32Array;
  /** Present where the scales were left for later, and then empty here: the same with all of them. */
  complete?(): Promise<Quantized>;
}
