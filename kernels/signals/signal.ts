/**
 * What a signal is: a figure that says how much a tensor of a model suffers from a recipe, or how much it could suffer from any. It
 * is a folder, registered by one line in `index.ts`. The entry is words alone; what computes is loaded when it is asked for.
 */
import type { Calibration } from "../calibration/types.ts";
import type { Citation } from "../steps/step.ts";

/**
 * What a signal has to see beside the recipe: the weight's values alone; statistics of its input channels; the Gram matrix of its
 * inputs; input tokens themselves; gradients of a loss; a model that runs; the reader's own device.
 */
export type SignalNeed = "values" | "channels" | "gram" | "rows" | "gradients" | "model" | "device";

export interface Signal {
  /** Its key in score files, links and on the command line. */
  name: string;
  /** What tables and axes call it. */
  title: string;
  /** What it is, in one clause. */
  says: string;
  paper: Citation | null;
  needs: SignalNeed;
  /**
   * Whether it has a value for each recipe. Such a one is a loss: more is worse. One without has a value for the tensor as it is, and
   * says in `tells` what a large one means.
   */
  byRecipe: boolean;
  /** Whether the sum over tensors means something, so that a search for the best mix may add values up. */
  additive: boolean;
  /** Why it may be added up, or may not, in a clause. */
  sums: string;
  /** Of one without recipes: whether a tensor with more of it wants more bits, fewer, or whether it does not say. */
  tells?: "more bits" | "fewer bits" | "neither";
  /** Why there may be no value, in a clause that goes on after "since". */
  none: string;
  /** It looks at the inputs of the same tensor one layer before as well (`SignalRows.before`). */
  before?: true;
  /** What computes it of a weight's rows; absent where it takes a running model, a device or several tensors at once. */
  work?: () => Promise<SignalWork>;
}

/** Rows of a weight, with what a recipe made of them, and what is known of the inputs that they meet. */
export interface SignalRows {
  /** The first of these rows in the weight, which matters where rows belong to experts. */
  row0: number;
  /** Of the whole weight. */
  rows: number;
  cols: number;
  /** Row-major, whole rows. */
  values: Float32Array;
  /** What the recipe made of them, in the same order. */
  results: Float32Array;
  calibration: Calibration | null;
  /** What is known of the inputs of the same tensor one layer before; null or absent where there is none. */
  before?: Calibration | null;
  /** Called every few hundredths of a second; may reject, which ends the work. */
  pace?(): Promise<void>;
}

/**
 * What rows add to a signal, one number a row each: the sums of a tensor are estimated from sampled rows, with an interval. An element
 * that is not finite is in neither; one whose result is not, where its value was, is counted in `broken`.
 */
export interface RowTerms {
  error: Float64Array;
  signal: Float64Array;
  /** No figure of a tensor with any says anything: what cannot be is not in the sums. */
  broken: number;
}

/** Totals of a tensor: measured on all rows, or estimated from some. */
export interface SignalTotals {
  error: number;
  signal: number;
  /** Elements of the tensor. */
  elements: number;
}

/** The model that a tensor is a part of, over the tensors that are scored. */
export interface ModelTotals {
  /** Sum of the tensors' `signal`. */
  signal: number;
  elements: number;
}

/** A signal by recipe that is a function of two sums over rows. */
export interface RowSignal {
  of: "rows";
  /** Rejects where the calibration lacks what the signal needs (`missingFor` says it beforehand). */
  terms(rows: SignalRows): Promise<RowTerms>;
  /** `null` where there is none: an empty tensor, or one without a signal. Never NaN. */
  value(of: SignalTotals, model: ModelTotals): number | null;
}

/** A signal by recipe that is no sum over rows: it is taken of the rows at hand, and has no interval. */
export interface ResultSignal {
  of: "results";
  /** Of all of the tensor, or of sampled rows. Never NaN. */
  value(rows: SignalRows): Promise<number | null>;
}

/** A signal of the tensor as it is. */
export interface TensorSignal {
  of: "tensor";
  /** Of the rows at hand: all of the tensor, or sampled ones. Never NaN. */
  value(rows: Omit<SignalRows, "results">): Promise<number | null>;
}

export type SignalWork = RowSignal | ResultSignal | TensorSignal;

/** What a calibration has to hold for a signal, in words, where it does not; null where it does. */
export function missingFor(needs: SignalNeed, calibration: Calibration | null): string | null {
  switch (needs) {
    case "values":
    case "model":
    case "device":
      return null;
    case "channels":
      return calibration?.meanSquare
        ? null
        : "mean squares of its input channels are needed, from a capture or an importance matrix";
    case "gram":
      return calibration?.gram ? null : "the Gram matrix of its inputs is needed, from a capture of activations";
    case "rows":
      return calibration?.rows ? null : "input tokens are needed, from a capture of activations";
    case "gradients":
      return calibration?.output && calibration.gram
        ? null
        : "gradients of a loss are needed beside the inputs, from a capture that takes them";
  }
}
