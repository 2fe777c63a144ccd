import { argsOf } from "../grammar/args.ts";
import type { Call, Definition, Recipe } from "../grammar/ast.ts";
import { RecipeError } from "../grammar/errors.ts";
import type { Entry } from "../grammar/signature.ts";
import { printRecipe } from "../notation/index.ts";
import { stepNamed } from "../steps/known.ts";
import type { RowTransform } from "../steps/row-transform.ts";
import { isStreamed, type PlannedStep, type StepArgs } from "../steps/step.ts";

/** Where a step stands in its recipe: before the quantizer or after it, and at which place there. */
export interface StepPlace {
  side: "before" | "after";
  index: number;
}

/** The recipe with one of its steps replaced. */
function withStep(recipe: Recipe, { side, index }: StepPlace, call: Call): Recipe {
  return { ...recipe, [side]: recipe[side].with(index, call) };
}

function stepArgs(recipe: Recipe, place: StepPlace, entry: Entry, definitions: readonly Definition[]): StepArgs {
  const call = recipe[place.side][place.index];
  const args = argsOf(call, entry);
  return {
    ...args,
    remedy(key, number) {
      const old = args.get(key);
      const value = { type: "number", value: number } as const;
      const changed = call.args.map((arg) => (old && arg.value === old.value ? { ...arg, value } : arg));
      const mended = withStep(recipe, place, { ...call, args: changed });
      return [{ label: `use ${number}`, recipe: printRecipe(mended, { definitions: [...definitions] }) }];
    },
  };
}

/**
 * One step of a recipe made ready for a rows x cols matrix. Its position counts steps before the quantizer, then those after it.
 * Throws RecipeError where it makes no sense or does not fit.
 */
export function planStep(
  recipe: Recipe,
  place: StepPlace,
  rows: number,
  cols: number,
  definitions: readonly Definition[],
): PlannedStep {
  const call = recipe[place.side][place.index];
  const step = stepNamed(call.name);
  if (!step) throw new RecipeError(`${call.name} is not a step`);
  const of = { rows, cols, position: place.index + (place.side === "after" ? recipe.before.length : 0) };
  return { step, of, ...step.plan(stepArgs(recipe, place, step.entry, definitions), of) };
}

/**
 * All steps of a recipe, in their order. A solver stands immediately left of the quantizer, and there is one at most.
 * Throws RecipeError.
 */
export function planSteps(
  recipe: Recipe,
  rows: number,
  cols: number,
  definitions: readonly Definition[],
): PlannedStep[] {
  const solvers = recipe.before.filter(({ name }) => stepNamed(name)?.entry.place === "solver");
  if (solvers.length > 1) {
    throw new RecipeError(
      `${solvers[0].name} and ${solvers[1].name} both choose the codes: a recipe has one solver at most`,
    );
  }
  if (solvers.length === 1 && recipe.before.at(-1) !== solvers[0]) {
    throw new RecipeError(`${solvers[0].name} chooses the codes, so it stands last before the quantizer`);
  }
  const before = recipe.before.map((_, index) => planStep(recipe, { side: "before", index }, rows, cols, definitions));
  const after = recipe.after.map((_, index) => planStep(recipe, { side: "after", index }, rows, cols, definitions));
  return [...before, ...after];
}

/**
 * Throws RecipeError where a step that leaves values without codes has something right of it that would give them values again, or a
 * quantizer (`whole`) that makes codes of whole blocks.
 */
export function checkSparse(steps: readonly PlannedStep[], quantizer: string, whole: boolean): void {
  const before = steps.filter(({ step }) => step.entry.place !== "correction");
  const first = before.findIndex(({ sparse }) => sparse);
  if (first < 0) return;
  const { name } = before[first].step.entry;
  const other = before.slice(first).find(({ sparse }) => !sparse);
  if (other) {
    throw new RecipeError(
      `${name} leaves places without codes, which ${other.step.entry.name} would fill: write ${name} right before the quantizer`,
    );
  }
  if (whole) throw new RecipeError(`${name} leaves places without codes, and ${quantizer} makes codes of whole blocks`);
}

/**
 * The transforms of a recipe through which rows stream. Where any of its steps asks for more, or its codes do (`whole`), that is one
 * which nobody can take: whoever overlooks that a recipe has layers fails, and does not silently leave them out.
 */
export function streamedTransforms(steps: readonly PlannedStep[], whole: boolean): RowTransform[] {
  if (whole || !steps.every(isStreamed)) return [LAYERS];
  return steps.flatMap(({ step, params }) => ("stream" in step ? [step.stream(params)] : []));
}

const refuse = (): never => {
  throw new Error("a recipe with layers was taken for one through which rows stream");
};

const LAYERS: RowTransform = { name: "layers", key: "layers", block: 1, forward: refuse, inverse: refuse };
