/**
 * The engine's face: what jobs, the command line and tests call. It walks a matrix in tiles of whole rows, lets a
 * backend do statistics and quantizing, resolves scales in between and adds everything up into a report.
 */
import type { Backend } from "../backends/backend.ts";
import type { Definition, Recipe } from "../grammar/ast.ts";
import type { Plan } from "../plan/plan.ts";
import type { Inspection, MatrixView, Report } from "../report/report.ts";

/** A tensor seen as a matrix, read by rows. Must give the same values each time it is asked. */
export interface MatrixSource {
  name: string;
  shape: number[];
  view: MatrixView;
  rows: number;
  cols: number;
  /** Rows [row0, row1) as float32, row-major; the engine does not write into the array. */
  read(row0: number, row1: number): Promise<Float32Array>;
  /** For the report: a wider type rounded on reading, for example. */
  notes: string[];
}

export interface QuantizeOptions {
  backend: Backend;
  /** Called often; returns or throws (an AbortError) quickly. Also the place to yield to other messages. */
  checkpoint(done: number, total: number, phase: string): Promise<void>;
  /** Milliseconds; kernels have no clock of their own. */
  now(): number;
  /** Most elements a tile may hold; a multiple of a whole block is used. Default 2^22. */
  tileElements?: number;
  /** Whether the stored scales and zero points may be left for `complete` to find, which lets a report be ready sooner. */
  scalesLater?: boolean;
}

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
  zeroPoints: Int32Array | null;
  /** Present where the scales were left for later, and then empty here: the same with all of them. */
  complete?(): Promise<Quantized>;
}

/** Checks a recipe against a matrix. Throws RecipeError with a sentence for the person who wrote it. */
export type PrepareRecipe = (recipe: Recipe, definitions: Definition[], rows: number, cols: number) => Plan;

export type QuantizeMatrix = (source: MatrixSource, plan: Plan, options: QuantizeOptions) => Promise<Quantized>;
