/** What is asked of the signals that run the model, and of the measurement of a mix, and what comes back: plain data. */
import type { Estimate } from "../lm/figures/estimate.ts";
import type { LmDevice, NoiseFloor } from "../lm/request.ts";
import type { TextSpec } from "../models/text/spec.ts";
import type { WindowsSpec } from "../models/text/windows.ts";

/** Signals that need the model to be run on text, by the names of `kernels/signals`. */
export const MODEL_SIGNALS = ["kl", "gradient", "fisher", "trace", "eigenvalue", "interaction", "lrp"] as const;
export type ModelSignal = (typeof MODEL_SIGNALS)[number];

/**
 * Where the Hessian of `trace` and `eigenvalue` comes from: `inputs` takes H = 2 X X^T / T of each layer's inputs (Gauss-Newton of the
 * squared output error, alike for all outputs), `network` differences of the loss's gradient through the whole network.
 */
export type HessianForm = "inputs" | "network";

export interface SensitivityRequest {
  /** The open source that the model is in. */
  source: string;
  /** Recipes that each tensor is scored under. */
  recipes: string[];
  signals: ModelSignal[];
  text: TextSpec;
  windows: WindowsSpec;
  /** Of the draws of estimators (Rademacher vectors, first vectors of power iterations). */
  seed: number;
  /** Names of stored tensors; null: every linear weight of the layers (the head and the embedding have to be named). */
  tensors: string[] | null;
  /** Recipes that the keys and values of each layer, together, are scored under, by `kl`. Absent: they are not. */
  cacheRecipes?: string[];
  definitions: string[];
  /** The name of an open calibration, for recipes that use one. */
  calibration?: string;
  /** Null takes the best there is. */
  device: LmDevice | null;
  /** Bytes that weights and hidden states may take. Null: what is usual here. */
  budget: number | null;
  /** Scores that are known from a run that was left: they are given back as they are, and are not measured again. */
  known?: KnownScore[];
  /**
   * Whose gradient `gradient` takes: of the model as it is (usual), or with the recipe in all scored tensors, as AutoRound does; `divergence`:
   * there, too, the gradient of the KL to the model as it is, with its sign, as MLX does.
   */
  gradientAt?: "stored" | "quantized" | "divergence";
  /** Where `fisher` is taken: at the weights, a window a sample (usual), or at the outputs, a token a sample, as ModelOpt does. */
  fisherAt?: "weights" | "outputs";
  /** Usual: `inputs`. */
  hessian?: HessianForm;
  /** Of the Hessian through the network: samples of the trace (usual: 16), products of a power iteration (usual: 20), at the most. */
  samples?: number;
  /** Of `interaction`: beside the scores, how many of the least sensitive tensors may have the recipe at once within this KL, by bisection. */
  bound?: number;
  /** Of `interaction`: at most so many tensors, those with the largest KL alone. Usual: 8. */
  probes?: number;
}

/** One figure: of a tensor under a recipe, or of a tensor alone where the signal knows no recipes. */
export interface KnownScore {
  signal: ModelSignal;
  /** As stored; of keys and values the name of their attention. */
  tensor: string;
  /** Canonical; null where the signal knows no recipes. */
  recipe: string | null;
  /** Null: there is none, and `refused` says why. */
  value: number | null;
  /** Standard error over windows, or of the estimator; null where there is none. */
  error: number | null;
  /** Why there is no figure. */
  refused?: string;
}

/** Said before anything runs. */
export interface SensitivityPlan {
  windows: number;
  windowsInAll: number;
  predictions: number;
  tensors: number;
  recipes: number;
  /** Windows through the network from end to end, as many as it will take in all (a part of the layers counts as that part). */
  passes: number;
  /** Bytes that weights, hidden states and gradients take at most. */
  bytesHeld: number;
  device: LmDevice;
  /** Seconds, as far as this device is known; null before anything was measured on it. */
  seconds: number | null;
  text: string;
  /** Where text that scores also calibrated: a sentence, else null. */
  overlap: string | null;
}

export type SensitivityPart =
  | { part: "plan"; plan: SensitivityPlan }
  | { part: "score"; score: KnownScore }
  | { part: "note"; note: string };

/** Scores in the shape that the score file has. */
export interface SensitivitySignal {
  /** By tensor, then by recipe (one column where the signal knows none). Null where there is none. */
  values: (number | null)[][];
  error?: (number | null)[][];
  /** How it was made, in a sentence: text, windows, form. */
  about: string;
}

/** What keys and values of single layers do, each alone quantized. */
export interface CacheSensitivity {
  /** The names of the attentions, as rules for caches begin, and their layers. */
  layers: { name: string; layer: number }[];
  /** Canonical. */
  recipes: string[];
  /** By layer of the list, then by recipe. */
  kl: SensitivitySignal;
  refused: (string | null)[][];
}

/** How two tensors' errors meet: L(i and j) - L(i) - L(j) + L(0), of KL (L(0) = 0). */
export interface Interactions {
  recipe: string;
  /** As stored. */
  tensors: string[];
  /** Symmetric, row-major; the diagonal is the KL of each alone. */
  values: number[];
}

/** The longest prefix of an order that holds a bound, found by bisection. */
export interface BoundedPrefix {
  recipe: string;
  /** KL that is allowed, nats a prediction. */
  bound: number;
  /** As stored, the least score first; only those that have one. */
  order: string[];
  /** So many of the first ones may be quantized. */
  length: number;
  /** What was measured, in its order; null where logits are not finite, which holds no bound. */
  tried: { length: number; kl: number | null; stderr: number | null }[];
}

export interface SensitivityAnswer {
  plan: SensitivityPlan;
  tensors: string[];
  /** Canonical, in the order of the request. */
  recipes: string[];
  signals: Partial<Record<ModelSignal, SensitivitySignal>>;
  /** By tensor and recipe: why no signal has a figure; null where one has. */
  refused: (string | null)[][];
  /** Null where it was not asked for. */
  cache: CacheSensitivity | null;
  interactions: Interactions[];
  /** By recipe, where a bound was asked for. */
  prefixes: BoundedPrefix[];
  /** KL below it is none. */
  noise: NoiseFloor | null;
  /** SHA-256 of the text that scored, with its range and windows: what a cache or a file names it by. */
  textKey: string;
  about: string;
  seconds: number;
  notes: string[];
}

/** A model recipe that is measured. */
export interface MixToMeasure {
  /** For the reader: "chosen at 3.5 bits", "Q4_K_M", "int3/128 everywhere". */
  name: string;
  kind: "chosen" | "neighbour" | "uniform" | "named" | "file";
  /** `pattern=recipe` rules. */
  weights: string;
  /** KL that the scores foretell, where they do; null otherwise. */
  predicted: number | null;
}

export interface MeasureRequest
  extends Pick<
    SensitivityRequest,
    "source" | "text" | "windows" | "definitions" | "calibration" | "device" | "budget"
  > {
  mixes: MixToMeasure[];
}

export interface MeasuredMix extends MixToMeasure {
  /** Canonical. */
  recipe: string;
  /** Over all weights of the network, as they would be stored. */
  bitsPerWeight: number;
  kl: Estimate;
  nll: Estimate;
  perplexity: Estimate;
  topOne: Estimate;
  /** KL less that of the chosen mix, paired by window; null for the chosen one, and where none is chosen. */
  against: Estimate | null;
  /** Predictions whose logits are not finite: then there are no means. */
  broken: number;
  /** Why it could not be measured; then there are no figures. */
  failed: string | null;
}

export type MeasurePart =
  | {
      part: "plan";
      plan: Pick<SensitivityPlan, "windows" | "windowsInAll" | "predictions" | "device" | "seconds" | "text">;
    }
  | { part: "mix"; index: number; mix: MeasuredMix }
  | { part: "note"; note: string };

export interface MeasureAnswer {
  mixes: MeasuredMix[];
  noise: NoiseFloor | null;
  /** Sums foretold against measured, over the mixes that have both. */
  additivity: Additivity | null;
  /** The best uniform mix at no more bits than the chosen one; null where one of the two was not measured. */
  uniform: AgainstUniform | null;
  textKey: string;
  about: string;
  seconds: number;
  notes: string[];
}

export interface Additivity {
  mixes: number;
  /** Root mean square of log(measured / foretold). */
  logError: number;
  /** Of the chosen mix: measured less foretold, as a share of what was measured; null where it was not measured. */
  chosen: number | null;
}

export interface AgainstUniform {
  /** Its place among the mixes. */
  index: number;
  name: string;
  /** KL of the chosen mix less that of the uniform one, paired by window: below zero the chosen one is better. */
  by: Estimate;
  /** Whether the chosen one is worse: then that is what is said first. */
  worse: boolean;
}
