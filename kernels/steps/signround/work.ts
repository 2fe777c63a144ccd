import { partOf } from "../../calibration/index.ts";
import { type Beginning, type Learner, learnRounding } from "../learning/rounding.ts";
import { choicesOf } from "../solving/choices.ts";
import type { Solver } from "../step.ts";
import type { SignroundParams } from "./index.ts";
import { tuned } from "./range.ts";

/** Rounded places: the gradient passes through the rounding as if it were not there (straight-through). */
function learner({ steps }: SignroundParams, { shares }: Beginning): Learner {
  const places = shares.map((share) => (share >= 0.5 ? 1 : 0));
  const added = new Float64Array(shares.length);
  return {
    places,
    move(step, gradients, gap) {
      // All steps together reach half a step of the quantizer: each may go there and no further.
      const rate = (1 - step / steps) / steps;
      for (let i = 0; i < added.length; i++) {
        if (gap[i] === 0) continue;
        added[i] = Math.min(0.5, Math.max(-0.5, added[i] - rate * Math.sign(gradients[i])));
        places[i] = shares[i] + added[i] >= 0.5 ? 1 : 0;
      }
    },
  };
}

/** SignRound. */
export const work: Solver<SignroundParams> = {
  kind: "solver",
  async solve(params, { operand, calibration, quantizer }, job) {
    const inputs = partOf(calibration, "rows", "signround");
    if (params.range === "tuned") return tuned(params, inputs, operand, quantizer, job);
    const choices = await choicesOf(operand, quantizer, job);
    const begin = (beginning: Beginning) => learner(params, beginning);
    return learnRounding({ name: "signround", operand, choices, inputs, ...params, begin }, job);
  },
};
