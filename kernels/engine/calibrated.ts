/** How a calibration enters the engine: checked against a plan before any work, and taken through the steps before a quantizer. */
import type { Dual } from "../calibration/dual.ts";
import { checkNeed, checkWidth, largestNeed, partOf } from "../calibration/needs.ts";
import type { Calibration, CalibrationNeed } from "../calibration/types.ts";
import { RecipeError } from "../grammar/errors.ts";
import type { Run } from "../linalg/run.ts";
import { isWeighted, type Plan } from "../plan/plan.ts";
import type { PlannedStep, StepJob } from "../steps/step.ts";

/**
 * Throws RecipeError where a calibration is of another width than the plan's matrix, or a step or the search of the plan has to have what
 * the calibration (null: none) lacks.
 */
export function checkCalibration(plan: Plan, calibration: Calibration | null, tensor: string): void {
  if (calibration) checkWidth(calibration, plan.cols, tensor);
  for (const { step, needs } of plan.steps) {
    if (!needs.calibrationOptional) checkNeed(calibration, needs.calibration, step.entry.name);
  }
  const rule = plan.levels[0]?.rule;
  if (isWeighted(rule?.finding)) partOf(calibration, "meanSquare", rule.name);
}

/** What a step may see of a calibration: nothing, unless it says what it needs. */
export const seenBy = ({ needs }: PlannedStep, calibration: Calibration | null): Calibration | null =>
  needs.calibration === "none" ? null : calibration;

/** Linear algebra on inputs, under whoever may cancel. */
export const paceOf = (job: Pick<StepJob, "checkpoint">): Run => ({
  pace: (done, total) => job.checkpoint(done, total, "inputs"),
});

/** What these steps and the plan's quantizer still need of a calibration. */
const stillNeeded = (plan: Plan, steps: readonly PlannedStep[]): CalibrationNeed =>
  largestNeed([...steps.map(({ needs }) => needs.calibration), plan.uses ?? "none"]);

/** The name of what needs a calibration behind a step. */
const firstUser = (plan: Plan, steps: readonly PlannedStep[]): string =>
  steps.find(({ needs }) => needs.calibration !== "none")?.step.entry.name ??
  (isWeighted(plan.levels[0]?.rule.finding) ? plan.levels[0].rule.name : plan.recipe.quantizer.base.name);

/**
 * The calibration behind the step at `index` of those before the quantizer, as far as what stands there needs it; null where nothing
 * does. `dual` is what the step does to inputs: null where it leaves them as they are, undefined where it does not say. Throws
 * RecipeError where something behind it needs a calibration that does not go through it.
 */
export async function calibrationBehind(
  plan: Plan,
  index: number,
  dual: Dual | null | undefined,
  calibration: Calibration | null,
  run: Run,
): Promise<Calibration | null> {
  const behind = plan.steps.slice(index + 1, plan.recipe.before.length);
  const need = stillNeeded(plan, behind);
  if (!calibration || need === "none") return null;
  const { name } = plan.steps[index].step.entry;
  if (dual === undefined) {
    const user = firstUser(plan, behind);
    throw new RecipeError(
      `${name} does not say what becomes of the inputs, which ${user} has to know: ${user} cannot stand behind it`,
    );
  }
  if (!dual) return calibration;
  // With its linear algebra, which plain recipes do not take.
  const { throughDual } = await import("../calibration/dual.ts");
  return throughDual(calibration, dual, need, name, run);
}

/** The calibration as the quantizer of a plan meets it through whose steps rows stream; null where it uses none. */
export async function calibrationOfQuantizer(
  plan: Plan,
  calibration: Calibration | null,
  run: Run,
): Promise<Calibration | null> {
  let known = (plan.uses ?? "none") === "none" ? null : calibration;
  for (let k = 0; k < plan.recipe.before.length && known; k++) {
    known = await calibrationBehind(plan, k, plan.transforms[k].dual, known, run);
  }
  return known;
}
