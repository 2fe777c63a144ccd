/**
 * Inputs as a network meets them, quantized beside a quantized weight: through what the weight's transforms do to inputs, then through a
 * recipe of their own, tokens being rows, and back, so that they meet the weight as it is stored.
 */
import type { Backend } from "../backends/backend.ts";
import type { ActivationsRecipe } from "../backends/options.ts";
import { inputsThrough, throughDual } from "../calibration/dual.ts";
import { partOf } from "../calibration/needs.ts";
import type { Calibration } from "../calibration/types.ts";
import { undoDual } from "../calibration/undo.ts";
import { RecipeError } from "../grammar/errors.ts";
import { type Dense, denseRows } from "../linalg/dense.ts";
import { heldMatrix } from "../matrix/held.ts";
import { hasLayers } from "../plan/layers.ts";
import type { Plan } from "../plan/plan.ts";
import type { Scales } from "../scales/resolve.ts";
import { bitsOf, dualsOf, planFor, ROUND_TRIP } from "./activations.ts";
import { paceOf } from "./calibrated.ts";
import { quantizeMatrix } from "./quantize.ts";
import { quantizeRows } from "./rows.ts";
import { findScales } from "./run.ts";
import type { Quantized } from "./types.ts";

export interface InputsJob {
  checkpoint(done: number, total: number, phase: string): Promise<void>;
  backend(plan: Plan): Promise<Backend>;
}

export interface InputsQuantizer {
  /** Canonical. */
  text: string;
  /** Bits of a value in rows of so many tokens. Scales that stay are stored once for all tokens, and count for nothing. */
  bits(tokens: number): number;
  /**
   * Tokens x inputs, as they meet the weight. What is not finite stays as it is. Rejects with RecipeError where the recipe does not fit so
   * many tokens, or inputs do not come back through the weight's transforms.
   */
  quantize(values: Float32Array): Promise<Float32Array>;
}

const PLANS = 8;
const LABEL = "activations";

/**
 * Makes ready how inputs of `cols` channels are quantized. `weight` is the quantized weight that they meet, null where it stays as it is
 * stored. Static scales need the least and largest values of a calibration. Rejects with RecipeError.
 */
export async function quantizerOfInputs(
  activations: ActivationsRecipe,
  cols: number,
  weight: Pick<Quantized, "duals" | "plan"> | null,
  calibration: Calibration | null,
  job: InputsJob,
): Promise<InputsQuantizer> {
  const duals = weight ? dualsOf(weight) : [];
  const run = paceOf(job);
  const plans = new Map<number, Plan>();
  const planOf = (tokens: number): Plan => {
    const plan = plans.get(tokens) ?? planFor(activations, tokens, cols);
    plans.set(tokens, plan);
    if (plans.size > PLANS) plans.delete(plans.keys().next().value!);
    return plan;
  };
  const options = async (plan: Plan) => ({
    backend: await job.backend(plan),
    checkpoint: job.checkpoint,
    now: () => 0,
  });

  /** The scales of the ends of every channel over the whole calibration. */
  async function staticScales(): Promise<Scales> {
    const who = "a recipe for activations with static scales";
    let behind = calibration;
    const plan = planOf(2);
    if (!behind) throw new RecipeError(`${who} needs a calibration: the least and largest value of each input channel`);
    for (const { dual, name } of duals) behind = await throughDual(behind, dual, "rows", name, run);
    const ends = Float32Array.from([...partOf(behind, "min", who), ...partOf(behind, "max", who)]);
    const { scales } = await findScales(heldMatrix(ends, 2, cols, LABEL), plan, await options(plan));
    return scales;
  }

  const stay = activations.scales === "static" ? await staticScales() : null;
  let checked = duals.length === 0;

  async function coded(values: Float32Array): Promise<Float32Array> {
    const tokens = values.length / cols;
    const plan = planOf(tokens);
    const matrix = heldMatrix(values, tokens, cols, LABEL);
    const own = await options(plan);
    // What has steps of its own goes the whole way, report and all.
    if (hasLayers(plan) || plan.uses) return (await (await quantizeMatrix(matrix, plan, own)).rows(0, tokens)).result;
    const scales = stay ?? (await findScales(matrix, plan, own)).scales;
    return (await quantizeRows(matrix, plan, scales, own.backend, 0, tokens)).result;
  }

  const through = async (rows: Dense): Promise<Dense> => {
    let out = rows;
    for (const { dual } of duals) out = await inputsThrough(out, dual, run);
    return out;
  };
  const back = async (rows: Dense): Promise<Dense> => {
    let out = rows;
    for (const { dual } of duals.toReversed()) out = await undoDual(out, dual, run);
    return out;
  };
  /** Stored factors of a transform are rounded: inputs come back nearly. */
  async function check(x: Dense, met: Float32Array): Promise<void> {
    const again = await back(denseRows(met, cols));
    let [error, signal] = [0, 0];
    for (let i = 0; i < x.values.length; i++) {
      if (x.values[i] - x.values[i] !== 0) continue;
      error += (x.values[i] - again.values[i]) ** 2;
      signal += x.values[i] ** 2;
    }
    if (error <= ROUND_TRIP ** 2 * signal) return;
    const names = duals.map(({ name }) => name).join(" and ");
    throw new RecipeError(`inputs do not come back through ${names}: activations cannot be quantized behind it`);
  }

  return {
    text: planOf(1).text,
    bits: (tokens) => bitsOf(planOf(tokens), activations.scales),
    async quantize(values) {
      // A quantizer may clip what is infinite; to the network it stays what it is, and shows.
      const broken = (out: Float32Array) => out.map((v, i) => (values[i] - values[i] === 0 ? v : values[i]));
      if (duals.length === 0) return broken(await coded(values));
      const x = denseRows(values, cols);
      const met = Float32Array.from((await through(x)).values);
      if (!checked) await check(x, met);
      checked = true;
      return broken(Float32Array.from((await back(denseRows(await coded(met), cols))).values));
    },
  };
}
