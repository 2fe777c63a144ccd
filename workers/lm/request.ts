/** What is asked of a language model on text, and what comes back while it runs: plain data, as jobs and the command line use it. */
import type { CalibrationUse } from "../../kernels/calibration/index.ts";
import type { BackendName } from "../../kernels/report/report.ts";
import type { TextSpec } from "../models/text/spec.ts";
import type { WindowsSpec } from "../models/text/windows.ts";
import type { LmFigures } from "./figures/index.ts";

/** Rules for a whole model, as text. An empty list of rules leaves everything as it is. */
export interface ModelRecipe {
  /** `pattern=recipe` rules over the names of stored tensors; what no rule names is kept as stored, at its stored bits. */
  weights: string;
  /**
   * `pattern=recipe` rules over the names of weights, for the inputs that these meet. Before a recipe may stand when its scales are
   * found: `static` (from the calibration) or `dynamic`, which is understood. An input goes through what its weight's transforms do to
   * inputs first.
   */
  activations: string;
  /**
   * `pattern=recipe` rules for what a cache of keys and values would hold (keys after their rotation). Names are
   * `layers.N.keys.H` and `layers.N.values.H` of layer N and key-value head H; rows are tokens, columns the channels of the head, so that
   * `/col` is by channel and `/row` by token.
   */
  cache: string;
}

export interface LmRequest {
  /** The open source that the model is in. */
  source: string;
  text: TextSpec;
  windows: WindowsSpec;
  /** Null: nothing on this side. */
  a: ModelRecipe | null;
  b: ModelRecipe | null;
  definitions: string[];
  /** The name of an open calibration; its text's overlap with the text judged is stated. Absent: nothing is known of inputs. */
  calibration?: string;
  /** Null takes the best there is. */
  device: LmDevice | null;
  /** Bytes that weights and hidden states may take; beyond them the model passes layer by layer. Null: what is usual here. */
  budget: number | null;
}

export type LmDevice = "wasm" | "webgpu";
export type Side = "a" | "b";

/** What is said before anything runs. */
export interface LmPlan {
  /** Windows that run, and those of the whole text. */
  windows: number;
  windowsInAll: number;
  /** Predictions that are judged. */
  predictions: number;
  /** Tokens of the text, and those at its end that fill no window. */
  tokensInAll: number;
  leftOver: number;
  /** Whether the model passes layer by layer because it does not fit. */
  streamed: boolean;
  /** Bytes that are read of the model, and those that weights and hidden states take at most. */
  bytesRead: number;
  bytesHeld: number;
  device: LmDevice;
  /** Seconds, as far as this device is known; null before anything was measured on it. */
  seconds: number | null;
  /** What the text is, for the line beside the figures. */
  text: string;
  /** Where text that judges also calibrated: a sentence, else null. */
  overlap: string | null;
}

/** What a rule did to a tensor. */
export interface LmTensor {
  side: Side;
  /** As stored. */
  name: string;
  layer: number | "ends";
  elements: number;
  /** Canonical; null where it is kept as stored. */
  recipe: string | null;
  bitsPerWeight: number;
  /** Of the weight; null where it is kept, or there is no signal. */
  nmse: number | null;
  /** Results that are not finite where the value was. */
  broken: number;
  backend: BackendName | null;
  calibration?: CalibrationUse;
  notes: string[];
}

/** What a model would say next at each prediction. */
export interface FirstChoices {
  /** The likeliest token, the first among equals. */
  tokens: Uint32Array;
  /** Its probability; NaN where logits are not finite, and then the token tells nothing. */
  p: Float64Array;
}

/** Predictions of a window, one value each. */
export interface WindowBase {
  /** Its number among all windows of the text. */
  index: number;
  /** The number of the text's first token that is judged in it: tokens `first` to `first + targets.length - 1` are predicted. */
  first: number;
  /** Tokens that are predicted. */
  targets: Uint32Array;
  /** Their text. */
  pieces: string[];
  /** -log p of the right token under the model as it is, in nats; NaN where its logits are not finite. */
  nll: Float64Array;
  choices: FirstChoices;
}

/** The same predictions under a recipe. */
export interface WindowSide {
  nll: Float64Array;
  /** KL(as it is || recipe) in nats; NaN where the logits of either are not finite. */
  kl: Float64Array;
  /** 1 where the first choices agree. */
  same: Uint8Array;
  /** p(recipe) - p(as it is) of the right token. */
  change: Float64Array;
  choices: FirstChoices;
}

export interface WindowResult extends WindowBase {
  /** The text of every token that is a first choice of the model as it is, of A or of B. */
  chosen: ReadonlyMap<number, string>;
  a: WindowSide | null;
  b: WindowSide | null;
}

export type LmPart =
  | { part: "plan"; plan: LmPlan }
  | { part: "tensor"; tensor: LmTensor }
  | { part: "window"; window: WindowResult }
  /** KL of the model as it is to itself with sums in another order, in nats a prediction: less is none. */
  | { part: "noise"; noise: NoiseFloor }
  | { part: "note"; note: string };

export interface NoiseFloor {
  /** Mean KL over the predictions of the windows that it was measured on. */
  kl: number;
  windows: number;
}

/** What stands beside the figures of a side. */
export interface SideAnswer {
  /** Canonical. */
  recipe: ModelRecipe;
  /** Over all weights of the network, as they would be stored. */
  bitsPerWeight: number;
  /** Weights that a rule names, and those there are. */
  touched: number;
  weights: number;
  notes: string[];
}

export interface LmAnswer {
  plan: LmPlan;
  a: SideAnswer | null;
  b: SideAnswer | null;
  noise: NoiseFloor | null;
  /** Bits a weight of the model as it is stored. */
  bitsPerWeight: number;
  /** Of all windows, with the standard errors of percentiles, which take long. */
  figures: LmFigures;
  /** Where it ran, in words. */
  about: string;
  seconds: number;
  notes: string[];
}

/** Greedy continuation of a prompt. */
export interface ContinueRequest
  extends Pick<LmRequest, "source" | "a" | "b" | "definitions" | "calibration" | "device" | "budget"> {
  prompt: string;
  /** Tokens that are written at most. */
  tokens: number;
}

export type Writer = "base" | Side;

export interface ContinuePart {
  writer: Writer;
  token: number;
  piece: string;
}

export interface Continuation {
  tokens: Uint32Array;
  text: string;
  /** The place among the written tokens where it first differs from what the model as it is writes; null where it does not. */
  differs: number | null;
  /** Why it ended: so many tokens were asked for, the model's own end, no more positions, or logits that are not finite. */
  end: "length" | "stop" | "positions" | "broken";
}

export interface ContinueAnswer {
  prompt: { tokens: Uint32Array; text: string };
  base: Continuation;
  a: Continuation | null;
  b: Continuation | null;
  notes: string[];
}

/** Queries, keys and values of a layer while text runs through the model as it is. */
export interface AttentionRequest extends Pick<LmRequest, "source" | "text" | "windows" | "device" | "budget"> {
  layer: number;
  /** Query heads [from, to). */
  heads: [from: number, to: number];
}

/** Row-major matrices of tokens x channels, one window. */
export interface AttentionHead {
  head: number;
  /** The key-value head that it reads. */
  keyValueHead: number;
  queries: Float32Array;
  keys: Float32Array;
  values: Float32Array;
}

export interface AttentionAnswer {
  tokens: number;
  headWidth: number;
  /** What scores are multiplied by before softmax. */
  scale: number;
  /** Scores s become cap tanh(s / cap); null where they are not capped. */
  cap: number | null;
  /** Keys that a query sees: so many before it and itself; null for all. */
  span: number | null;
  heads: AttentionHead[];
}
