/**
 * The contract of a network that runs on text: what an architecture is made of, and a machine that computes it a layer at a
 * time. Everything is float32; a window is tokens x width, row-major.
 */

/** How a stored matrix becomes the one that the network wants; several are applied in their order. Rows are outputs. */
export type Adaptation =
  /** Stored as inputs x outputs. */
  | { do: "transpose" }
  /**
   * The rows of each head stand as rotary pairs beside each other, and are wanted half a head apart: row 2 j + i of a head is
   * row i size/2 + j. `size` is the number of rotated rows of a head, its first ones; the rest of a head stays.
   */
  | { do: "halves"; heads: number; size: number }
  /** The rows stand as [groups, heads, rest] and are wanted as [heads, groups, rest]. */
  | { do: "regroup"; groups: number; heads: number }
  /** Every value is wanted larger by so much. */
  | { do: "add"; value: number }
  /** The stored rows are those of several parts as large as this one, one after the other; wanted is the one of this number. */
  | { do: "slice"; index: number };

/** Where a part lies in a checkpoint of one kind. */
export interface Stored {
  name: string;
  adapt: Adaptation[];
}

/** Who wrote a checkpoint: transformers, llama.cpp (GGUF), or Meta's own names (`layers.0.attention.wq.weight`). */
export type Writer = "transformers" | "gguf" | "meta";

/** One array that has to be loaded. */
export interface Part {
  /** As transformers names it inside the model: "model.layers.0.self_attn.q_proj.weight". */
  name: string;
  /** As the network wants it: a matrix is [outputs, inputs] (an embedding [tokens, width]), anything else one number. */
  shape: number[];
  /** What it does, alike in all layers: "q_proj", "qkv_proj", "o_proj", "gate_proj", "up_proj", "down_proj", "router", "norm", "bias", "embedding", "head" ... */
  role: string;
  /** A weight of y = x W^T, which a recipe may quantize. */
  linear: boolean;
  /** The name of the input that it reads; parts that share an input share it. Null where it is not linear. */
  site: string | null;
  /** May be absent: a tied head, for which the embedding stands. */
  optional?: true;
  /** Where it lies in the checkpoints of each writer; a writer that has no such family is absent. */
  stored: Partial<Record<Writer, Stored>>;
}

/** A place of the network that can be looked at. Values are rows x cols, only of true tokens, never of padding. */
export interface Site {
  /** For an input of linear layers the first of them, without ".weight"; else the attention's name and what is looked at: "model.layers.0.self_attn.keys". */
  name: string;
  layer: number | "ends";
  /**
   * What is looked at: an input of linear layers; queries, keys and values as attention takes them (after norms and rotation,
   * tokens x heads size); queries and keys before the rotation.
   */
  kind: "input" | "queries" | "keys" | "values" | "queries before rotation" | "keys before rotation";
  /** The parts that read an input; empty for the rest. */
  readers: string[];
  cols: number;
  /** Heads of queries, keys or values; 1 for an input. */
  heads: number;
  /** Of an expert: its number. Its rows are the tokens that were routed to it. */
  expert?: number;
}

/** Rotary positions. Dimension pairs (i, i + size/2) of the first `size` of a head are turned by position * frequencies[i]. */
export interface Rotation {
  size: number;
  /** Radians a position; size / 2. */
  frequencies: number[];
  /** Cosine and sine are multiplied by it (yarn, longrope). */
  amplitude: number;
  /** Beyond so many tokens in a window these frequencies hold instead (longrope). */
  beyond?: { tokens: number; frequencies: number[] };
  /** Windows longer than this would turn otherwise, and are refused (dynamic). */
  longest?: number;
}

export interface Norm {
  kind: "rms" | "layer";
  epsilon: number;
  /** The gain is one more than what is stored (gemma). */
  plusOne: boolean;
  weight: string | null;
  bias: string | null;
}

/** y = x W^T + b, by the names of its parts. */
export interface Linear {
  weight: string;
  bias: string | null;
  outputs: number;
  inputs: number;
}

/** A norm of queries or keys: over each head with one gain for all, over each head with gains of its own, or over all heads at once. */
export interface HeadNorm extends Norm {
  over: "head" | "own head" | "all";
}

export interface Attention {
  /** Its module: "model.layers.0.self_attn". */
  name: string;
  heads: number;
  keyHeads: number;
  size: number;
  /** Three linears, or one whose outputs are queries, keys, values one after the other ("rows") or so head by head ("heads"). */
  projections: { query: Linear; key: Linear; value: Linear } | { fused: Linear; order: "rows" | "heads" };
  output: Linear;
  queryNorm: HeadNorm | null;
  keyNorm: HeadNorm | null;
  /** Null: no positions in this layer, or learned ones. */
  rotation: Rotation | null;
  /** Scores are multiplied by it. */
  scale: number;
  /** Scores become cap tanh(scores / cap). */
  cap: number | null;
  /** A token sees itself and so many less one before it; null: all. */
  window: number | null;
}

export type Activation = "silu" | "gelu" | "gelu tanh" | "quick gelu" | "relu" | "relu squared";

/** Feed forward: down(act(gate x) * up x), or down(act(up x)) without a gate. `fused`: gate's rows, then up's. */
export interface FeedForward {
  activation: Activation;
  gate: Linear | null;
  up: Linear;
  down: Linear;
  fused: boolean;
}

/** Experts: each token passes the `chosen` of them that its router likes best, and their outputs are added by weight. */
export interface Experts {
  router: Linear;
  experts: FeedForward[];
  chosen: number;
  /** The weights of the chosen ones are made to add up to one. */
  normalized: boolean;
}

/**
 * One layer: h + m * after(attention(before(h))), then the same with the feed forward; `parallel`: both read h and are added
 * to it at once. A norm that is null is none.
 */
export interface LayerDesign {
  attention: Attention;
  feed: FeedForward | Experts;
  beforeAttention: Norm | null;
  afterAttention: Norm | null;
  /** In a parallel layer null means: what the attention's own norm gave. */
  beforeFeed: Norm | null;
  afterFeed: Norm | null;
  parallel: boolean;
  /** What each half is multiplied by before it is added. */
  residual: number;
}

/** What stands before the first layer and behind the last. */
export interface EndsDesign {
  embedding: string;
  embeddingScale: number;
  /** Learned positions; token t has row t + offset. */
  positions: { name: string; offset: number; rows: number } | null;
  embeddingNorm: Norm | null;
  norm: Norm | null;
  /** Where `weight` is not loaded, the embedding stands for it. */
  head: Linear;
  /** Logits are multiplied by it, then capped. */
  logitScale: number;
  logitCap: number | null;
}

/** A language model as data, resolved from config.json or the keys of a GGUF file. */
export interface Architecture {
  /** As transformers names it: "llama", "gemma3_text". */
  family: string;
  /** For the reader: "Llama, 6 layers of width 256". */
  about: string;
  layers: number;
  width: number;
  vocabulary: number;
  /** Longest window that the positions allow: learned ones end there. Null where rotation allows any. */
  positions: number | null;
  /** Tokens of the windows that it was trained on, as far as its file says. */
  trainedWindow: number | null;
  /** The head is the embedding. */
  tied: boolean;
  /** Parameters of all parts that are not optional. */
  parameters: number;
  parts(of: number | "ends"): Part[];
  /** What can be looked at in a layer, in the order in which it is met; "ends": the head's input. */
  sites(of: number | "ends"): Site[];
  design(layer: number): LayerDesign;
  ends: EndsDesign;
  /** What the reader should know: values of the config that do not matter here, guesses. */
  notes: string[];
}

/** What a machine holds of the weights of one layer, or of the ends. */
export interface Loaded {
  readonly of: number | "ends";
  /** Bytes on the device that it does not share. */
  readonly bytes: number;
}

/** One window on its way through the layers, on the device: tokens x width. */
export interface Hidden {
  readonly tokens: number;
}

/** What looks at a window while it passes, and may put other values in its place. */
export interface Taps {
  wants(site: Site): boolean;
  /**
   * Values of the window at a site, rows x cols, in an array of the caller's own. What it returns (as long) is used instead. For an
   * input that several parts read, it may return one for each reader, side by side in each row: rows x (readers cols). Of an expert,
   * `tokens` says which tokens of the window its rows are; its readers share what they read.
   */
  at(
    site: Site,
    values: Float32Array,
    rows: number,
    cols: number,
    tokens?: Uint32Array,
  ): Promise<Float32Array | undefined>;
}

/** What is asked of a backward pass besides the gradient of the layer's input. */
export interface GradientTaps {
  /** Of a linear part: the loss's gradient at its output (rows x outputs: tokens, of an expert those routed to it), its weight's, or both. */
  wants(part: Part): { output?: boolean; weight?: boolean };
  /** Of an expert, `tokens` says which tokens of the window the rows are. */
  output?(part: Part, values: Float32Array, rows: number, cols: number, tokens?: Uint32Array): Promise<void>;
  weight?(part: Part, values: Float32Array, rows: number, cols: number): Promise<void>;
}

/** What a loss is made of, and its gradient. */
export interface Loss {
  /** Negative log-likelihood in nats by token; 0 where there is no target. */
  nll: Float32Array;
  /** Gradient of the sum of `nll` by the hidden states before the final norm. */
  gradient: Hidden;
}

/** How far predictions are from others, and its gradient. */
export interface Divergence {
  /** Nats by token; 0 where it does not count. */
  kl: Float32Array;
  /** Gradient of the sum of `kl` by the hidden states before the final norm. */
  gradient: Hidden;
}

/** No target: the last token of a text. */
export const NO_TARGET = 0xffffffff;

/**
 * One machine that computes an architecture. Calls come one after the other: a caller awaits each. Rejects with NetworkLostError
 * where the device is gone; values that are not finite pass through it as they are.
 */
export interface Network {
  device: "wasm" | "webgpu";
  /** For the reader: "WebGPU on nvidia hopper", "WebAssembly, 2 threads". */
  about: string;
  architecture: Architecture;
  /**
   * Takes the parts of a layer, or of the ends, to the device; the arrays are free afterwards. With `rest`, parts that `weights`
   * does not hold are shared with it. Throws where a part is missing or of another length.
   */
  load(of: number | "ends", weights: ReadonlyMap<string, Float32Array>, rest?: Loaded): Promise<Loaded>;
  /** Throws where a token is beyond the vocabulary, or the window longer than learned positions. */
  embed(ends: Loaded, tokens: Uint32Array): Promise<Hidden>;
  /** The window after a layer; `hidden` is kept. */
  layer(index: number, weights: Loaded, hidden: Hidden, taps?: Taps): Promise<Hidden>;
  /** Logits of tokens `from` to `to` of a window that has passed all layers, (to - from) x vocabulary: final norm, head, scale and cap. */
  logits(ends: Loaded, hidden: Hidden, from: number, to: number, taps?: Taps): Promise<Float32Array>;
  /** Cross entropy of a window that has passed all layers; `targets` by token, NO_TARGET for none. */
  loss(ends: Loaded, hidden: Hidden, targets: Uint32Array): Promise<Loss>;
  /**
   * KL(base || hidden) of what two windows that have passed all layers predict, by token in nats, and the gradient of its sum by `hidden`
   * before the final norm. `counts` by token: 1 where a prediction counts, else 0.
   */
  divergence(ends: Loaded, hidden: Hidden, base: Hidden, counts: Float32Array): Promise<Divergence>;
  /** Gradient of the loss by a layer's input `hidden`, from the gradient by its output. Both are kept. */
  backward(index: number, weights: Loaded, hidden: Hidden, gradient: Hidden, taps?: GradientTaps): Promise<Hidden>;
  /** tokens x width. */
  read(hidden: Hidden): Promise<Float32Array>;
  /** A window of values of the caller's: tokens x width. */
  write(values: Float32Array, tokens: number): Promise<Hidden>;
  release(one: Loaded | Hidden): void;
  /** Releases what is left. */
  end(): void;
}

export interface NetworkOptions {
  device: "wasm" | "webgpu";
  /** Where WebGPU comes from outside a browser; without it `navigator.gpu`. */
  gpu?: GPU;
  /**
   * "other" adds every sum over the inputs of a linear layer in another order: the same function, whose figures differ by rounding
   * alone. What they differ by is the noise floor.
   */
  order?: "usual" | "other";
}

/** The device was lost, or was never there; another one may do. */
export class NetworkLostError extends Error {
  override name = "NetworkLostError";
}

/** An architecture that is not known, or a config that says what no known one does. The message is for the reader. */
export class ArchitectureError extends Error {
  override name = "ArchitectureError";
}
