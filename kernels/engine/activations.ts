/**
 * Quantized activations beside a quantized weight (W4A4, W4A8): what each of them, and both together, do to the outputs. Measured on the
 * whole tokens that a calibration keeps. They go through what the weight's transforms do to inputs, then through a recipe of their own,
 * tokens being rows.
 */
import type { ActivationsRecipe } from "../backends/options.ts";
import { type Dual, throughDual } from "../calibration/dual.ts";
import { partOf } from "../calibration/needs.ts";
import type { Calibration } from "../calibration/types.ts";
import { undoDual } from "../calibration/undo.ts";
import { RecipeError } from "../grammar/errors.ts";
import { type Dense, dense, denseRows } from "../linalg/dense.ts";
import { multiply } from "../linalg/product.ts";
import { heldMatrix } from "../matrix/held.ts";
import type { MatrixSource } from "../matrix/source.ts";
import type { OutputSums } from "../measure/measured.ts";
import { outputPanel, PANEL_ROWS } from "../measure/output-error.ts";
import type { ActivationsReport } from "../measure/report.ts";
import { isPlainRule, isWeighted, type Plan } from "../plan/plan.ts";
import { prepareRecipe } from "../prepare/prepare.ts";
import { paceOf } from "./calibrated.ts";
import type { Quantized } from "./types.ts";

/** Sends a matrix through a plan. */
type Quantize = (source: MatrixSource, plan: Plan) => Promise<Pick<Quantized, "rows" | "plan">>;
type Checkpoint = (done: number, total: number, phase: string) => Promise<void>;

/** The recipe for so many rows. Throws RecipeError where it does not fit, or static scales make no sense. */
export function planFor({ recipe, definitions, scales }: ActivationsRecipe, rows: number, cols: number): Plan {
  const plan = prepareRecipe(recipe, definitions, rows, cols);
  if (isWeighted(plan.levels[0]?.rule.finding)) {
    throw new RecipeError(
      `${plan.text}: weights=inputs weighs a weight's columns by its inputs, and activations are those inputs`,
    );
  }
  if (scales === "dynamic") return plan;
  const [level] = plan.levels;
  const { kind } = plan.grid;
  const simple = level !== undefined && isPlainRule(level.rule);
  if ((kind !== "tensor" && kind !== "col") || !simple) {
    throw new RecipeError(
      `static scales of activations are one a tensor or one a channel (/tensor or /col), by their largest values: ${plan.text} has others`,
    );
  }
  return plan;
}

/** Rows of least and largest values, behind the tokens: static scales take them in, and nothing else does. */
function withEnds(rows: Float32Array, behind: Calibration): Float32Array {
  const min = partOf(behind, "min", "a recipe for activations with static scales");
  const max = partOf(behind, "max", "a recipe for activations with static scales");
  const out = new Float32Array(rows.length + 2 * min.length);
  out.set(rows);
  out.set(Float32Array.from(min), rows.length);
  out.set(Float32Array.from(max), rows.length + min.length);
  return out;
}

/** |A - B|^2, or |A|^2. */
function energy(a: Dense, b?: Dense): number {
  let sum = 0;
  for (let i = 0; i < a.values.length; i++) {
    const e = b ? a.values[i] - b.values[i] : a.values[i];
    sum += e * e;
  }
  return sum;
}

/** Outputs, tokens x outputs, with what corrections add to each; in place. */
function shifted(outputs: Dense, bias: Float64Array | undefined): Dense {
  if (bias) for (let i = 0; i < outputs.values.length; i++) outputs.values[i] += bias[i % outputs.cols];
  return outputs;
}

/** How far inputs may be from themselves after there and back, relative to their norm: stored factors of a transform are rounded. */
export const ROUND_TRIP = 0.01;

/** What the steps before the quantizer do to inputs, those that leave them as they are left out. Throws RecipeError. */
export function dualsOf({ duals, plan }: Pick<Quantized, "duals" | "plan">): { dual: Dual; name: string }[] {
  return duals.flatMap((dual, k) => {
    const { name } = plan.steps[k].step.entry;
    if (dual === undefined) {
      throw new RecipeError(
        `${name} does not say what becomes of the inputs: activations cannot be quantized behind it`,
      );
    }
    return dual ? [{ dual, name }] : [];
  });
}

/** A part of the results in float64, zero where a value or a result is not finite, as they are. */
function partsOf(
  part: Float32Array,
  { input, result }: { input: Float32Array; result: Float32Array },
  cols: number,
): Dense {
  const out = dense(part.length / cols, cols);
  for (let i = 0; i < part.length; i++)
    if (input[i] - input[i] === 0 && result[i] - result[i] === 0) out.values[i] = part[i];
  return out;
}

/** Outputs of quantized inputs y, but for a part p of the weight q that meets inputs x as they are: y (q - p)^T + x p^T. */
async function beside(
  x: Dense,
  y: Dense,
  q: Dense,
  p: Dense,
  outputs: (inputs: Dense, weight: Dense) => Promise<Dense>,
): Promise<Dense> {
  const sum = await outputs(
    y,
    dense(
      q.rows,
      q.cols,
      q.values.map((value, i) => value - p.values[i]),
    ),
  );
  const own = await outputs(x, p);
  for (let i = 0; i < sum.values.length; i++) sum.values[i] += own.values[i];
  return sum;
}

/**
 * What quantized activations do beside a quantized weight. Four products of rows kept x columns x outputs in float64. Rejects with
 * RecipeError where there are no rows, a step does not say what becomes of inputs, or the recipe does not fit; and as `checkpoint` does.
 */
export async function measureActivations(
  quantized: Quantized,
  calibration: Calibration,
  activations: ActivationsRecipe,
  quantize: Quantize,
  checkpoint: Checkpoint,
): Promise<{ report: ActivationsReport; outputs: OutputSums }> {
  const { plan } = quantized;
  const { cols } = plan;
  const run = paceOf({ checkpoint });
  const x = denseRows(partOf(calibration, "rows", "a recipe for activations"), cols);
  const duals = dualsOf(quantized);
  let behind = calibration;
  for (const { dual, name } of duals) behind = await throughDual(behind, dual, "rows", name, run);
  const back = async (inputs: Float32Array): Promise<Dense> => {
    let out = denseRows(inputs, cols);
    for (const { dual } of duals.toReversed()) out = await undoDual(out, dual, run);
    return out;
  };
  const met = behind.rows!;
  if (duals.length > 0 && energy(x, await back(met)) > ROUND_TRIP ** 2 * energy(x)) {
    const names = duals.map(({ name }) => name).join(" and ");
    throw new RecipeError(`inputs do not come back through ${names}: activations cannot be quantized behind it`);
  }
  const values = activations.scales === "static" ? withEnds(met, behind) : met;
  const own = planFor(activations, values.length / cols, cols);
  const coded = await quantize(heldMatrix(values, values.length / cols, cols, "activations"), own);
  const { result } = await coded.rows(0, x.rows);
  const broken = result.find((value) => value - value !== 0);
  if (broken !== undefined) throw new RecipeError(`${own.text}: activations become ${broken}: there are no outputs`);
  const y = await back(result);
  const sums = { signal: 0, weight: 0, activation: 0, joint: 0 };
  for (let row0 = 0; row0 < plan.rows; row0 += PANEL_ROWS) {
    await checkpoint(row0, plan.rows, "output error");
    const panel = await quantized.rows(row0, Math.min(plan.rows, row0 + PANEL_ROWS));
    const { signal: w, error } = outputPanel(panel.input, panel.result, cols);
    const q = dense(
      w.rows,
      cols,
      w.values.map((value, i) => value - error.values[i]),
    );
    const outputs = (inputs: Dense, weight: Dense) => multiply(inputs, weight, { transposeB: true }, run);
    const bias = quantized.outputBias?.subarray(row0, row0 + w.rows);
    const wanted = await outputs(x, w);
    sums.signal += energy(wanted);
    sums.weight += energy(wanted, shifted(await outputs(x, q), bias));
    sums.activation += energy(wanted, await outputs(y, w));
    const apart = quantized.apart?.(row0, row0 + w.rows);
    const joint = apart ? await beside(x, y, q, partsOf(apart, panel, cols), outputs) : await outputs(y, q);
    sums.joint += energy(wanted, shifted(joint, bias));
  }
  const over = (sum: number) => (sums.signal > 0 ? sum / sums.signal : null);
  const report = {
    recipe: own.text,
    scales: activations.scales,
    rows: x.rows,
    bitsPerActivation: bitsOf(coded.plan, activations.scales),
    weightOnly: over(sums.weight),
    activationOnly: over(sums.activation),
    joint: over(sums.joint),
  };
  return { report, outputs: { error: sums.joint, signal: sums.signal } };
}

/** Bits of an activation. Scales that stay are stored once for all tokens, and count for nothing. */
export function bitsOf({ bits }: Plan, scales: ActivationsRecipe["scales"]): number {
  return scales === "static" ? bits[0].bitsPerWeight : bits.reduce((sum, part) => sum + part.bitsPerWeight, 0);
}
