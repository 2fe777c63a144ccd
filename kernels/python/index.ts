/**
 * A recipe as a short NumPy program that gives the same codes, scales and results: for colleagues who have neither this
 * tool nor its code. It is put together from pieces, of which a recipe takes those that it needs.
 */
import type { VectorCode } from "../codes/vector/plan.ts";
import { GIVEN, MODULE } from "../formats/registry.ts";
import type { Definition, Recipe } from "../grammar/ast.ts";
import { RecipeError } from "../grammar/errors.ts";
import { numberArg } from "../notation/args.ts";
import type { PlannedCode } from "../plan/code.ts";
import { hasLayers } from "../plan/layers.ts";
import { prepareRecipe } from "../prepare/prepare.ts";
import type { StepProgram } from "../steps/program.ts";
import type { PlannedStep } from "../steps/step.ts";
import { blockProgram } from "./ggml-program.ts";
import { libraryProgram } from "./library.ts";
import { plainProgram } from "./plain.ts";
import { EACH_PLACE, head, type Program, READ, WRITE } from "./program.ts";
import { scaledProgram } from "./scaled.ts";
import { stepPrograms } from "./steps.ts";
import { vectorProgram } from "./vector.ts";

/**
 * The program's text. Throws RecipeError where the recipe makes no sense, or has a part that is not written as Python.
 * Whether it suits a tensor (rows that a rotation divides, say) shows when it runs.
 */
export function pythonOf(recipe: Recipe, definitions: readonly Definition[] = []): string {
  if (recipe.quantizer.base.name === GIVEN) throw new RecipeError("given results have no program that makes them");
  if (recipe.quantizer.base.name === MODULE) throw new RecipeError("a module of one's own is not written as Python");
  const plan = prepareRecipe(recipe, [...definitions], 1, columnsFor(recipe));
  if (plan.choice)
    throw new RecipeError(`${recipe.quantizer.base.name} is not written as Python: export its codes and scales`);
  const { functions, constants, main } = plan.code
    ? codeProgram(plan.code)
    : plan.codec
      ? blockProgram(plan.codec)
      : (plainProgram(plan) ?? libraryProgram(plan) ?? scaledProgram(plan));
  const layered = hasLayers(plan);
  const steps = plan.steps.map((step) => programOf(step, layered));
  // Corrections come after everything before the quantizer was undone, in their order.
  const before = steps.slice(0, recipe.before.length);
  const moves = before.some((step) => step.moves);
  const pieces = [
    ...new Set([...functions, ...steps.flatMap((step) => step.functions)]),
    constants.join("\n"),
    READ,
    [`x = original${moves ? `\n${PLACES}` : ""}`, ...before.map((step) => step.forward)].join("\n"),
    ...main.map((piece) => (moves ? piece.replaceAll(EACH_PLACE, "places.ravel()") : piece)),
    ...before.toReversed().map((step) => step.back),
    ...steps.slice(before.length).map((step) => step.back),
    WRITE,
  ].filter((piece) => piece !== "");
  return head(plan.text, pieces) + pieces.map((piece) => `\n${separation(piece)}${piece.trim()}\n`).join("");
}

function codeProgram({ name, params }: PlannedCode): Program {
  if (name !== "vq") throw new RecipeError(`${name} is not written as Python`);
  return vectorProgram(params as VectorCode);
}

function programOf({ step, params, of }: PlannedStep, layered: boolean): StepProgram {
  const { name } = step.entry;
  if (step.entry.place === "solver") {
    throw new RecipeError(
      `${name} chooses codes by more than the weight, and is not written as Python: export its codes and scales`,
    );
  }
  if (!Object.hasOwn(stepPrograms, name)) throw new RecipeError(`${name} is not written as Python`);
  return stepPrograms[name](params as never, of.position, layered);
}

/** Where each value comes from, for steps that move columns. */
const PLACES = "places = np.arange(rows * cols).reshape(rows, cols)";

/** Two blank lines before what defines, as Python's style has it. */
const separation = (piece: string): string => (/^\s*(def|class) /.test(piece) ? "\n" : "");

/** A row that every rotation divides, and whole blocks. */
function columnsFor({ before }: Recipe): number {
  const sizes = before.map((step) => numberArg(step, "n") ?? 1);
  return sizes.reduce(leastCommonMultiple, 256);
}

const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b));
const leastCommonMultiple = (a: number, b: number): number => (a / greatestCommonDivisor(a, b)) * b;
