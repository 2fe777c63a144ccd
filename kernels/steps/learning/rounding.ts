/**
 * Learned rounding of a weight: each goes to the level below or above it, and where is learned by gradients of the outputs' error over
 * batches of tokens. What differs between methods is how a weight stands between its levels, and how a gradient moves it.
 */
import { dense, multiply } from "../../linalg/index.ts";
import type { Choices } from "../solving/choices.ts";
import type { Matrix, Solution, SolverJob } from "../step.ts";
import { batches } from "./batches.ts";

/** A weight that has a choice: 0 at the level below it, 1 at the one above. */
export interface Learner {
  /** Where each weight stands, for the gradient of the next batch: 0 to 1. */
  readonly places: Float64Array;
  /** Moves weights by gradients of the outputs' mean squared error; `gap` is 0 for a weight without a choice. */
  move(step: number, gradients: Float64Array, gap: Float64Array): void;
}

/** What a method begins with: where weights lie between their levels, and what one weight's rounding costs, about. */
export interface Beginning {
  /** (w - below) / gap, 0 to 1. */
  shares: Float64Array;
  /** Mean of gap^2 times the mean square of the inputs. */
  cost: number;
}

export interface RoundingTask {
  name: string;
  operand: Matrix;
  choices: Choices;
  /** Tokens x columns. */
  inputs: Float32Array;
  steps: number;
  batch: number;
  seed: number;
  begin(beginning: Beginning): Learner;
}

/** Values of the rows that are learned at once, which do not depend on each other: as many as one step moves in some milliseconds. */
const MOST_VALUES = 2 ** 18;
/** A weight counts as decided within this of a level. */
const DECIDED = 0.01;

interface Told {
  decided: number;
  open: number;
  better: number;
  flips: number;
}

/**
 * Learns all rows, some at a time. Each output keeps the nearest codes where what was learned is not better over all tokens. Rejects as
 * `checkpoint` does.
 */
export async function learnRounding(task: RoundingTask, job: SolverJob): Promise<Solution> {
  const { name, operand, choices, steps } = task;
  const { rows, cols } = operand;
  const up = new Uint8Array(rows * cols);
  const told: Told = { decided: 0, open: 0, better: 0, flips: 0 };
  const most = Math.max(1, Math.floor(MOST_VALUES / cols));
  for (let row0 = 0; row0 < rows; row0 += most) {
    const count = Math.min(most, rows - row0);
    const done = (step: number) => job.checkpoint(row0 * steps + count * step, rows * steps, "steps");
    const learned = await learn(task, row0, count, done, told);
    await keepBetter(task, row0, learned, up, told, () => done(steps));
  }
  const [codes, quantized] = [new Uint32Array(rows * cols), new Float32Array(rows * cols)];
  for (let i = 0; i < up.length; i++) {
    codes[i] = up[i] ? choices.aboveCodes[i] : choices.belowCodes[i];
    quantized[i] = up[i] ? choices.above[i] : choices.below[i];
  }
  const share = ((100 * told.decided) / Math.max(1, told.open)).toFixed(1);
  const notes = [
    `${name} moved ${told.flips} of ${rows * cols} codes; ${share} % of the weights with a choice had decided by themselves`,
  ];
  const kept = rows - told.better;
  if (kept > 0) {
    notes.push(`${name} found nothing better than the nearest codes for ${kept} of ${rows} outputs, which keep these`);
  }
  return { codes, quantized, bits: [], notes, loss: null };
}

/** Learns rows [row0, row0 + count): 1 for up, row-major. */
async function learn(
  { operand: { cols, values: w }, choices: { below, above }, inputs, steps, batch, seed, begin }: RoundingTask,
  row0: number,
  count: number,
  done: (step: number) => Promise<void>,
  told: Told,
): Promise<Uint8Array> {
  const n = count * cols;
  const first = row0 * cols;
  const [gap, shares] = [new Float64Array(n), new Float64Array(n)];
  let [gaps, energy] = [0, 0];
  for (let i = 0; i < n; i++) {
    const step = above[first + i] - below[first + i];
    if (!(step > 0) || step - step !== 0 || w[first + i] - w[first + i] !== 0) continue;
    gap[i] = step;
    gaps += step * step;
    shares[i] = Math.min(1, Math.max(0, (w[first + i] - below[first + i]) / step));
  }
  for (const value of inputs) energy += value * value;
  const learner = begin({ shares, cost: (gaps / n) * (energy / inputs.length) });
  const { places } = learner;
  const error = dense(count, cols);
  const tokens = batches(inputs, cols, batch, seed);
  for (let step = 0; step < steps; step++) {
    await done(step);
    const asked = tokens.next().value;
    for (let i = 0; i < n; i++) {
      error.values[i] = gap[i] > 0 ? below[first + i] + places[i] * gap[i] - w[first + i] : 0;
    }
    const outputs = await multiply(error, asked, { transposeB: true });
    const gradients = (await multiply(outputs, asked)).values;
    for (let i = 0; i < n; i++) gradients[i] *= (2 / asked.rows) * gap[i];
    learner.move(step, gradients, gap);
  }
  const up = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    if (gap[i] === 0) continue;
    told.open++;
    if (places[i] < DECIDED || places[i] > 1 - DECIDED) told.decided++;
    if (places[i] >= 0.5) up[i] = 1;
  }
  return up;
}

/** For each output the learned codes or the nearest, whichever is better over all tokens. */
async function keepBetter(
  { operand: { cols, values: w }, choices: { below, above, nearestUp }, inputs }: RoundingTask,
  row0: number,
  learned: Uint8Array,
  up: Uint8Array,
  told: Told,
  pace: () => Promise<void>,
): Promise<void> {
  const count = learned.length / cols;
  const first = row0 * cols;
  const lossesOf = async (goesUp: (i: number) => number) => {
    const error = dense(count, cols);
    for (let i = 0; i < error.values.length; i++) {
      const e = (goesUp(i) ? above[first + i] : below[first + i]) - w[first + i];
      error.values[i] = e - e === 0 ? e : 0;
    }
    const losses = new Float64Array(count);
    const piece = Math.max(1, Math.floor(2 ** 20 / cols)) * cols;
    for (let at = 0; at < inputs.length; at += piece) {
      await pace();
      const part = Float64Array.from(inputs.subarray(at, at + piece));
      const outputs = await multiply(error, dense(part.length / cols, cols, part), { transposeB: true });
      for (let i = 0; i < outputs.values.length; i++) losses[Math.floor(i / outputs.cols)] += outputs.values[i] ** 2;
    }
    return losses;
  };
  const nearest = await lossesOf((i) => nearestUp[first + i]);
  const now = await lossesOf((i) => learned[i]);
  for (let r = 0; r < count; r++) {
    const better = now[r] < nearest[r];
    if (better || nearest[r] === 0) told.better++;
    for (let i = r * cols; i < (r + 1) * cols; i++) {
      const goes = better ? learned[i] : nearestUp[first + i];
      up[first + i] = goes;
      if (goes !== nearestUp[first + i]) told.flips++;
    }
  }
}
