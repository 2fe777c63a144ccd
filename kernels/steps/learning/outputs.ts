/**
 * What learned transforms make small: the outputs' error when the transformed weight goes through the rest of the recipe, and the
 * transformed inputs through a recipe of their own. Gradients pass through rounding as if it were not there (straight-through), and through
 * scales: a block's largest value moves all of it.
 */
import { partOf } from "../../calibration/index.ts";
import type { Recipe } from "../../grammar/ast.ts";
import { RecipeError } from "../../grammar/errors.ts";
import { type Dense, dense, multiply } from "../../linalg/index.ts";
import type { Matrix, StepJob } from "../step.ts";

/** Tokens that are looked at, evenly drawn of those kept. */
const MOST_TOKENS = 256;

/** Quantizes a matrix, and says how many values in a row share a scale: 0 where none do. */
interface Quantizing {
  run(matrix: Dense): Promise<Float32Array>;
  block: number;
}

export interface Outputs {
  /** The sum of squared errors over that of the outputs. */
  loss: number;
  /** Gradients at the transformed weight and inputs; null where they were not asked for. */
  weights: Dense | null;
  inputs: Dense | null;
}

export class OutputsObjective {
  /** The weight with zeros for what is not finite, and tokens x columns. */
  readonly weights: Dense;
  readonly inputs: Dense;
  readonly #job: StepJob;
  readonly #outputs: Dense;
  readonly #energy: number;
  readonly #asked: { weights: Quantizing; inputs: Quantizing | null };

  private constructor(
    job: StepJob,
    weights: Dense,
    inputs: Dense,
    outputs: Dense,
    asked: { weights: Quantizing; inputs: Quantizing | null },
  ) {
    this.#job = job;
    this.weights = weights;
    this.inputs = inputs;
    this.#outputs = outputs;
    this.#asked = asked;
    this.#energy = outputs.values.reduce((sum, y) => sum + y * y, 0);
  }

  /** Throws RecipeError where no tokens are known, or where the recipe of inputs does not fit them. */
  static async start(operand: Matrix, inputs: Recipe | null, who: string, job: StepJob): Promise<OutputsObjective> {
    const { rows, cols } = operand;
    const kept = partOf(job.calibration, "rows", who);
    const of = kept.length / cols;
    if (of === 0) throw new RecipeError(`${who} learns from the tokens kept, and none was kept`);
    const tokens = Math.min(MOST_TOKENS, of);
    const x = dense(tokens, cols);
    for (let t = 0; t < tokens; t++) {
      const from = Math.floor((t * of) / tokens) * cols;
      x.values.set(kept.subarray(from, from + cols), t * cols);
    }
    const w = dense(
      rows,
      cols,
      Float64Array.from(operand.values, (v) => (v - v === 0 ? v : 0)),
    );
    const quantizing = async (count: number, through: (matrix: Matrix) => Promise<Matrix>): Promise<Quantizing> => ({
      run: async ({ values }) => (await through({ rows: count, cols, values: Float32Array.from(values) })).values,
      block: await sharing(count, cols, through),
    });
    const asked = {
      weights: await quantizing(rows, (matrix) => job.rest(matrix)),
      inputs: inputs && (await quantizing(tokens, (matrix) => job.store("inputs", matrix, inputs))),
    };
    const run = { pace: () => job.checkpoint(0, 1, "steps") };
    return new OutputsObjective(job, w, x, await multiply(x, w, { transposeB: true }, run), asked);
  }

  /** Of a transformed weight and transformed inputs, whose products are the outputs as they are. */
  async at(weights: Dense, inputs: Dense, gradients: boolean): Promise<Outputs> {
    const run = { pace: () => this.#job.checkpoint(0, 1, "steps") };
    const { weights: ofWeights, inputs: ofInputs } = this.#asked;
    const q = dense(weights.rows, weights.cols, finite(await ofWeights.run(weights)));
    const u = ofInputs ? dense(inputs.rows, inputs.cols, finite(await ofInputs.run(inputs))) : inputs;
    const error = await multiply(u, q, { transposeB: true }, run);
    let sum = 0;
    for (let i = 0; i < error.values.length; i++) {
      error.values[i] -= this.#outputs.values[i];
      sum += error.values[i] ** 2;
    }
    const loss = this.#energy > 0 ? sum / this.#energy : 0;
    if (!gradients || this.#energy === 0) return { loss, weights: null, inputs: null };
    const factor = 2 / this.#energy;
    for (let i = 0; i < error.values.length; i++) error.values[i] *= factor;
    const atWeights = await multiply(error, u, { transposeA: true }, run);
    const atInputs = await multiply(error, q, {}, run);
    throughScales(atWeights, weights.values, q.values, ofWeights.block);
    if (ofInputs) throughScales(atInputs, inputs.values, u.values, ofInputs.block);
    return { loss, weights: atWeights, inputs: atInputs };
  }
}

const finite = (values: Float32Array) => Float64Array.from(values, (x) => (x - x === 0 ? x : 0));

/** How many values from the first on go to zero beside one that is far larger than they: they share its scale. */
async function sharing(rows: number, cols: number, through: (matrix: Matrix) => Promise<Matrix>): Promise<number> {
  const values = new Float32Array(rows * cols).fill(1);
  values[0] = 2 ** 40;
  const { values: found } = await through({ rows, cols, values });
  let block = 1;
  while (block < cols && found[block] === 0) block++;
  return block === 1 ? 0 : block;
}

/**
 * Adds what passes through the scales. Where everything in a block scales with its largest value x_m, q(x) is homogeneous, so that
 * its derivative by x_m is sum of g_i (q_i - x_i) / x_m beside the straight-through one.
 */
export function throughScales(gradient: Dense, x: Float64Array, q: Float64Array, block: number): void {
  if (block === 0) return;
  const { rows, cols, values: g } = gradient;
  for (let r = 0; r < rows; r++) {
    for (let c0 = 0; c0 < cols; c0 += block) {
      const [from, to] = [r * cols + c0, r * cols + Math.min(cols, c0 + block)];
      let [most, sum] = [from, 0];
      for (let i = from; i < to; i++) {
        if (Math.abs(x[i]) > Math.abs(x[most])) most = i;
        sum += g[i] * (q[i] - x[i]);
      }
      if (x[most] !== 0) g[most] += sum / x[most];
    }
  }
}
