/**
 * LRP-QViT's activations behind a norm: each channel has a range of its own, cut at a percentile, which is then one range for all, since
 * what channels differ in goes into the norm before them and the weight behind.
 */
import { columnQuantiles } from "../../calibration/statistics.ts";
import { type Dense, dense } from "../../linalg/dense.ts";

/** Per cent of a channel's values within its range, from both ends. */
export const PERCENTILE = 99.9;

export interface ChannelRanges {
  /** By channel, the step and the zero point of b bits: a value is step (code - zero). */
  scale: Float64Array;
  zero: Float64Array;
}

/** Ranges of channels from tokens x cols, each cut at a percentile of its values; a channel of one value has the step 1. */
export function channelRanges(rows: Float32Array, cols: number, bits: number, percentile = PERCENTILE): ChannelRanges {
  const out = { scale: new Float64Array(cols).fill(1), zero: new Float64Array(cols) };
  const [low, high] = columnQuantiles(rows, cols, [1 - percentile / 100, percentile / 100]) ?? [];
  if (!low) return out;
  for (let c = 0; c < cols; c++) {
    const range = high.values[c] - low.values[c];
    if (!(range > 0)) continue;
    out.scale[c] = range / (2 ** bits - 1);
    out.zero[c] = Math.round(-low.values[c] / out.scale[c]);
  }
  return out;
}

export interface Affine {
  /** A norm's factor and offset of each channel. */
  gamma: Float64Array;
  beta: Float64Array;
}

export interface Folded extends Affine {
  /** Of all channels: the mean of theirs. */
  scale: number;
  zero: number;
  weight: Dense;
  bias: Float64Array;
}

/**
 * One step and zero point for all channels, the means of theirs: with r = scale / mean scale and s = zero - mean zero, the norm's outputs
 * x become (x + scale s) / r, and the weight W r with the bias b - W (scale s). The layer's outputs are the same to rounding.
 */
export function foldRanges({ scale, zero }: ChannelRanges, norm: Affine, weight: Dense, bias: Float64Array): Folded {
  const n = scale.length;
  const mean = (of: Float64Array) => of.reduce((sum, x) => sum + x / n, 0);
  const one = { scale: mean(scale), zero: Math.round(mean(zero)) };
  const r = scale.map((s) => s / one.scale);
  const shift = scale.map((s, c) => s * (zero[c] - one.zero));
  const out = dense(weight.rows, weight.cols);
  const moved = bias.slice();
  for (let k = 0; k < weight.rows; k++) {
    for (let c = 0; c < n; c++) {
      const w = weight.values[k * n + c];
      out.values[k * n + c] = w * r[c];
      moved[k] -= w * shift[c];
    }
  }
  return {
    ...one,
    gamma: norm.gamma.map((g, c) => g / r[c]),
    beta: norm.beta.map((b, c) => (b + shift[c]) / r[c]),
    weight: out,
    bias: moved,
  };
}
