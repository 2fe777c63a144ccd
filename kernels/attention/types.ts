/** One head of attention: what meets in softmax(Q K^T scale) V. Row-major float32. */
export interface AttentionHead {
  /** Tokens that ask, and tokens that are asked: rows of `queries`, and of `keys` and `values`. */
  tokens: number;
  keyTokens: number;
  /** Values of a query and of a key, and of a value. */
  dim: number;
  valueDim: number;
  queries: Float32Array;
  keys: Float32Array;
  values: Float32Array;
}

export interface AttentionShape {
  /** What logits are multiplied by; 1 / sqrt(dim) as a rule. */
  scale: number;
  /** Whether a token sees those before it and itself alone; the last of `tokens` sees all of `keyTokens`. */
  causal: boolean;
}

/** What of attention goes through a recipe. Probabilities are exp(logit - row's largest), 0 to 1, before they are divided by their sum. */
export const ATTENTION_ROLES = ["queries", "keys", "values", "probabilities"] as const;
export type AttentionRole = (typeof ATTENTION_ROLES)[number];

/** Sums over outputs, added up head by head. */
export interface AttentionSums {
  outputs: number;
  signal: number;
  error: number;
  /** Of magnitudes. */
  absSignal: number;
  absError: number;
  /** Sum of products of outputs with and without. */
  product: number;
  /** Sum of squared outputs of the quantized attention. */
  energy: number;
  logitSignal: number;
  logitError: number;
  /** Rows of probabilities, and sums over them of KL(as they are || quantized) and of both entropies, in nats. */
  rows: number;
  kl: number;
  entropy: number;
  entropyAfter: number;
  /** Outputs that are not finite though the value without recipes was. */
  broken: number;
}
