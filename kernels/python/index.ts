/**
 * A recipe as a short NumPy program that gives the same codes, scales and results: for colleagues who have neither this
 * tool nor its code. It is put together from pieces, of which a recipe takes those that it needs.
 */
import { RecipeError } from "../errors.ts";
import { numberArg } from "../notation/args.ts";
import type { Definition, Recipe } from "../notation/ast.ts";
import { prepareRecipe } from "../plan/prepare.ts";
import { ROTATION } from "./elements.ts";
import { blockProgram } from "./ggml-program.ts";
import { RANDOM } from "./ladder.ts";
import { libraryProgram } from "./library.ts";
import { plainProgram } from "./plain.ts";
import { head, NO_TURN, READ, TURN, TURN_BACK, WRITE } from "./program.ts";
import { scaledProgram } from "./scaled.ts";

/** Steps that a program knows to take and to undo. */
const KNOWN_STEPS: readonly string[] = ["ht", "rht"];

/**
 * The program's text. Throws RecipeError where the recipe makes no sense, or has a part that is not written as Python.
 * Whether it suits a tensor (rows that a rotation divides, say) shows when it runs.
 */
export function pythonOf(recipe: Recipe, definitions: readonly Definition[] = []): string {
  const other = [...recipe.before, ...recipe.after].find((step) => !KNOWN_STEPS.includes(step.name));
  if (other) throw new RecipeError(`${other.name} is not written as Python`);
  if (recipe.quantizer.base.name === "given") throw new RecipeError("given results have no program that makes them");
  const plan = prepareRecipe(recipe, [...definitions], 1, columnsFor(recipe));
  const { functions, constants, main } = plan.codec
    ? blockProgram(plan.codec)
    : (plainProgram(plan) ?? libraryProgram(plan) ?? scaledProgram(plan));
  const rotated = recipe.before.length > 0;
  const turns = rotated ? [ROTATION, ...(functions.includes(RANDOM) ? [] : [RANDOM])] : [];
  const steps = recipe.before.map(
    (s) => `(${numberArg(s, "n")}, ${s.name === "rht" ? (numberArg(s, "seed") ?? 0) : "None"})`,
  );
  const pieces = [
    ...functions,
    ...turns,
    [...constants, ...(rotated ? [`ROTATIONS = [${steps.join(", ")}]`] : [])].join("\n"),
    READ,
    rotated ? TURN : NO_TURN,
    ...main,
    ...(rotated ? [TURN_BACK] : []),
    WRITE,
  ].filter((piece) => piece !== "");
  return head(plan.text, pieces) + pieces.map((piece) => `\n${separation(piece)}${piece.trim()}\n`).join("");
}

/** Two blank lines before what defines, as Python's style has it. */
const separation = (piece: string): string => (/^\s*(def|class) /.test(piece) ? "\n" : "");

/** A row that every rotation divides, and whole blocks. */
function columnsFor({ before }: Recipe): number {
  const sizes = before.map((step) => numberArg(step, "n") ?? 1);
  return sizes.reduce(leastCommonMultiple, 256);
}

const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b));
const leastCommonMultiple = (a: number, b: number): number => (a / greatestCommonDivisor(a, b)) * b;
