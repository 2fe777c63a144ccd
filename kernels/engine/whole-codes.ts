/** Codes that are found for a whole matrix, by themselves or under a solver that takes several columns at once. */
import type { Calibration } from "../calibration/types.ts";
import { RecipeError } from "../grammar/errors.ts";
import type { MatrixSource } from "../matrix/source.ts";
import type { CodedMatrix, CodeJob } from "../plan/code.ts";
import type { Plan } from "../plan/plan.ts";
import type { Matrix, PlannedStep } from "../steps/step.ts";
import type { Coded } from "./coded.ts";
import { heldCodes } from "./held-codes.ts";
import { solverOf } from "./solve.ts";

/** Lets the plan's code find its codes. */
export async function codeWhole(
  inner: MatrixSource,
  operand: Matrix,
  core: Plan,
  calibration: Calibration | null,
  job: CodeJob,
): Promise<Coded> {
  const { params, work } = core.code!;
  return codedAs(inner, core, await (await work()).encode(params, operand, calibration, job), []);
}

/** Lets a solver choose the codes, several columns at a time. */
export async function codeColumns(
  inner: MatrixSource,
  operand: Matrix,
  core: Plan,
  solver: PlannedStep,
  calibration: Calibration | null,
  job: CodeJob,
): Promise<Coded> {
  const { name, params, columns, work } = core.code!;
  const [coding, solving] = [await work(), await solverOf(solver)];
  if (!coding.begin || !columns || !solving.solveColumns) {
    throw new RecipeError(`${solver.step.entry.name} chooses codes one by one, and ${name} makes them of whole blocks`);
  }
  const coder = await coding.begin(params, operand, calibration, job);
  const notes = await solving.solveColumns(solver.params, { operand, calibration, coder, columns }, job);
  return codedAs(inner, core, await coder.end(), notes);
}

function codedAs(inner: MatrixSource, core: Plan, matrix: CodedMatrix, said: string[]): Coded {
  const { codes, dim, notes } = matrix;
  const codeAt = codes && ((at: number) => codes[Math.floor(at / dim)]);
  return heldCodes(inner, core, { ...matrix, notes: [...said, ...notes], codeAt });
}
