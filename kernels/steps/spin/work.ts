import { type Dense, dense, multiply, type Run } from "../../linalg/index.ts";
import { randomisedHadamard } from "../learning/hadamard.ts";
import { OutputsObjective } from "../learning/outputs.ts";
import type { FittedTransform, Rows, SideTensor } from "../step.ts";
import { cayley, skewOf } from "./cayley.ts";
import type { SpinParams } from "./index.ts";

interface Spin {
  rotation: Dense;
  stored: SideTensor;
  notes: string[];
}

const MOMENTUM = 0.9;

/** Rows in blocks of the rotation's order, one under the other. */
const blocksOf = ({ values }: Dense, n: number): Dense => dense(values.length / n, n, values);

async function turned(rows: Dense, rotation: Dense, run: Run): Promise<Dense> {
  const { values } = await multiply(blocksOf(rows, rotation.rows), rotation, {}, run);
  return dense(rows.rows, rows.cols, values);
}

/** Each block of a row times the matrix or its transpose; blocks that hold NaN or Inf stay as they are. */
function apply(values: Float32Array | Float64Array, { rows: n, values: r }: Dense, back: boolean): void {
  const block = new Float64Array(n);
  const sums = new Float64Array(n);
  for (let at = 0; at < values.length; at += n) {
    block.set(values.subarray(at, at + n));
    if (!block.every((x) => x - x === 0)) continue;
    sums.fill(0);
    for (let j = 0; j < n; j++) for (let k = 0; k < n; k++) sums[k] += block[j] * r[back ? k * n + j : j * n + k];
    values.set(sums, at);
  }
}

const through = ({ values }: Rows, { rotation }: Spin, back: boolean): Float32Array => {
  const out = values.slice();
  apply(out, rotation, back);
  return out;
};

export const work: FittedTransform<SpinParams, Spin> = {
  kind: "transform",
  async fit({ n, steps, rate, inputs, basis, seed }, operand, job) {
    const run: Run = { pace: () => job.checkpoint(0, 1, "steps") };
    const objective = await OutputsObjective.start(operand, inputs, "spin", job);
    let now = dense(n, n, randomisedHadamard(n, seed));
    let [best, least, first] = [now, Infinity, Infinity];
    const moment = dense(n, n);
    for (let step = 0; step <= steps; step++) {
      await job.checkpoint(step, steps + 1, "steps");
      const [w, x] = [await turned(objective.weights, now, run), await turned(objective.inputs, now, run)];
      const found = await objective.at(w, x, step < steps);
      if (step === 0) first = found.loss;
      if (found.loss < least) [best, least] = [now, found.loss];
      if (!found.weights || !found.inputs) break;
      const gradient = await multiply(
        blocksOf(objective.weights, n),
        blocksOf(found.weights, n),
        { transposeA: true },
        run,
      );
      const ofInputs = await multiply(
        blocksOf(objective.inputs, n),
        blocksOf(found.inputs, n),
        { transposeA: true },
        run,
      );
      for (let i = 0; i < gradient.values.length; i++) gradient.values[i] += ofInputs.values[i];
      const skew = await skewOf(gradient, now, run);
      for (let i = 0; i < skew.values.length; i++) moment.values[i] = MOMENTUM * moment.values[i] + skew.values[i];
      now = await cayley(now, moment, rate * (1 - step / steps), run);
    }
    const stored = await job.store("rotation", { rows: n, cols: n, values: Float32Array.from(best.values) }, basis);
    const rotation = dense(n, n, Float64Array.from(stored.values));
    const note =
      least < first
        ? `spin took the outputs' error of the tokens that it learned from, ${objective.inputs.rows}, from ${first.toPrecision(4)} to ${least.toPrecision(4)}`
        : "spin found nothing better than the randomised Hadamard rotation from which it began";
    return { rotation, stored, notes: [note] };
  },
  forward: (fitted, rows) => through(rows, fitted, false),
  inverse: (fitted, rows) => through(rows, fitted, true),
  dual: ({ rotation }) => ({
    kind: "rows",
    apply: (x, at, count) => apply(x.subarray(at, at + count), rotation, false),
  }),
  bits: ({ stored }, { rows, cols }) => [
    { what: `rotation of ${stored.rows} (${stored.recipe})`, bitsPerWeight: stored.bits / (rows * cols) },
  ],
  notes: ({ notes }) => notes,
};
