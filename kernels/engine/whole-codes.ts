/** Codes that are found for a whole matrix, by themselves or under a solver that takes several columns at once. */
import { referenceBackend } from "../backends/reference/backend.ts";
import type { Calibration } from "../calibration/types.ts";
import { binary } from "../exact/bits.ts";
import { RecipeError } from "../grammar/errors.ts";
import type { MatrixSource } from "../matrix/source.ts";
import type { CodedMatrix, CodeJob } from "../plan/code.ts";
import type { Plan } from "../plan/plan.ts";
import { resolveScales } from "../scales/resolve.ts";
import { makeStatistics } from "../scales/statistics.ts";
import { summaryOf } from "../scales/summary.ts";
import type { Matrix, PlannedStep } from "../steps/step.ts";
import type { Coded } from "./coded.ts";
import { quantizedOf } from "./run.ts";
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
  return codedAs(inner, operand, core, await (await work()).encode(params, operand, calibration, job), []);
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
  return codedAs(inner, operand, core, await coder.end(), notes);
}

/** No value has a range or a zero of its own, so that none is saturated or flushed. */
function codedAs(inner: MatrixSource, { cols }: Matrix, core: Plan, matrix: CodedMatrix, said: string[]): Coded {
  const { result, codes, dim, codeBits, counts, bits, notes, words } = matrix;
  const codeAt = (i: number) => codes![Math.floor(i / dim)];
  // A cast to float32 has the same shape: no blocks, no scales.
  const run = { scales: resolveScales(core, makeStatistics(core)), statistics: makeStatistics(core) };
  return {
    quantized: result,
    counts: { codes: counts, saturated: 0, flushed: 0 },
    summary: summaryOf(run.scales),
    poisoned: 0,
    bits,
    notes: [...said, ...notes],
    look(report) {
      const cast = quantizedOf(inner, core, referenceBackend, run, report);
      return {
        ...cast,
        async rows(row0, row1) {
          const rows = await cast.rows(row0, row1);
          return { ...rows, codes: codes && Uint32Array.from(rows.input, (_, i) => codeAt(row0 * cols + i)) };
        },
        async inspect(row, col) {
          const at = row * cols + col;
          const y = result[at];
          const inspection = await cast.inspect(row, col);
          const code = codes && codeAt(at);
          return {
            ...inspection,
            ...{ code, codeBits: code === null ? null : binary(code, codeBits) },
            ...{ below: y, above: y, tie: false, level: y, quantized: y },
            ...(words && { words: words(row, col) }),
          };
        },
      };
    },
  };
}
