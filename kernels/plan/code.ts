/**
 * Codes that are found for a whole matrix: of vectors, of tiles, with books learned from it, or with rates that follow from it. They bring
 * their own scales; the engine knows them by this alone, and a method is a folder in `kernels/codes/`.
 */
import type { Calibration, CalibrationNeed } from "../calibration/types.ts";
import type { Bits, ColumnEncoder, Matrix, StepJob } from "../steps/step.ts";

/** A code made ready for a matrix of a given size, without values yet. */
export interface PlannedCode {
  /** The format's. */
  name: string;
  /** As `work` reads them. */
  params: unknown;
  /** What is known of the bits without values. */
  bits: Bits[];
  /** What it uses of a calibration, where there is one. */
  uses?: CalibrationNeed;
  /** Additions and multiplications of long work, about: what a person is told beforehand follows from it. */
  operations?: number;
  /** Columns that it codes at a time, where a solver may stand before it. */
  columns?: number;
  work(): Promise<CodeWork>;
}

/** A matrix in such codes. */
export interface CodedMatrix {
  /** What the codes stand for, row-major. What no code stands for, such as NaN, comes back as it is. */
  result: Float32Array;
  /** A code for every `dim` values of a row, row-major; null where they do not go into 32 bits. */
  codes: Uint32Array | null;
  dim: number;
  /** Bits that a code is written with. */
  codeBits: number;
  /** How often each code was chosen; null where there are too many to count. */
  counts: Uint32Array | null;
  /** What is stored beside what the plan knows. */
  bits: Bits[];
  notes: string[];
  /** How the code of an element is made up, for the inspector. */
  words?(row: number, col: number): CodeWord[];
}

export interface CodeWord {
  what: string;
  value: string;
}

export type CodeJob = Pick<StepJob, "checkpoint" | "store">;

/** Codes columns one stretch after the other, as a solver wants them. */
export interface ColumnCoder extends ColumnEncoder {
  /** The matrix, once all columns were coded. */
  end(): Promise<CodedMatrix>;
}

/** What a code does, loaded when a recipe first asks for it. */
export interface CodeWork {
  /** Throws RecipeError where the calibration (null: none) lacks what the code has to have. */
  encode(params: unknown, operand: Matrix, calibration: Calibration | null, job: CodeJob): Promise<CodedMatrix>;
  /** For codes that plan `columns`: scales and books are found from the operand as without a solver. */
  begin?(params: unknown, operand: Matrix, calibration: Calibration | null, job: CodeJob): Promise<ColumnCoder>;
}
