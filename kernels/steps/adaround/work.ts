import { partOf } from "../../calibration/index.ts";
import { Adam } from "../learning/adam.ts";
import { logistic } from "../learning/logistic.ts";
import { type Beginning, type Learner, learnRounding } from "../learning/rounding.ts";
import { choicesOf } from "../solving/choices.ts";
import type { Solver } from "../step.ts";
import type { AdaroundParams } from "./index.ts";

/** The share of the steps in which nothing is pushed. */
const WARM = 0.2;
/** The exponent of the push, from wide to narrow. */
const [BETA_FIRST, BETA_LAST] = [20, 2];
/** The sigmoid is stretched beyond 0 and 1, so that decisions are reached and not only approached. */
const [STRETCH, REACH] = [1.2, 0.1];

/** The whole exponent of the push at a step. A parabola for the paper's cosine: engines agree on it. */
function betaAt(step: number, steps: number): number {
  const done = Math.max(0, (step / steps - WARM) / (1 - WARM));
  const fall = done < 0.5 ? 2 * done * done : 1 - 2 * (1 - done) * (1 - done);
  return Math.round(BETA_FIRST + (BETA_LAST - BETA_FIRST) * fall);
}

function power(x: number, n: number): number {
  let out = 1;
  for (let bits = n, square = x; bits > 0; bits >>= 1, square *= square) if (bits & 1) out *= square;
  return out;
}

const placeOf = (v: number): number => Math.min(1, Math.max(0, STRETCH * logistic(v) - REACH));

/** Where the stretched sigmoid is `share`, by halving. */
function inverse(share: number): number {
  let [low, high] = [-4, 4];
  for (let k = 0; k < 30; k++) {
    const middle = (low + high) / 2;
    if (STRETCH * logistic(middle) - REACH < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Rectified sigmoids, moved by Adam, and pushed to a decision after a while. */
function learner({ steps, rate, reg }: AdaroundParams, { shares, cost }: Beginning): Learner {
  const places = Float64Array.from(shares);
  const v = shares.map(inverse);
  const adam = new Adam(shares.length, rate);
  return {
    places,
    move(step, gradients, gap) {
      // The push is measured in the error that one weight's rounding makes by itself.
      const push = step >= WARM * steps ? reg * cost : 0;
      const beta = betaAt(step, steps);
      adam.next();
      for (let i = 0; i < v.length; i++) {
        if (gap[i] === 0) continue;
        const place = places[i];
        const away = 2 * place - 1;
        const lean = push === 0 ? 0 : -2 * push * beta * power(Math.abs(away), beta - 1) * Math.sign(away);
        const sigmoid = (place + REACH) / STRETCH;
        const slope = place > 0 && place < 1 ? STRETCH * sigmoid * (1 - sigmoid) : 0;
        v[i] += adam.move(i, (gradients[i] + lean) * slope);
        places[i] = placeOf(v[i]);
      }
    },
  };
}

/** AdaRound. */
export const work: Solver<AdaroundParams> = {
  kind: "solver",
  async solve(params, { operand, calibration, quantizer }, job) {
    const inputs = partOf(calibration, "rows", "adaround");
    const choices = await choicesOf(operand, quantizer, job);
    const begin = (beginning: Beginning) => learner(params, beginning);
    return learnRounding({ name: "adaround", operand, choices, inputs, ...params, begin }, job);
  },
};
