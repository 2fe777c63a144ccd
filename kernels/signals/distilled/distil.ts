/**
 * ZeroQ's distilled data (arXiv 2001.00281): where no data is at hand, rows of activations are fitted until they have the statistics
 * that a model stores. The paper has images and batch norms; here rows stand for what a linear layer meets behind a norm.
 */
import { normalDraw } from "../../random/normal.ts";

export interface Target {
  /** By channel. */
  mean: Float64Array;
  /** By channel, not negative. */
  std: Float64Array;
  /**
   * Whether each row, less its means and over its deviations, has a root mean square of 1 over the channels: so it is behind a norm, whose
   * gains are the deviations.
   */
  unitRows: boolean;
}

export interface DistilOptions {
  tokens: number;
  seed: number;
  /** Of Adam; usual: 0.05, since rows start near their target (the paper starts images far from it, with 0.5). */
  rate?: number;
  /** Usual: the paper's 500. */
  steps?: number;
  /** Called between steps; may reject, which ends it. */
  pace?(done: number, total: number): Promise<void>;
}

export interface Distilled {
  /** tokens x channels, float32. */
  rows: Float32Array;
  /** Largest distance of a channel's mean from its target, in deviations of that channel, and of its deviation, as a share of it. */
  error: { mean: number; std: number };
  /** The loss before the first and after each step. */
  loss: number[];
}

const STREAM = 0x7a65726f;
/** Adam's, and those of the paper's schedule: the rate falls to a tenth where so many steps were no better. */
const [DECAY1, DECAY2, EPSILON] = [0.9, 0.999, 1e-8];
const [PATIENCE, FACTOR, LEAST_RATE] = [100, 0.1, 1e-4];
/** Values moved between two looks at whoever cancels: some hundredths of a second. */
const PIECE = 2 ** 18;
/** Within it the statistics match, and no more steps are taken. */
const CLOSE = 1e-3;

/**
 * Starts from standard normal rows and minimises, by Adam, the squared distances of each channel's mean and deviation from their target
 * (in units of the target's deviation), and of each row's norm from 1 where it is known. A channel whose deviation is 0 is constant.
 * Throws RangeError for fewer than 2 tokens or targets that are not finite.
 */
export async function distil({ mean, std, unitRows }: Target, options: DistilOptions): Promise<Distilled> {
  const { tokens, seed, rate: first = 0.05, steps = 500, pace } = options;
  const cols = mean.length;
  if (tokens < 2) throw new RangeError("a deviation takes two tokens or more");
  if (std.length !== cols || !mean.every(Number.isFinite) || !std.every((s) => s >= 0 && Number.isFinite(s))) {
    throw new RangeError("every channel takes a finite mean and a deviation that is not negative");
  }
  // z = (x - mean) / std, of which each channel is to have mean 0 and deviation 1.
  const z = Float64Array.from({ length: tokens * cols }, (_, i) => normalDraw(seed, STREAM, i));
  const [m, v, gradient] = [new Float64Array(z.length), new Float64Array(z.length), new Float64Array(z.length)];
  const loss = [gradientOf(z, tokens, cols, unitRows, gradient)];
  let [rate, best, since, worked] = [first, loss[0], 0, 0];
  for (let step = 1; step <= steps && !close(z, tokens, cols); step++) {
    const [own1, own2] = [1 - DECAY1 ** step, 1 - DECAY2 ** step];
    for (let i = 0; i < z.length; i++) {
      const g = gradient[i];
      m[i] = DECAY1 * m[i] + (1 - DECAY1) * g;
      v[i] = DECAY2 * v[i] + (1 - DECAY2) * g * g;
      z[i] -= (rate * m[i]) / own1 / (Math.sqrt(v[i] / own2) + EPSILON);
    }
    const now = gradientOf(z, tokens, cols, unitRows, gradient);
    loss.push(now);
    since = now < best * (1 - 1e-4) ? 0 : since + 1;
    best = Math.min(best, now);
    if (since > PATIENCE) [rate, since] = [Math.max(LEAST_RATE, rate * FACTOR), 0];
    worked += z.length;
    if (worked >= PIECE) {
      worked = 0;
      await pace?.(step, steps);
    }
  }
  const rows = Float32Array.from(z, (value, i) => mean[i % cols] + std[i % cols] * value);
  return { rows, error: errorOf(z, tokens, cols), loss };
}

/** Mean and deviation of each channel. */
function statistics(z: Float64Array, tokens: number, cols: number): { mean: Float64Array; std: Float64Array } {
  const [mean, std] = [new Float64Array(cols), new Float64Array(cols)];
  for (let i = 0; i < z.length; ) for (let j = 0; j < cols; j++, i++) mean[j] += z[i];
  for (let j = 0; j < cols; j++) mean[j] /= tokens;
  for (let i = 0; i < z.length; ) {
    for (let j = 0; j < cols; j++, i++) {
      const d = z[i] - mean[j];
      std[j] += d * d;
    }
  }
  for (let j = 0; j < cols; j++) std[j] = Math.sqrt(std[j] / tokens);
  return { mean, std };
}

function errorOf(z: Float64Array, tokens: number, cols: number): Distilled["error"] {
  const { mean, std } = statistics(z, tokens, cols);
  const largest = (of: Float64Array, from: number) => of.reduce((a, b) => Math.max(a, Math.abs(b - from)), 0);
  return { mean: largest(mean, 0), std: largest(std, 1) };
}

function close(z: Float64Array, tokens: number, cols: number): boolean {
  const { mean, std } = errorOf(z, tokens, cols);
  return mean < CLOSE && std < CLOSE;
}

/** The loss, and its gradient into `out`. */
function gradientOf(z: Float64Array, tokens: number, cols: number, unitRows: boolean, out: Float64Array): number {
  const { mean, std } = statistics(z, tokens, cols);
  let loss = 0;
  for (let j = 0; j < cols; j++) loss += (mean[j] ** 2 + (std[j] - 1) ** 2) / cols;
  const by = 2 / (tokens * cols);
  const slope = std.map((s) => (s > 0 ? (s - 1) / s : 0));
  for (let i = 0; i < z.length; ) {
    for (let j = 0; j < cols; j++, i++) out[i] = by * (mean[j] + slope[j] * (z[i] - mean[j]));
  }
  if (!unitRows) return loss;
  for (let from = 0; from < z.length; from += cols) {
    let sum = 0;
    for (let i = from; i < from + cols; i++) sum += z[i] * z[i];
    const rms = Math.sqrt(sum / cols);
    loss += (rms - 1) ** 2 / tokens;
    if (rms === 0) continue;
    const factor = (by * (rms - 1)) / rms;
    for (let i = from; i < from + cols; i++) out[i] += factor * z[i];
  }
  return loss;
}
