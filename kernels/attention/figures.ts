import type { AttentionSums } from "./types.ts";

/** What recipes did to attention. Null where there is nothing to compare: no outputs, or none that are not zero. */
export interface AttentionFigures {
  /** Sum of squared errors of the outputs over their sum of squares. */
  outputNmse: number | null;
  /** Cosine between outputs with and without. */
  cosine: number | null;
  /** Sum of magnitudes of errors over that of outputs. */
  relativeL1: number | null;
  /** Root of the mean squared error of an output. */
  rmse: number | null;
  /** As `outputNmse`, of logits; what shifts all logits of a query alike is no error, since softmax does not see it. */
  logitNmse: number | null;
  /** KL(as it is || quantized) of the probabilities of a query, mean, in nats; infinite where a key lost all its weight. */
  probabilityKl: number | null;
  /** Entropy of the probabilities of a query, mean, in nats, without recipes and with. */
  entropy: number | null;
  entropyAfter: number | null;
  /** Outputs that are not finite though they were: in no other figure. */
  broken: number;
}

/** The figures of sums over one head or several. */
export function attentionFigures(sums: AttentionSums): AttentionFigures {
  const over = (sum: number, whole: number) => (whole > 0 ? sum / whole : null);
  const norms = Math.sqrt(sums.signal * sums.energy);
  return {
    outputNmse: over(sums.error, sums.signal),
    cosine: over(sums.product, norms),
    relativeL1: over(sums.absError, sums.absSignal),
    rmse: sums.outputs > 0 ? Math.sqrt(sums.error / sums.outputs) : null,
    logitNmse: over(sums.logitError, sums.logitSignal),
    probabilityKl: over(sums.kl, sums.rows),
    entropy: over(sums.entropy, sums.rows),
    entropyAfter: over(sums.entropyAfter, sums.rows),
    broken: sums.broken,
  };
}
