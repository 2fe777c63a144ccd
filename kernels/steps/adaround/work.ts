import { partOf } from "../../calibration/index.ts";
import { Adam } from "../learning/adam.ts";
import { logistic, logistics } from "../learning/logistic.ts";
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
  const moved = new Float64Array(shares.length);
  return {
    places,
    move(step, gradients, gap) {
      // The push is measured in the error that one weight's rounding makes by itself.
      const push = step >= WARM * steps ? reg * cost : 0;
      const beta = betaAt(step, steps);
      const slant = -2 * push * beta;
      adam.next();
      for (let i = 0; i < v.length; i++) {
        const place = places[i];
        // Decided, it is pushed no further, and no gradient reaches it.
        if (gap[i] === 0 || place <= 0 || place >= 1) {
          moved[i] = 0;
          continue;
        }
        const away = 2 * place - 1;
        let lean = 0;
        if (push > 0) {
          // |away|^(beta - 1), in its own loop: a function's number would be an object.
          lean = slant;
          for (let bits = beta - 1, square = Math.abs(away); bits > 0; bits >>= 1, square *= square) {
            if (bits & 1) lean *= square;
          }
          if (away < 0) lean = -lean;
        }
        const sigmoid = (place + REACH) / STRETCH;
        moved[i] = (gradients[i] + lean) * STRETCH * sigmoid * (1 - sigmoid);
      }
      adam.moveAll(v, moved);
      logistics(v, moved);
      for (let i = 0; i < v.length; i++) {
        if (gap[i] > 0) places[i] = Math.min(1, Math.max(0, STRETCH * moved[i] - REACH));
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
