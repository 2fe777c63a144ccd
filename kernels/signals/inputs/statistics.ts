/**
 * The figures that `llama-imatrix --show-statistics` prints of a weight's inputs, by the definitions of tools/imatrix/imatrix.cpp
 * (github.com/ggml-org/llama.cpp, `compute_statistics`), in float64 where it adds in float32: the last digits may differ. Nothing here
 * asks where the sums come from: an importance matrix of either form, or a captured calibration.
 */
import type { Calibration } from "../../calibration/types.ts";

/** Sums over tokens of the squares of each input channel: channels of the first matrix, then of the next (experts). */
export interface InputSums {
  sums: ArrayLike<number>;
  /** What the sums are divided by, each for an equal share of them. A share without tokens is left out of every figure. */
  counts: ArrayLike<number>;
}

export interface InputStatistics {
  /** Sum(Act^2): over channels, their mean squares. */
  total: number;
  mean: number;
  /** Over channels, not of a sample. */
  deviation: number;
  least: number;
  largest: number;
  /** Share of channels whose mean square is above 1e-5. */
  active: number;
  /** Channels. */
  channels: number;
  /** Entropy of the channels' shares of the total, in bits; null where all are zero. */
  entropy: number | null;
  /** E(norm): the entropy over log2 of the channels, 0 to 1; null where there is one channel, or no entropy. */
  evenness: number | null;
  /** ZD: the share of channels whose mean square is more than one deviation above the mean. */
  loud: number;
}

/** Mean squares at and below it are of channels that are not active. */
const INACTIVE = 1e-5;

/** What is known of a calibration's inputs as sums; null where it has no mean squares. */
export function sumsOfCalibration({ meanSquare, experts, tokens }: Calibration): InputSums | null {
  if (!meanSquare) return null;
  // How many tokens each expert met is not kept: their means count alike.
  if (experts) return { sums: experts.meanSquare, counts: new Array(experts.count).fill(1) };
  const count = tokens ?? 1;
  return { sums: meanSquare.map((square) => square * count), counts: [count] };
}

/** Mean squares by channel, without matrices that met no token. Throws RangeError where counts do not share the sums evenly. */
export function meanSquaresOf({ sums, counts }: InputSums): Float64Array {
  if (counts.length === 0 || sums.length % counts.length !== 0) {
    throw new RangeError(`${counts.length} counts do not share ${sums.length} sums evenly.`);
  }
  const each = sums.length / counts.length;
  const out: number[] = [];
  for (let m = 0; m < counts.length; m++) {
    if (!(counts[m] > 0)) continue;
    for (let i = m * each; i < (m + 1) * each; i++) out.push(sums[i] / counts[m]);
  }
  return Float64Array.from(out);
}

/** The figures; null where no channel met a token, or a sum is not finite. */
export function inputStatistics(of: InputSums): InputStatistics | null {
  const squares = meanSquaresOf(of);
  const channels = squares.length;
  if (channels === 0 || !squares.every((x) => x - x === 0)) return null;
  const total = squares.reduce((sum, x) => sum + x, 0);
  const mean = total / channels;
  // From sums of squares, as there; a constant gives zero and not what rounding leaves.
  const deviation = Math.sqrt(squares.reduce((sum, x) => sum + (x - mean) ** 2, 0) / channels);
  let entropy: number | null = null;
  if (total > 0) {
    entropy = 0;
    for (const x of squares) if (x > 0) entropy -= (x / total) * Math.log2(x / total);
  }
  return {
    total,
    mean,
    deviation,
    least: squares.reduce((a, b) => Math.min(a, b)),
    largest: squares.reduce((a, b) => Math.max(a, b)),
    active: squares.filter((x) => Math.abs(x) > INACTIVE).length / channels,
    channels,
    entropy,
    evenness: entropy === null || channels < 2 ? null : entropy / Math.log2(channels),
    loud: deviation > 0 ? squares.filter((x) => (x - mean) / deviation > 1).length / channels : 0,
  };
}
