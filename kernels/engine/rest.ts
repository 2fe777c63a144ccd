import type { QuantizeOptions } from "../backends/options.ts";
import { RecipeError } from "../grammar/errors.ts";
import { codesItsWay, hasLayers } from "../plan/layers.ts";
import { isWeighted, type Plan } from "../plan/plan.ts";
import { streamedTransforms } from "../prepare/steps.ts";
import type { Matrix } from "../steps/step.ts";

/**
 * The plan of what stands right of the step at `index` of those before the quantizer, without solver and corrections. Throws RecipeError
 * where a step of it, or its search, needs a calibration: what a search tries has inputs of its own.
 */
export function restOf(plan: Plan, index: number): Plan {
  const before = plan.steps
    .slice(index + 1, plan.recipe.before.length)
    .filter(({ step }) => step.entry.place !== "solver");
  const { name } = plan.steps[index].step.entry;
  const needing = before.find(({ needs }) => needs.calibration !== "none" && !needs.calibrationOptional);
  if (needing) {
    throw new RecipeError(
      `${name} searches with all that stands right of it, and ${needing.step.entry.name} there needs a calibration itself: write ${needing.step.entry.name} before ${name}`,
    );
  }
  const rule = plan.levels[0]?.rule;
  if (isWeighted(rule?.finding)) {
    throw new RecipeError(
      `${name} searches with all that stands right of it, and ~${rule.name}(weights=inputs) there needs a calibration itself, for each thing that ${name} tries: leave out weights=inputs`,
    );
  }
  return {
    ...plan,
    recipe: { ...plan.recipe, before: before.map(({ step }) => ({ name: step.entry.name, args: [] })), after: [] },
    steps: before,
    transforms: streamedTransforms(before, plan.code !== null || plan.module !== undefined || codesItsWay(plan)),
  };
}

/** How a matrix goes through a plan, whole. */
type Through = (matrix: Matrix, plan: Plan, options: QuantizeOptions) => Promise<Matrix>;

/** `StepJob.rest` of the step at `index`. Nothing of it is told as progress: the step that searches counts what it tries. */
export function restFor(
  plan: Plan,
  index: number,
  options: QuantizeOptions,
  streamed: Through,
  layered: Through,
): (operand: Matrix) => Promise<Matrix> {
  let rest: Plan | null = null;
  const quiet: QuantizeOptions = { ...options, calibration: null, checkpoint: () => options.checkpoint(0, 0, "") };
  return (operand) => {
    rest ??= restOf(plan, index);
    return (hasLayers(rest) ? layered : streamed)(operand, rest, quiet);
  };
}
