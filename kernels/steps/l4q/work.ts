import { partOf } from "../../calibration/index.ts";
import { type Dense, dense, multiply } from "../../linalg/index.ts";
import { normalDraw } from "../../random/normal.ts";
import { Adam } from "../learning/adam.ts";
import { batches } from "../learning/batches.ts";
import { BestScaled, ScaledQuantizer } from "../learning/scaled.ts";
import type { Matrix, Solver, SolverJob } from "../step.ts";
import type { L4qParams } from "./index.ts";

const STREAM = 2050;
/** How often all tokens are asked whether it went well. */
const LOOKS = 10;
/** A block's step changes by no more than this either way. */
const MOST_FACTOR = 4;
/** An error so many times the first is no way back. */
const DIVERGED = 10;

/** What is added to the weight, and how gradients move it. */
interface Added {
  values(): Promise<Float64Array>;
  move(gradient: Float64Array): Promise<void>;
}

/** B A with B from zero; steps of B are in units of the weight. */
function lowRank({ rank, rate, seed }: L4qParams, { rows, cols }: Matrix, unit: number, job: SolverJob): Added {
  const run = { pace: () => job.checkpoint(0, 1, "") };
  const b = dense(rows, rank);
  const a = dense(rank, cols);
  for (let i = 0; i < a.values.length; i++) a.values[i] = normalDraw(seed, STREAM, i) / Math.sqrt(Math.max(1, rank));
  const adams: [Dense, Adam][] = [
    [b, new Adam(b.values.length, rate * unit)],
    [a, new Adam(a.values.length, rate)],
  ];
  return {
    values: async () => (await multiply(b, a, {}, run)).values,
    async move(gradient) {
      const g = dense(rows, cols, Float64Array.from(gradient));
      const gradients = [
        await multiply(g, a, { transposeB: true }, run),
        await multiply(b, g, { transposeA: true }, run),
      ];
      for (const [k, [own, adam]] of adams.entries()) {
        adam.next();
        adam.moveAll(own.values, gradients[k].values);
      }
    },
  };
}

function anything({ rate }: L4qParams, { values }: Matrix, unit: number): Added {
  const own = new Float64Array(values.length);
  const adam = new Adam(own.length, rate * unit);
  return {
    values: async () => own,
    async move(gradient) {
      adam.next();
      adam.moveAll(own, gradient);
    },
  };
}

/** L4Q (Jeon and others). Keeps what it began with where nothing better is found. */
export const work: Solver<L4qParams> = {
  kind: "solver",
  async solve(params, { operand, calibration, quantizer }, job) {
    const { steps, rate, batch, seed, rank, by } = params;
    const inputs = partOf(calibration, "rows", "l4q");
    const scaled = new ScaledQuantizer(operand, quantizer, "l4q", job);
    const { values: w, cols } = operand;
    let [square, count] = [0, 0];
    for (const x of w) if (x - x === 0) [square, count] = [square + x * x, count + 1];
    const unit = Math.sqrt(square / Math.max(1, count));
    const added = by === "weights" ? anything(params, operand, unit) : lowRank(params, operand, unit, job);
    const factors = new Float64Array(scaled.blocks).fill(1);
    const adam = new Adam(scaled.blocks, rate);
    const tokens = batches(inputs, cols, batch, seed);
    const best = await BestScaled.start(scaled, operand, inputs);
    const notes: string[] = [];
    const look = Math.max(1, Math.floor(steps / LOOKS));
    for (let step = 0; step <= steps; step++) {
      await job.checkpoint(step, steps + 1, "steps");
      const sum = rank > 0 || by === "weights" ? await added.values() : null;
      const merged = sum ? Float32Array.from(w, (x, i) => x + sum[i]) : w;
      scaled.scale(factors);
      const coded = await scaled.code(merged);
      if (step > 0 && (step % look === 0 || step === steps)) {
        const loss = await best.offer(coded, factors);
        if (!(loss <= DIVERGED * best.first)) {
          notes.push(`l4q stopped at step ${step}: the outputs' error grew beyond ten times its first value`);
          break;
        }
      }
      if (step === steps) break;
      const gradient = await scaled.gradient(coded.results, tokens.next().value);
      const atSteps = scaled.atSteps(gradient, merged, coded);
      const slower = 1 - step / steps;
      adam.next();
      for (let k = 0; k < factors.length; k++) {
        const moved = factors[k] * (1 + Math.max(-0.5, Math.min(0.5, slower * adam.move(k, atSteps[k]))));
        factors[k] = Math.min(MOST_FACTOR, Math.max(1 / MOST_FACTOR, moved));
      }
      if (!sum) continue;
      for (let i = 0; i < gradient.length; i++) if (coded.outside[i]) gradient[i] = 0;
      await added.move(gradient);
    }
    // Scales stand as they were when the codes were found.
    scaled.scale(best.factors);
    notes.push(
      best.loss < best.first
        ? `l4q took the outputs' squared error over all tokens to ${(best.loss / best.first).toPrecision(4)} of what it was`
        : "l4q found nothing better than the nearest codes",
    );
    const { codes, results } = best.coded;
    return { codes, quantized: results, bits: [], notes, loss: null };
  },
};
