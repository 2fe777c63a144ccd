/**
 * Widths that are learned (AMAQ): bits = least + (most - least) sigmoid(gate), by descent on the loss plus a penalty a bit. The penalty is
 * raised while the mean is above its target and lowered while it is below.
 */
import type { Trace } from "./solvers/types.ts";

export interface GateProblem {
  count: number;
  /** Bits of each between these. */
  least: Float64Array;
  most: Float64Array;
  /** Sum of bits that is to be reached. */
  target: number;
  /** Slopes of the losses at these bits (negative where more bits lose less), written into `slope`. */
  slopes(bits: Float64Array, slope: Float64Array): void;
}

export interface GateOptions {
  steps: number;
  rate: number;
  /** How fast the penalty follows the mean, a step. */
  follow: number;
}

const GATES: GateOptions = { steps: 2000, rate: 0.05, follow: 0.05 };
const [DECAY, DECAY_SQUARES, TINY] = [0.9, 0.99, 1e-30];

/** Bits of each after the last step, not yet whole, and how bits and penalty went. */
export async function learnGates(
  { count, least, most, target, slopes }: GateProblem,
  pace: (step: number) => Promise<void>,
  options: Partial<GateOptions> = {},
): Promise<{ bits: Float64Array; penalty: number; trace: Trace }> {
  const { steps, rate, follow } = { ...GATES, ...options };
  const arrays = () => new Float64Array(count);
  const [gate, bits, slope, mean, square] = [arrays(), arrays(), arrays(), arrays(), arrays()];
  const columns = { bits: new Float64Array(steps), penalty: new Float64Array(steps) };
  let penalty = 0;
  for (let step = 0; step < steps; step++) {
    await pace(step);
    let sum = 0;
    for (let i = 0; i < count; i++) {
      bits[i] = least[i] + (most[i] - least[i]) * sigmoid(gate[i]);
      sum += bits[i];
    }
    slopes(bits, slope);
    // The first penalty is what a bit gains on average.
    if (step === 0) penalty = Math.max(TINY, -slope.reduce((a, b) => a + b, 0) / count);
    penalty *= Math.exp(follow * Math.max(-1, Math.min(1, sum / target - 1)) * (10 * (1 - step / steps) + 1));
    columns.bits[step] = sum;
    columns.penalty[step] = penalty;
    // Adam, its steps shortened towards the end.
    const length = rate * 0.5 * (1 + Math.cos((Math.PI * step) / steps)) + rate / 100;
    for (let i = 0; i < count; i++) {
      const s = sigmoid(gate[i]);
      // In units of the penalty, and without the width of the range, all gates see slopes of one size.
      const own = (slope[i] / penalty + 1) * s * (1 - s);
      mean[i] = DECAY * mean[i] + (1 - DECAY) * own;
      square[i] = DECAY_SQUARES * square[i] + (1 - DECAY_SQUARES) * own * own;
      const [m, v] = [mean[i] / (1 - DECAY ** (step + 1)), square[i] / (1 - DECAY_SQUARES ** (step + 1))];
      gate[i] = Math.max(-8, Math.min(8, gate[i] - (length * m) / (Math.sqrt(v) + TINY)));
    }
  }
  for (let i = 0; i < count; i++) bits[i] = least[i] + (most[i] - least[i]) * sigmoid(gate[i]);
  return { bits, penalty, trace: { columns, about: "sum of bits and penalty a bit, by step" } };
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
