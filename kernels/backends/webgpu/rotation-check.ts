import "../../notation/all.ts";
import { parseRecipe } from "../../notation/index.ts";
import type { Plan } from "../../plan/plan.ts";
import { prepareRecipe } from "../../prepare/prepare.ts";
import type { Backend } from "../backend.ts";
import { differenceAtOnce, differenceFromReference } from "../compare.ts";
import { plainValues, subnormalValues } from "../hostile-values.ts";
import { applyTransforms, invertTransforms } from "../transforms.ts";
import type { ComputeDevice } from "./device/device.ts";
import { type Rotator, rangeOf } from "./rotate/rotations.ts";
import type { SelfCheck } from "./self-check.ts";

/**
 * Runs of every kind, in a workgroup's memory and far apart, Paley's matrices within and across, signs, and one rotation
 * after another; each with a row that holds two blocks or more.
 */
const CASES: [steps: string, cols: number][] = [
  ["ht(2)", 64],
  ["rht(24,seed=3)", 240],
  ["ht(160)", 640],
  ["rht(2048,seed=1)", 4096],
  ["rht(8192,seed=2)", 16384],
  ["rht(10240,seed=4)", 20480],
  ["rht(256,seed=5)+rht(12,seed=5)", 1536],
];

/** Larger than any magnitude that a rotation takes here. */
const TOO_LARGE = 2 ** 127;

/**
 * Compares a device's rotations with the processor's, there and back: sums that round, ties among them, zeros of both
 * signs, NaN and Inf, and magnitudes at the lower end of what floats are trusted with and below. Of
 * magnitudes that might overflow it must tell.
 */
export async function checkRotations(compute: ComputeDevice, rotator: Rotator): Promise<SelfCheck> {
  let cases = 0;
  for (const [k, [steps, cols]] of CASES.entries()) {
    const plan = prepareRecipe(parseRecipe(`${steps}+f32`), [], 1, cols);
    const values = plainValues(cols).map((x, i) => (i % 11 === 5 ? -0 : i % 7 === 2 ? 0 : x));
    // Sums of zeros alone keep their signs, too.
    const [{ block }] = plan.transforms;
    if (cols > 3 * block) values.fill(-0, block, 2 * block);
    values[cols - 1] = k % 2 === 0 ? Number.NaN : -Infinity;
    const least = plainValues(cols).map((x) => x * 2 ** 8 * rangeOf(block).least);
    for (const given of [values, least, subnormalValues(cols)]) {
      const difference = await differenceOf(compute, rotator, plan, given);
      if (difference) return { ok: false, cases, first: `${plan.text} on 1x${cols}: ${difference}` };
      cases += 2 * cols;
    }
    const odd = plainValues(cols);
    odd[k] = TOO_LARGE;
    const { flag } = await turn(compute, rotator, plan, odd);
    if (flag === 0) return { ok: false, cases, first: `${plan.text} on 1x${cols}: ${TOO_LARGE} passes unnoticed` };
  }
  return { ok: true, cases };
}

/** Values rotated, and the same values taken for rotated ones and rotated back. */
async function turn(compute: ComputeDevice, rotator: Rotator, plan: Plan, values: Float32Array) {
  const original = compute.upload("input", values);
  const into = rotator.scratch(plan, 1);
  const back = compute.storage("results", values.byteLength);
  compute.write(back, values);
  const dispatches = [
    ...(await rotator.forward(plan, 1, original, into)),
    ...(await rotator.inverse(plan, 1, back, into.leftOut)),
  ];
  const [flag, there, again] = await compute.run(rotator.zeroed(plan, 1, into), dispatches, [
    [rotator.flag, 4],
    [into.values, values.byteLength],
    [back, values.byteLength],
  ]);
  return { flag: new Uint32Array(flag)[0], there: new Float32Array(there), back: new Float32Array(again) };
}

async function differenceOf(compute: ComputeDevice, rotator: Rotator, plan: Plan, values: Float32Array) {
  const { flag, there, back } = await turn(compute, rotator, plan, values);
  if (flag !== 0) return "ordinary values are taken for too large";
  const tile = { row0: 0, rows: 1, cols: values.length, original: values, input: values };
  return (
    different("rotated", there, applyTransforms(plan, values, 1)) ??
    different("rotated back", back, invertTransforms(plan, tile, values))
  );
}

function different(what: string, got: Float32Array, wanted: Float32Array): string | null {
  const i = wanted.findIndex((x, k) => !Object.is(x, got[k]));
  return i < 0 ? null : `element ${i} ${what} is ${got[i]} instead of ${wanted[i]}`;
}

/** A report in one pass, and one whose rotated results are measured by themselves. */
const AT_ONCE = { recipe: "rht(64,seed=6)+int4/32:f16", rows: 9, cols: 320 };
const APART = { recipe: "rht(24,seed=7)+int4(asym)/24", rows: 9, cols: 240 };

/** Compares reports of rotated values with the reference's, by kernels that add and subtract on their way. */
export async function checkRotatedReports(backend: Backend): Promise<SelfCheck> {
  const valuesOf = ({ rows, cols }: typeof APART) => plainValues(rows * cols).map((x, i) => (i === 7 ? Number.NaN : x));
  const first =
    (await differenceAtOnce(backend, { ...AT_ONCE, values: valuesOf(AT_ONCE) })) ??
    (await differenceFromReference(backend, { ...APART, values: valuesOf(APART) }));
  const cases = AT_ONCE.rows * AT_ONCE.cols + APART.rows * APART.cols;
  return first ? { ok: false, cases: 0, first } : { ok: true, cases };
}
