import { partOf } from "../../calibration/index.ts";
import { multiply, truncatedSvd } from "../../linalg/index.ts";
import { uniformDraw } from "../../random/normal.ts";
import { addKept, countOf, type KeptValues, keptBits, largestPlaces, withoutKept } from "../places.ts";
import type { Matrix, Split, StepJob } from "../step.ts";
import { finiteOf, paceOf } from "../thin/fit.ts";
import type { DenseSparseParams } from "./index.ts";

/** Keeps these draws apart from those of roundings and generators under an equal seed. */
const STREAM = 0x6d61736b;

/** w^2 E[x^2], and E[g^2] where gradients are known: the diagonal of the Fisher matrix as a product of both, times w^2. */
function salience({ rows, cols, values }: Matrix, { calibration }: StepJob): Float32Array {
  const inputs = partOf(calibration, "meanSquare", "densesparse");
  const output = calibration!.output;
  const out = new Float32Array(values.length);
  for (let r = 0, i = 0; r < rows; r++) {
    const felt = output ? output.values[r * rows + r] : 1;
    for (let c = 0; c < cols; c++, i++) out[i] = values[i] ** 2 * inputs[c] * felt;
  }
  return out;
}

/** What the mask goes by: the largest are kept. Not a number where a value is none. */
async function scores(params: DenseSparseParams, operand: Matrix, job: StepJob): Promise<Float32Array> {
  const { values, cols } = operand;
  switch (params.by) {
    case "magnitude":
      return values;
    case "salience":
      return salience(operand, job);
    case "random":
      return values.map((x, i) => (x - x === 0 ? uniformDraw(params.seed, STREAM, i) : Number.NaN));
    case "lowrank": {
      const run = paceOf(job);
      const { singular, left, right } = await truncatedSvd(finiteOf(operand), params.r, run);
      for (let i = 0; i < right.values.length; i++) right.values[i] *= singular[Math.floor(i / cols)];
      const part = await multiply(left, right, {}, run);
      return values.map((x, i) => (x - x === 0 ? part.values[i] : Number.NaN));
    }
  }
}

export const work: Split<DenseSparseParams, KeptValues> = {
  kind: "split",
  async fit(params, operand, job) {
    const { frac, sensitive, values } = params;
    const felt =
      sensitive > 0 ? largestPlaces(salience(operand, job), countOf(operand, sensitive)) : new Uint32Array(0);
    await job.checkpoint(0, 1, "values");
    const ranked = (await scores(params, operand, job)).slice();
    // They are kept already: the mask's share comes on top of them.
    for (const i of felt) ranked[i] = Number.NaN;
    const count = Math.min(countOf(operand, frac), countOf(operand, 1) - felt.length);
    const places = Uint32Array.from([...felt, ...largestPlaces(ranked, count)]).sort();
    const kept = Float32Array.from(places, (i) => operand.values[i]);
    const side = await job.store("values kept apart", { rows: 1, cols: kept.length, values: kept }, values);
    return { places, side };
  },
  rest: withoutKept,
  add: addKept,
  bits: (kept, of) => keptBits("values kept apart", kept, of),
  side: ({ side }) => [side],
};
