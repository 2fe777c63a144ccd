import { partOf } from "../../calibration/index.ts";
import { type Dense, dense, transposed } from "../../linalg/index.ts";
import type { Matrix, SideTensor, Split, StepJob } from "../step.ts";
import { finiteOf } from "../thin/fit.ts";
import { wide } from "../thin/part.ts";
import { bestLeft, fromLeft, fromRight, unit } from "./blocks.ts";
import type { ArmorParams } from "./index.ts";

interface Armored {
  core: Float32Array;
  left: SideTensor;
  right: SideTensor;
  /** A Q B, once the quantizer made Q of the core. */
  result: Float32Array | null;
  kept: number;
  notes: string[];
}

/** 1 where a value is one of the two of its four with the largest w^2 d; the earlier one of equals. */
function twoOfFour({ rows, cols, values }: Dense, weights: Float64Array): Uint8Array {
  const stays = new Uint8Array(values.length);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < cols; c += 4) {
      const four = Array.from({ length: Math.min(4, cols - c) }, (_, i) => c + i);
      const score = (k: number) => values[r * cols + k] ** 2 * weights[k];
      four.sort((a, b) => score(b) - score(a) || a - b);
      for (const k of four.slice(0, 2)) stays[r * cols + k] = 1;
    }
  return stays;
}

function lossOf(error: Dense, weights: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < error.values.length; i++) sum += weights[i % error.cols] * error.values[i] ** 2;
  return sum;
}

const minus = (a: Dense, b: Dense): Dense => {
  const out = dense(a.rows, a.cols);
  for (let i = 0; i < out.values.length; i++) out.values[i] = a.values[i] - b.values[i];
  return out;
};

/** Steps down the gradient of the core in a round, each as long as is best. */
const CORE_STEPS = 2;

/** Rounds of least squares over A, B and the core; none of them raises the loss sum of d_j (W - A S B)^2. */
async function fitted(w: Dense, weights: Float64Array, { block, rounds }: ArmorParams, job: StepJob) {
  const { rows, cols } = w;
  const stays = twoOfFour(w, weights);
  const core = dense(rows, cols);
  for (let i = 0; i < stays.length; i++) if (stays[i]) core.values[i] = w.values[i];
  let [left, right] = [unit(rows, block), unit(cols, block)];
  const first = lossOf(minus(w, core), weights);
  const across = transposed(w);
  const ones = new Float64Array(rows).fill(1);
  let loss = first;
  for (let round = 0; round < rounds; round++) {
    const look = () => job.checkpoint(round, rounds, "rounds");
    left = await bestLeft(w, await fromRight(core, right, false, look), weights, block, look);
    // Each column of B by itself: its own weight does not matter. Of the transposed problem B^T is the left factor.
    const turned = await bestLeft(across, transposed(await fromLeft(left, core, false, look)), ones, block, look);
    right = blocksTransposed(turned);
    for (let step = 0; step < CORE_STEPS; step++) {
      const error = minus(w, await product(left, core, right, look));
      const weighed = dense(rows, cols);
      for (let i = 0; i < weighed.values.length; i++) weighed.values[i] = error.values[i] * weights[i % cols];
      const gradient = await fromRight(await fromLeft(left, weighed, true, look), right, true, look);
      let square = 0;
      for (let i = 0; i < stays.length; i++) {
        if (stays[i]) square += gradient.values[i] ** 2;
        else gradient.values[i] = 0;
      }
      const along = lossOf(await product(left, gradient, right, look), weights);
      const length = along > 0 ? square / along : 0;
      for (let i = 0; i < stays.length; i++) core.values[i] += length * gradient.values[i];
    }
    loss = lossOf(minus(w, await product(left, core, right, look)), weights);
  }
  return { core, left, right, first, loss, kept: stays.reduce((sum, one) => sum + one, 0) };
}

function blocksTransposed({ rows, cols: block, values }: Dense): Dense {
  const out = dense(rows, block);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < block; j++) out.values[(i - (i % block) + j) * block + (i % block)] = values[i * block + j];
  return out;
}

const product = async (left: Dense, core: Dense, right: Dense, look: () => Promise<void>): Promise<Dense> =>
  fromLeft(left, await fromRight(core, right, false, look), false, look);

const single = ({ rows, cols, values }: Dense): Matrix => ({ rows, cols, values: new Float32Array(values) });

export const work: Split<ArmorParams, Armored> = {
  kind: "split",
  async fit(params, operand, job) {
    const weights =
      params.by === "inputs"
        ? partOf(job.calibration, "meanSquare", "armor").slice()
        : new Float64Array(operand.cols).fill(1);
    const found = await fitted(finiteOf(operand), weights, params, job);
    const share = found.first > 0 ? ` (${(found.loss / found.first).toPrecision(3)} of what 2 of 4 alone lose)` : "";
    return {
      core: new Float32Array(found.core.values),
      left: await job.store("left wrapper", single(found.left), params.wrappers),
      right: await job.store("right wrapper", single(found.right), params.wrappers),
      result: null,
      kept: found.kept,
      notes: [`armor: the loss before quantizing is ${found.loss.toPrecision(4)}${share}`],
    };
  },
  rest({ core }, { row0, rows, cols, values }) {
    const out = core.slice(row0 * cols, (row0 + rows) * cols);
    for (let i = 0; i < out.length; i++) if (values[i] - values[i] !== 0) out[i] = values[i];
    return out;
  },
  /** Blocks of rows are mixed, so that the whole core is there first: see `refit`. */
  add({ result }, { row0, rows, cols, values }) {
    if (!result) return values;
    const out = result.slice(row0 * cols, (row0 + rows) * cols);
    for (let i = 0; i < out.length; i++) if (values[i] - values[i] !== 0) out[i] = values[i];
    return out;
  },
  refit(_, armored, operand, back, job) {
    const again = async () => {
      const quantized = finiteOf(await back());
      // Values that are pruned have no codes, whatever the format makes of zero.
      for (let i = 0; i < quantized.values.length; i++) if (armored.core[i] === 0) quantized.values[i] = 0;
      const look = () => job.checkpoint(0, 1, "rows");
      const made = await product(wide(armored.left), quantized, wide(armored.right), look);
      return { ...armored, result: new Float32Array(made.values.subarray(0, operand.values.length)) };
    };
    return again();
  },
  bits: ({ left, right, kept }, { rows, cols }) => [
    ...[left, right].map(({ name, recipe, cols: block, bits }) => ({
      what: `${name}, blocks of ${block} (${recipe})`,
      bitsPerWeight: bits / (rows * cols),
    })),
    { what: `places of ${kept} values among 4`, bitsPerWeight: (2 * kept) / (rows * cols) },
  ],
  stored: ({ kept, core }) => kept / core.length,
  side: ({ left, right }) => [left, right],
  notes: ({ notes }) => notes,
};
