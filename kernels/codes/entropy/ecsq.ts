import type { CodedMatrix, CodeJob } from "../../plan/code.ts";
import type { Matrix } from "../../steps/step.ts";
import type { WorkOf } from "../code.ts";
import { rootMeanSquare } from "../scale.ts";
import { byEntropy, entropyOf, nearestWhole, shifted } from "./counts.ts";
import type { EcsqCode } from "./plan.ts";

/** Halvings of the interval in which the step lies. */
const HALVINGS = 24;
/** Values by which it is found; more are thinned out evenly. */
const MOST_TRIED = 2 ** 17;
/** Values between two looks at whoever may cancel. */
const PACED = 2 ** 18;
/** Codes beyond this are kept at it. */
const MOST = 2 ** 30;

export const wholeSteps = (x: number, step: number): number =>
  step > 0 ? Math.min(MOST, Math.max(-MOST, nearestWhole(x / step))) : 0;

async function stepFor(values: Float32Array, rate: number, job: CodeJob): Promise<number> {
  const rms = rootMeanSquare(values);
  if (rms === 0) return 0;
  const thin = Math.ceil(values.length / MOST_TRIED);
  const tried: number[] = [];
  for (let i = 0; i < values.length; i += thin) if (values[i] - values[i] === 0) tried.push(values[i]);
  const codes = new Int32Array(tried.length);
  const rateOf = (step: number) => {
    for (let i = 0; i < codes.length; i++) codes[i] = wholeSteps(tried[i], step);
    return entropyOf(codes);
  };
  // Between 2^-14 and 2^6 times the root mean square; the entropy falls with the step.
  let [low, high] = [-14, 6];
  for (let i = 0; i < HALVINGS; i++) {
    await job.checkpoint(i, 2 * HALVINGS, "steps tried");
    const middle = (low + high) / 2;
    if (rateOf(rms * powerOfTwo(middle)) > rate) low = middle;
    else high = middle;
  }
  return Math.fround(rms * powerOfTwo(high));
}

/** 2^x from square roots alone, which every engine rounds alike; x in steps of 2^-24. */
export function powerOfTwo(x: number): number {
  const whole = Math.floor(x);
  let out = 2 ** whole;
  let rest = x - whole;
  let root = 2;
  for (let i = 0; i < 26 && rest > 0; i++) {
    root = Math.sqrt(root);
    rest *= 2;
    if (rest >= 1) {
      out *= root;
      rest -= 1;
    }
  }
  return out;
}

async function encode({ rate }: EcsqCode, { values }: Matrix, job: CodeJob): Promise<CodedMatrix> {
  const step = await stepFor(values, rate, job);
  const all = new Int32Array(values.length);
  const finite: Int32Array = new Int32Array(values.length);
  let [count, moment, square] = [0, 0, 0];
  for (let i = 0; i < values.length; i++) {
    if (i % PACED === 0) await job.checkpoint(values.length + i, 2 * values.length, "values");
    const x = values[i];
    if (x - x !== 0) continue;
    const code = wholeSteps(x, step);
    all[i] = code;
    finite[count++] = code;
    moment += code * x;
    square += code * code;
  }
  // What codes stand for is nearer to zero than the middles of the cells, where a Gaussian is denser.
  const unit = square > 0 ? Math.fround(moment / square) : 0;
  await job.checkpoint(1, 1, "values");
  const reached = entropyOf(finite.subarray(0, count));
  await job.checkpoint(1, 1, "values");
  const { codes, least, counts, codeBits } = shifted(all);
  const result = values.slice();
  for (let i = 0; i < values.length; i++) if (values[i] - values[i] === 0) result[i] = all[i] * unit;
  return {
    ...{ result, codes, dim: 1, codeBits, counts, bits: [byEntropy(reached)] },
    notes:
      reached < rate - 0.05 && step > 0
        ? [`ecsq: the tensor has not enough different values for ${rate} bits of entropy`]
        : [],
    words: () => [
      { what: "cell", value: String(step) },
      { what: "unit of the levels", value: String(unit) },
      { what: "code of zero", value: String(-least) },
    ],
  };
}

/**
 * Cells of one size, chosen so that the codes have the entropy that is asked for (Gish and Pierce 1968). A code stands for a whole multiple
 * of the unit with the least squared error.
 */
export const work: WorkOf<EcsqCode> = { encode: (code, operand, _, job) => encode(code, operand, job) };
