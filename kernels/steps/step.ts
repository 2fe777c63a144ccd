/**
 * What a step is. A recipe is an onion: each step wraps what stands right of it. A transform hands on its image and undoes it on the
 * way back; a split keeps a part, hands on the rest, and adds its part again; a solver chooses the quantizer's codes; a correction
 * mends the result of all that stands before it.
 *
 * A step is one folder, registered by one line in `index.ts`, which the parser, completion, controls, sweeps, the NumPy export and the
 * engine read. It needs reference code only.
 */

import type { Dual } from "../calibration/dual.ts";
import type { Calibration, CalibrationNeed } from "../calibration/types.ts";
import type { Recipe } from "../grammar/ast.ts";
import type { Remedy } from "../grammar/errors.ts";
import type { Entry } from "../grammar/signature.ts";
import type { RowTransform } from "./row-transform.ts";

export type Place = "transform" | "split" | "solver" | "correction";

/** Where a method comes from. */
export interface Citation {
  title: string;
  /** arXiv number, DOI or address. */
  where: string;
}

export interface StepEntry extends Entry {
  place: Place;
  paper: Citation;
  /** For a transform that whoever runs the weight need not do: into what it folds, and with which weights it has to be shared. */
  folds?: string;
  /** For a solver: it also chooses codes that stand for several columns at once, where a code lets it. */
  columns?: true;
  /** For one that has to be done to every input as well, as long as it folds into nothing: what that costs a value of the input. */
  costs?: string;
}

/** The arguments of a step's call, by the keys of its signature; null where one was left out. */
export interface StepArgs {
  number(key: string): number | null;
  word(key: string): string | null;
  recipe(key: string): Recipe | null;
  /** A way out of a mistake: the whole recipe with this argument replaced by a number. */
  remedy(key: string, value: number): Remedy[];
}

/** The matrix that a step meets, and its place among the recipe's steps. */
export interface StepShape {
  rows: number;
  cols: number;
  position: number;
}

/** What a step has to see before it can do anything. */
export interface Needs {
  /** `row`: rows stream through it by themselves. `matrix`: it holds the whole matrix, within a named budget. */
  reach: "row" | "matrix";
  /**
   * What it has to have of a calibration; a recipe whose calibration lacks it is refused before anything is worked out. A particular
   * statistic is asked for with `partOf` of `kernels/calibration`.
   */
  calibration: CalibrationNeed;
  /** Works without a calibration, too, and uses what there is of it where there is one. */
  calibrationOptional?: true;
}

/** A whole matrix, row-major float32. */
export interface Matrix {
  rows: number;
  cols: number;
  values: Float32Array;
}

/** Rows [row0, row0 + rows) of a matrix. */
export interface Rows extends Matrix {
  row0: number;
}

/** A part of what is stored, over the number of elements of the tensor. */
export interface Bits {
  what: string;
  bitsPerWeight: number;
}

/** A tensor that is stored beside the codes: factors, kept values. What came back from its own recipe. */
export interface SideTensor extends Matrix {
  name: string;
  /** Its recipe, canonical. */
  recipe: string;
  /** Bits in all. */
  bits: number;
}

/** What a step that works for long is given. */
export interface StepJob {
  /**
   * What is known of the inputs, in the space in which the step's operand stands: taken through the duals of the transforms before it.
   * In it are the parts that the step's own needs name and those that they hold (see `CalibrationNeed`); for a step without needs it is
   * null, as it is where there is no calibration.
   */
  calibration: Calibration | null;
  /** Called often; yields, and rejects with an AbortError when the work was cancelled. `done` of `total` in the step's own unit. */
  checkpoint(done: number, total: number, unit: string): Promise<void>;
  /**
   * What the rest of the recipe makes of an operand of this step, without solver and corrections: for searches that try several. In the
   * space of the operand. Throws RecipeError where a step of the rest needs a calibration of its own.
   */
  rest(operand: Matrix): Promise<Matrix>;
  /** Stores a side tensor through a recipe of its own, and gives what comes back. */
  store(name: string, matrix: Matrix, recipe: Recipe): Promise<SideTensor>;
}

/** What a step is for a matrix of a shape. */
export interface PlannedParams<Params> {
  params: Params;
  needs: Needs;
  /** Of a solver: what its codes, scales and zero points do not say by themselves, in a clause; left out where they say all. */
  beside?: string;
  /** Additions and multiplications of long work, about: what a person is told beforehand follows from it. */
  operations?: number;
  /** Not every value that it hands on has a code: see `stored`. Codes of whole blocks leave none out, and refuse it. */
  sparse?: true;
}

/** What a fitted step says of itself beside its work. */
interface Told<Fitted> {
  bits(fitted: Fitted, of: StepShape): Bits[];
  /** What the reader has to know: a rank that was cut, a search that found nothing better. */
  notes?(fitted: Fitted): string[];
}

/** Of a step whose zeros are known from elsewhere: what has no code is counted neither as an element nor as anything else. */
interface Sparse<Fitted> {
  /** The share of the values handed on that have codes; all of them where it is left out. */
  stored?(fitted: Fitted): number;
}

interface Base<Params> {
  entry: StepEntry;
  /** Reads the call for a matrix of this shape; no values yet. Throws RecipeError for what makes no sense or does not fit. */
  plan(args: StepArgs, of: StepShape): PlannedParams<Params>;
}

/** Acts on each row by itself, without having seen values: rows stream through it. */
export interface StreamedTransform<Params> extends Base<Params> {
  entry: StepEntry & { place: "transform" };
  stream(params: Params): RowTransform;
}

/** Looks at values. What it does then is loaded when a recipe first asks for it: names and parameters are on every page. */
export interface FittedStep<Params, Work> extends Base<Params> {
  work(): Promise<Work>;
}

/** A transform that looks at the values first. */
export interface FittedTransform<Params, Fitted> extends Told<Fitted>, Sparse<Fitted> {
  kind: "transform";
  fit(params: Params, operand: Matrix, job: StepJob): Promise<Fitted>;
  forward(fitted: Fitted, rows: Rows): Float32Array;
  inverse(fitted: Fitted, rows: Rows): Float32Array;
  /** The column in which the value of a column stands after the step, where it only moves columns: codes then follow. */
  columns?(fitted: Fitted): Uint32Array;
  /** What becomes of the inputs; without it, what needs a calibration cannot stand behind the transform. */
  dual?(fitted: Fitted): Dual;
}

/** Keeps a part. Kept and rest add up to the operand wherever that is finite, until the part is fitted anew. */
export interface Split<Params, Fitted> extends Told<Fitted>, Sparse<Fitted> {
  kind: "split";
  fit(params: Params, operand: Matrix, job: StepJob): Promise<Fitted>;
  /** What is handed on. */
  rest(fitted: Fitted, rows: Rows): Float32Array;
  /** What was kept, added again: fl32(value + kept). */
  add(fitted: Fitted, rows: Rows): Float32Array;
  /** The part itself, where it meets inputs as they are while the rest meets quantized ones: two products beside each other (SVDQuant). */
  apart?(fitted: Fitted, rows: Rows): Float32Array;
  /** Fits the part anew to what became of the rest, so that both are nearest to the operand; null where the part stays. */
  refit?(
    params: Params,
    fitted: Fitted,
    operand: Matrix,
    back: () => Promise<Matrix>,
    job: StepJob,
  ): Promise<Fitted> | null;
  side?(fitted: Fitted): SideTensor[];
}

/** Mends what came out, in the space in which the recipe began. */
export interface Correction<Params, Fitted> extends Told<Fitted> {
  kind: "correction";
  fit(params: Params, original: Matrix, result: Matrix, job: StepJob): Promise<Fitted>;
  correct(fitted: Fitted, result: Rows): Float32Array;
  /** What is added to each output, beside what the weights give: one value a row. */
  outputs?(fitted: Fitted): Float32Array;
  side?(fitted: Fitted): SideTensor[];
}

/**
 * The quantizer whose codes a solver chooses, over the operand. Its scales stand, found by its own rule from the operand; a solver
 * asks it for codes, and may have scales found anew or zero points set. Everything it knows of blocks and formats stays its own.
 */
export interface ElementQuantizer {
  /** Columns of a block along a row, where blocks are runs or tiles that begin at multiples of it; null where they lie otherwise. */
  readonly blockCols: number | null;
  /** Rows after which blocks start afresh: a panel of whole multiples of it holds whole blocks. */
  readonly rowPeriod: number;
  /**
   * Codes values of one column in rows from `row0` on, as the quantizer's rounding says: the codes, and what they stand for. The
   * same arithmetic as without a solver.
   */
  encode(col: number, row0: number, values: Float32Array, results: Float32Array, codes: Uint32Array): void;
  /** The same, each value rounded to the level below it (on the side of minus infinity, in units of its scale) and above it. */
  readonly sides: { down: ElementQuantizer["encode"]; up: ElementQuantizer["encode"] };
  /** The same for integers without ends to their range: what values stand for then. Null for any other format. */
  readonly open: ((col: number, row0: number, values: Float32Array, results: Float32Array) => void) | null;
  /** Finds the scales of the blocks over columns [from, to) of these rows anew, row-major from `row0` on. Scales of scales stay. */
  refit(from: number, to: number, row0: number, values: Float32Array): void;
  /** The zero points of an affine format; null for any other. */
  readonly zeros: ZeroPoints | null;
}

/** Zero points that a solver may set. A value x of a block has the code clamp(round(x / scale + zero), 0, max). */
export interface ZeroPoints {
  readonly blocks: number;
  /** The largest code. */
  readonly max: number;
  /** Finite values of a block, row-major. */
  values(block: number): Float32Array;
  scale(block: number): number;
  zero(block: number): number;
  /** A zero point as it is stored. */
  stored(zero: number): number;
  set(block: number, zero: number): void;
}

/** What a solver is asked: codes for a matrix under a quantizer. */
export interface Problem {
  operand: Matrix;
  /** What is known of the inputs that the operand meets, behind all transforms; null where nothing is. */
  calibration: Calibration | null;
  quantizer: ElementQuantizer;
}

/** What a solver gives. */
export interface Solution {
  /** Codes as the quantizer's format counts them, one an element, row-major. */
  codes: Uint32Array;
  /** What they stand for: fl32(level * scale). */
  quantized: Float32Array;
  /** Values that are stored aside, in the place of what their codes stand for: row-major indices, ascending. Counted in `bits`. */
  aside?: { at: Uint32Array; values: Float32Array };
  /** What is stored beside codes, scales and zero points. */
  bits: Bits[];
  /** What the reader has to know: columns that no input reaches, damping that was raised. */
  notes: string[];
  /** What the solver made small, where it is a sum that tests can hold it to. */
  loss: number | null;
}

/** A code that takes several columns at a time. Its scales and books stand, found from the operand. */
export interface ColumnEncoder {
  /** Codes columns [col, col + columns) of all rows: `values` are rows x columns, and what their codes stand for goes into `results`. */
  encode(col: number, values: Float32Array, results: Float32Array): Promise<void>;
}

/** A problem whose codes stand for several columns: `columns` of them at a time. */
export interface ColumnsProblem extends Pick<Problem, "operand" | "calibration"> {
  coder: ColumnEncoder;
  /** They divide the matrix's. */
  columns: number;
}

/** What a solver is given beside its problem. */
export type SolverJob = Pick<StepJob, "checkpoint">;

/** Takes the quantizer's place in choosing codes. At most one, immediately left of the quantizer. */
export interface Solver<Params> {
  kind: "solver";
  /** The column that is to stand at each place before blocks are laid; null where all stay. Their places are counted by the engine. */
  arrange?(params: Params, operand: Matrix, calibration: Calibration | null): Uint32Array | null;
  solve(params: Params, problem: Problem, job: SolverJob): Promise<Solution>;
  /** The same for codes that stand for several columns, where the step's entry says `columns`; gives what the reader has to know. */
  solveColumns?(params: Params, problem: ColumnsProblem, job: SolverJob): Promise<string[]>;
}

/** What a step does that looks at values, its own types forgotten. */
export type StepWork =
  | FittedTransform<unknown, unknown>
  | Split<unknown, unknown>
  | Correction<unknown, unknown>
  | Solver<unknown>;

/** Any step, its own types forgotten: what `plan` and `fit` gave is only ever handed back to it. */
export type Step = StreamedTransform<unknown> | FittedStep<unknown, StepWork>;

/** Forgets the types that are a step's own. */
export const streamed = <P>(step: StreamedTransform<P>): Step => step as unknown as Step;
export const fitted = <P, W extends Work<P>>(step: FittedStep<P, W>): Step => step as unknown as Step;

// biome-ignore lint/suspicious/noExplicitAny: what a step fits is its own business.
type Work<P> = FittedTransform<P, any> | Split<P, any> | Correction<P, any> | Solver<P>;

/** A step of a recipe made ready for a matrix. */
export interface PlannedStep extends PlannedParams<unknown> {
  step: Step;
  of: StepShape;
}

/** Whether rows stream through it without anybody having looked at values. */
export const isStreamed = ({ step }: PlannedStep): boolean => "stream" in step;
