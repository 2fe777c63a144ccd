import type { Tensor } from "./tensor.ts";

export interface TensorSummary {
  name: string;
  elements: number;
  amax: number;
  min: number;
  max: number;
  mean: number;
  std: number;
  /** Fourth standardised moment; 3 for a Gaussian. `null` for constant tensors. */
  kurtosis: number | null;
  nonFinite: number;
  zeros: number;
  /** 24 bins over +-4 standard deviations, for the small picture beside the name; tails in the end bins. */
  sketch: number[];
}

/** Bins of the sketch, over mean +- 4 standard deviations. */
const BINS = 24;
/** Elements between two checkpoints: about a millisecond. */
const PIECE = 2 ** 18;
/** Up to here the values are read once and held for the second pass; larger tensors are read twice. */
const HELD = 2 ** 24;

/** Called between pieces with the elements done; throws to cancel. Also the place to yield to other messages. */
export type Checkpoint = (done: number, total: number) => Promise<void>;

/**
 * Statistics of a tensor's finite values, in float64. The standard deviation is that of the population. Where no value
 * is finite, min, max, mean and std are NaN and amax is 0.
 */
export async function summarize(tensor: Tensor, checkpoint: Checkpoint, signal?: AbortSignal): Promise<TensorSummary> {
  const { name, elements } = tensor.info;
  const held = elements <= HELD ? await tensor.read(0, elements, signal) : null;
  const total = 2 * elements;
  const pieces = async (visit: (values: Float32Array) => void, before: number) => {
    for (let at = 0; at < elements; at += PIECE) {
      await checkpoint(before + at, total);
      const end = Math.min(at + PIECE, elements);
      visit(held ? held.subarray(at, end) : await tensor.read(at, end, signal));
    }
  };
  const moments = new Moments();
  await pieces((values) => moments.add(values), 0);
  const { finite, mean } = moments;
  const std = finite === 0 ? NaN : Math.sqrt(moments.m2 / finite);
  const sketch = new Array<number>(BINS).fill(0);
  let m4 = 0;
  const perBin = BINS / (8 * std);
  const visit = (values: Float32Array) => {
    for (const x of values) {
      if (!Number.isFinite(x)) continue;
      const d = x - mean;
      m4 += d * d * d * d;
      const bin = std > 0 ? Math.floor(d * perBin) + BINS / 2 : BINS / 2;
      sketch[Math.max(0, Math.min(BINS - 1, bin))]++;
    }
  };
  await pieces(visit, elements);
  await checkpoint(total, total);
  return {
    name,
    elements,
    amax: finite === 0 ? 0 : Math.max(-moments.min, moments.max),
    min: finite === 0 ? NaN : moments.min,
    max: finite === 0 ? NaN : moments.max,
    mean: finite === 0 ? NaN : mean,
    std,
    kurtosis: moments.m2 > 0 ? (m4 * finite) / (moments.m2 * moments.m2) : null,
    nonFinite: elements - finite,
    zeros: moments.zeros,
    sketch,
  };
}

/**
 * Mean and sum of squared deviations, piece by piece. Each piece is centred on its own mean before the pieces are joined
 * (Chan, Golub, LeVeque 1979), so that a mean far larger than the spread costs no digits.
 */
class Moments {
  finite = 0;
  zeros = 0;
  min = Infinity;
  max = -Infinity;
  mean = 0;
  m2 = 0;

  add(values: Float32Array): void {
    let count = 0;
    let sum = 0;
    for (const x of values) {
      if (!Number.isFinite(x)) continue;
      count++;
      sum += x;
      if (x === 0) this.zeros++;
      if (x < this.min) this.min = x;
      if (x > this.max) this.max = x;
    }
    if (count === 0) return;
    const mean = sum / count;
    let m2 = 0;
    for (const x of values) {
      if (!Number.isFinite(x)) continue;
      m2 += (x - mean) * (x - mean);
    }
    const joined = this.finite + count;
    const delta = mean - this.mean;
    this.m2 += m2 + (delta * delta * this.finite * count) / joined;
    this.mean += (delta * count) / joined;
    this.finite = joined;
  }
}
