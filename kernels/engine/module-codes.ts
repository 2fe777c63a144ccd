import { referenceBackend } from "../backends/reference/backend.ts";
import { checkBits, claimNotes, codesOfRows, countCodes, type GivenCodes } from "../codes/given/claim.ts";
import { moduleName, providedModules } from "../codes/module/provide.ts";
import { binary } from "../exact/bits.ts";
import type { MatrixSource } from "../matrix/source.ts";
import type { Plan } from "../plan/plan.ts";
import { resolveScales } from "../scales/resolve.ts";
import { makeStatistics } from "../scales/statistics.ts";
import { summaryOf } from "../scales/summary.ts";
import type { Matrix, StepJob } from "../steps/step.ts";
import type { Coded } from "./coded.ts";
import { quantizedOf } from "./run.ts";

/** What a module of the reader's makes of the operand. Nothing is known of the range or the zero of its codes, so that none is saturated or flushed. */
export async function codeByModule(
  inner: MatrixSource,
  operand: Matrix,
  core: Plan,
  job: Pick<StepJob, "checkpoint">,
): Promise<Coded> {
  const digest = core.module!;
  const who = moduleName(digest);
  const modules = await providedModules();
  const answer = await modules.run(digest, operand, () => job.checkpoint(0, 1, "module"));
  const { cols } = operand;
  const { result } = answer;
  const bits = [{ what: `as ${who} says`, bitsPerWeight: answer.bitsPerWeight }];
  checkBits(bits, who);
  const codes: GivenCodes | null = answer.codes && { values: answer.codes, dim: 1 };
  const counts = codes && countCodes(codes, who);
  // A cast to float32 has the same shape: no blocks, no scales.
  const run = { scales: resolveScales(core, makeStatistics(core)), statistics: makeStatistics(core) };
  return {
    quantized: result,
    counts: { codes: counts, saturated: 0, flushed: 0 },
    summary: summaryOf(run.scales),
    poisoned: 0,
    bits,
    notes: claimNotes({ bits, codes }, counts, who),
    look(report) {
      const cast = quantizedOf(inner, core, referenceBackend, run, report);
      return {
        ...cast,
        async rows(row0, row1) {
          const rows = await cast.rows(row0, row1);
          return { ...rows, codes: codes && codesOfRows(codes, cols, row0, row1) };
        },
        async inspect(row, col) {
          const at = row * cols + col;
          const y = result[at];
          const inspection = await cast.inspect(row, col);
          const code = codes?.values[at] ?? null;
          const codeBits = code === null ? null : binary(code, Math.max(1, Math.ceil(Math.log2(counts!.length))));
          return { ...inspection, code, codeBits, below: y, above: y, tie: false, level: y, quantized: y };
        },
      };
    },
  };
}
