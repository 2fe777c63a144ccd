import { partOf } from "../../calibration/index.ts";
import { ln } from "../../exact/elementary.ts";
import { Adam } from "../learning/adam.ts";
import { logistics } from "../learning/logistic.ts";
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
/** The share of the moved weights that are undecided, below which the others are left. */
const LEFT = 0.8;

/** The whole exponent of the push at a step. A parabola for the paper's cosine: engines agree on it. */
function betaAt(step: number, steps: number): number {
  const done = Math.max(0, (step / steps - WARM) / (1 - WARM));
  const fall = done < 0.5 ? 2 * done * done : 1 - 2 * (1 - done) * (1 - done);
  return Math.round(BETA_FIRST + (BETA_LAST - BETA_FIRST) * fall);
}

/** Where the stretched sigmoid is `share`. */
function inverse(share: number): number {
  const p = (share + REACH) / STRETCH;
  return ln(p / (1 - p));
}

/**
 * Rectified sigmoids, moved by Adam, and pushed to a decision after a while. A decided weight has no gradient any more: once a fifth of
 * those that are moved have decided, these are left where they are, and the rest moves together.
 */
function learner({ steps, rate, reg }: AdaroundParams, { shares, cost }: Beginning): Learner {
  const places = Float64Array.from(shares);
  let at = Uint32Array.from(shares.keys());
  let v = shares.map(inverse);
  let moved = new Float64Array(shares.length);
  const adam = new Adam(shares.length, rate);
  const keep = (kept: Uint32Array<ArrayBuffer>) => {
    at = kept.map((k) => at[k]);
    v = Float64Array.from(kept, (k) => v[k]);
    moved = new Float64Array(kept.length);
    adam.keep(kept);
  };
  let begun = false;
  return {
    places,
    move(step, gradients, gap) {
      if (!begun) keep(at.filter((i) => gap[i] > 0));
      begun = true;
      // The push is measured in the error that one weight's rounding makes by itself.
      const push = step >= WARM * steps ? reg * cost : 0;
      const beta = betaAt(step, steps);
      const slant = -2 * push * beta;
      adam.next();
      for (let k = 0; k < v.length; k++) {
        const place = places[at[k]];
        if (place <= 0 || place >= 1) {
          moved[k] = 0;
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
        moved[k] = (gradients[at[k]] + lean) * STRETCH * sigmoid * (1 - sigmoid);
      }
      adam.moveAll(v, moved);
      logistics(v, moved);
      let open = 0;
      for (let k = 0; k < v.length; k++) {
        const place = Math.min(1, Math.max(0, STRETCH * moved[k] - REACH));
        places[at[k]] = place;
        if (place > 0 && place < 1) open++;
      }
      if (open < LEFT * v.length)
        keep(Uint32Array.from(v.keys()).filter((k) => places[at[k]] > 0 && places[at[k]] < 1));
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
