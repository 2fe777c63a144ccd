import type { Dense } from "../linalg/dense.ts";

/** Where a calibration comes from: what stands beside every figure that used it. */
export interface CalibrationSource {
  kind: "activations" | "gram" | "imatrix" | "capture" | "synthetic";
  /** The file, with the array in it where there are several; or how a synthetic one is made. */
  name: string;
  /** SHA-256, in hex, of the values as they were taken, row-major and little-endian: activations as float32, Gram matrices as float64. */
  digest: string;
}

/** A quantile of each column. */
export interface ColumnQuantile {
  /** 0 to 1. */
  p: number;
  /** By column: the value at place p (n - 1) of the n sorted ones, between neighbours in proportion. */
  values: Float64Array;
}

/**
 * What is known of the inputs X (tokens x cols) that a weight W (outputs x cols) meets in y = x W^T. It belongs to the experiment, not
 * to the recipe. What its source does not tell is null. Tokens that hold NaN or Inf are in none of it: they are counted in `leftOut`.
 * Sums are float64 over float32 inputs, in the order of the tokens.
 */
export interface Calibration {
  /** Length of a token: the columns of the weight. */
  cols: number;
  /** Finite tokens, over which every sum and mean is taken; null where a Gram matrix came without their number. */
  tokens: number | null;
  /** Tokens left out, because they hold a value that is not finite. */
  leftOut: number;
  /** X^T X, the sum over tokens of x x^T: neither divided by their number nor damped. cols x cols, symmetric. */
  gram: Dense | null;
  /** Mean of x by column. */
  mean: Float64Array | null;
  /** Mean of |x| by column. */
  meanAbs: Float64Array | null;
  /** Mean of x^2 by column: the diagonal of `gram` over `tokens` (over 1 where that is null); what llama.cpp's importance matrix holds. */
  meanSquare: Float64Array | null;
  /**
   * Where the weight is of several experts, whose rows follow one another, equally many each: what the inputs of each were, experts x
   * cols; 1 for an expert that met no token. `meanSquare` is then over the tokens of all.
   */
  experts?: { count: number; meanSquare: Float64Array };
  /** Least and largest x by column. */
  min: Float64Array | null;
  max: Float64Array | null;
  /** Quantiles of x by column, over the tokens of `rows`. */
  quantiles: ColumnQuantile[] | null;
  /**
   * Whole tokens, drawn without replacement by a seed, in the order in which they came: all of them where there are fewer than were to
   * be kept. Row-major float32, whole rows of `cols`.
   */
  rows: Float32Array | null;
  /**
   * The cross moment of inputs before and after the layers upstream were quantized: the sum over tokens of x x'^T, where x is what the
   * weight met before and x' what it meets now. `gram` and all the rest are then of x'. cols x cols, not symmetric.
   */
  cross: Dense | null;
  /** Gram matrix of the loss's gradients at the outputs, the sum over tokens of g g^T: outputs x outputs, symmetric. */
  output: Dense | null;
  source: CalibrationSource;
  /** What the reader must know of it: tokens left out, fewer tokens than columns, what did not fit its budget. */
  notes: string[];
}

/** What a step has to have of a calibration; each holds what stands before it, as far as its source has it. */
export type CalibrationNeed = "none" | "channels" | "rows" | "gram" | "cross" | "gradients";

/** A part of a calibration that may be missing. */
export type CalibrationPart = Exclude<
  { [K in keyof Calibration]-?: null extends Calibration[K] ? K : never }[keyof Calibration],
  "tokens"
>;
