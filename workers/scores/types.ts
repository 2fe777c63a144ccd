/**
 * Scores of a whole model: what each recipe of a grid does to each tensor, by one signal or several. The file is JSON; whatever makes
 * scores (values of rows, runs of the model, other programs' files) writes this shape, and tables, views and allocations read no other.
 */

export const SCORES_KIND = "quantscope-scores";
export const SCORES_VERSION = 1;

/** Which checkpoint scores are of: files by size and digest, or an address and the shapes behind it. */
export interface ScoresFingerprint {
  /** For the reader. */
  name: string;
  /** Bytes of all tensors. */
  size: number;
  /** Hex: SHA-256 over names, types and shapes of all tensors; first 16 bytes. */
  digest: string;
  /** The same over the fingerprints of its files; null or absent where it is read from an address, whose files are not looked through. */
  content?: string | null;
}

/** A tensor that has scores, or one expert of a stack of them. */
export interface ScoredTensor {
  /** As the source calls it, and as rules of a model recipe name it; an expert of a stack is `NAME[3]`. */
  name: string;
  /** As stored; of an expert without the first dimension. */
  shape: number[];
  /** Counted from 0; null where its name has none (embeddings, the head). */
  layer: number | null;
  /** What it does, alike in all layers: "q_proj", "down_proj", "router", "embedding", "head" ...; the last part of its name where no more is known. */
  role: string;
  /** Of a mixture: its number, from its name or its place in the stack; null for all others, and for a stack as one. */
  expert: number | null;
  elements: number;
  /** As the file stores it, a whole number: what `keep` costs. */
  storedBits: number;
  /** Of the matrix that recipes quantize, and how many of its rows figures are over. */
  rows: number;
  rowsRead: number;
  /** Runs of rows that were drawn, two of each stretch: half as many degrees of freedom (`intervalFactor`). 0 or absent: all rows were read. */
  runs?: number;
  /** Sum of its squares, from the rows read; null where no value is finite or nothing was read. */
  energy: number | null;
  /** Its standard error; 0 or absent where all rows were read. */
  energyError?: number;
  /** Of each recipe, in the order of `recipes`: everything that would be stored, whole bits, counted from the shape alone. NaN is null. */
  bits: (number | null)[];
  /** Of each recipe: why it has no figures here, as a sentence; null where it has. */
  refused: (string | null)[];
  /** Of each recipe: whether its figures are those of the whole tensor. */
  exact: boolean[];
  /**
   * Of each recipe: what is not as in the whole tensor beside the rows that were left out, in a clause (a scale of the whole tensor that was
   * taken from the rows read); null for nothing. Absent: nothing anywhere.
   */
  inexact?: (string | null)[];
  /** What the reader should know, in sentences: types that were rounded on reading. Absent: nothing. */
  notes?: string[];
}

/** What one signal says. */
export interface SignalScores {
  /** By tensor, then by recipe; one column where the signal does not ask for the recipe. Null: there is no such figure. */
  values: (number | null)[][];
  /** Standard errors of the values; 0 where they are exact, null where they are not known. Absent: not known anywhere. */
  error?: (number | null)[][];
  /**
   * By tensor: what a value is multiplied with to be added up over tensors (of `nmse` the tensor's share of the model's energy). Absent: 1,
   * for signals that are losses of the model themselves. Null where a tensor has none.
   */
  weight?: (number | null)[];
  /** What was measured, on what: a sentence for the reader. */
  about: string;
  /** Of a run of the model: names text, windows and seed, for whoever goes on with it. Absent: nobody can. */
  ground?: string;
  /** Of a run that was left before its end: what is null may be had yet. */
  unfinished?: true;
}

/** What a layer keeps of a context's keys and values, together: one choice for both. */
export interface ScoredCache {
  /** The name of its attention: rules for caches are `NAME.*`. */
  name: string;
  layer: number;
  /** Values of all tokens that it keeps. */
  elements: number;
  /** In float16, as engines keep it where nothing is said: what `keep` costs. */
  storedBits: number;
  /** Of each recipe of the cache, whole bits, counted from the shape alone; null where they cannot be. */
  bits: (number | null)[];
  refused: (string | null)[];
}

/** Scores of the cache of keys and values, by layer: beside the tensors, since they are in no file and are no weights. */
export interface CacheScores {
  /** Tokens of the one sequence that bits are of; values of signals do not depend on it. */
  context: number;
  /** Canonical. `keep` (float16) is understood. */
  recipes: string[];
  layers: ScoredCache[];
  /** Values by layer of the list, then by recipe. Only signals that are losses of the model themselves, and add to those of tensors. */
  signals: Record<string, SignalScores>;
  /** What the reader should know, in sentences. */
  notes: string[];
}

export interface ScoreFile {
  kind: typeof SCORES_KIND;
  version: typeof SCORES_VERSION;
  /** Of the definition of numbers (`NUMBERS_VERSION`). */
  numbers: number;
  fingerprint: ScoresFingerprint;
  /** What the reader calls the checkpoint. */
  source: string;
  seed: number;
  /** Share of each tensor's rows that was asked for; 1: all of them. */
  share: number;
  /** Whether scales of whole tensors were taken from all of them. Absent: not. */
  wholeStatistics?: boolean;
  /** Bytes that a tensor was allowed under a recipe that holds it. Absent, or null: what is usual. */
  budget?: number | null;
  /** Canonical. `keep` is understood and not among them. */
  recipes: string[];
  /** Named codebooks that the recipes use. */
  definitions: string[];
  /** What was known of inputs; null for nothing. */
  calibration: { name: string; kind: string /** Of its files; absent where it has none. */; digest?: string } | null;
  tensors: ScoredTensor[];
  signals: Record<string, SignalScores>;
  /** Absent: the cache was not scored. */
  cache?: CacheScores;
  /** Tensors of the checkpoint without scores, by why: a file of the whole model holds them as they are stored. Absent: not known. */
  leftOut?: LeftOut[];
  /** What the reader should know of all of it, in sentences. */
  notes: string[];
}

/** Tensors that are not scored, of which `why` is a clause: "embeddings", "unreadable". */
export interface LeftOut {
  why: string;
  names: number;
  elements: number;
  storedBits: number;
}

/** Which tensors are scored beside the weights of two dimensions and more. */
export interface ScoredKinds {
  /** Norms, biases and other tensors of one dimension. */
  small: boolean;
  embeddings: boolean;
  head: boolean;
  /** Stacks of experts (three dimensions): one recipe for all of a stack, or a score for each. */
  experts: "one" | "each";
}

export const USUAL_KINDS: ScoredKinds = { small: false, embeddings: false, head: false, experts: "one" };

/** What is asked for. */
export interface ScoresRequest {
  /** The name of the open source. */
  source: string;
  /** Recipes of the grid; such as cannot be read, or stand twice, are refused before anything is read. */
  recipes: string[];
  definitions: string[];
  /** Names of signals of values (`kernels/signals`); those that a calibration is needed for need `calibration`. */
  signals: string[];
  kinds: ScoredKinds;
  /** Patterns as in a model recipe; only tensors that one of them matches. Empty: all. */
  only: string[];
  /** Share of rows to read of each tensor, above 0 up to 1; null: 2 % where the source has more than `WHOLE_BYTES`, else all. */
  share: number | null;
  seed: number;
  /** Read all of a sampled tensor for what a recipe needs to know of the whole of it (the scale of nvfp4): slow, and exact. */
  wholeStatistics: boolean;
  /** Bytes that a tensor may take in memory where a recipe holds the matrix; beyond it the recipe is refused. Null: what is usual here. */
  budget: number | null;
  /** The name of an open calibration. Absent: nothing is known of inputs. */
  calibration?: string;
  /**
   * Scores whose rows are left out, so that a choice is judged on rows that did not make it: their seed, share and recipes. Tensors that were
   * read whole, or nearly, have no other rows: they are measured again and say so.
   */
  fresh?: Pick<ScoreFile, "seed" | "share" | "recipes">;
}

/** Sources of fewer bytes are read whole where nothing is said. */
export const WHOLE_BYTES = 1e9;
/** Share of the bytes that is read of larger ones. */
export const USUAL_SHARE = 0.02;

/** What is said before anything is read. */
export interface ScoresPlan {
  fingerprint: ScoresFingerprint;
  /** In their order. Their figures of rows read, energy and exactness are those that are expected. */
  tensors: PlannedTensor[];
  /** Tensors of the source that are not scored, by why. */
  leftOut: LeftOut[];
  /** The share that holds, and what of the bytes is read for it. */
  share: number;
  bytesRead: number;
  /** What an exact answer would read. */
  bytesExact: number;
  /** Bytes of all tensors of the source. */
  bytesInAll: number;
  /** Canonical. */
  recipes: string[];
  notes: string[];
}

/** A tensor before it was read. */
export type PlannedTensor = Pick<
  ScoredTensor,
  "name" | "shape" | "layer" | "role" | "expert" | "elements" | "storedBits" | "rows" | "rowsRead" | "runs"
> & { bytesRead: number };

/** The scores of one tensor, as they come: a row of the file. */
export interface TensorScores {
  tensor: ScoredTensor;
  /** By signal: a row of its `values` and `error`, and the tensor's weight where the signal has such. */
  signals: Record<string, { values: (number | null)[]; error: (number | null)[] | null; weight: number | null }>;
  notes: string[];
}
