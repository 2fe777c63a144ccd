import { checkBits, claimNotes, countCodes, type GivenCodes } from "../codes/given/claim.ts";
import { moduleName, providedModules } from "../codes/module/provide.ts";
import type { MatrixSource } from "../matrix/source.ts";
import type { Plan } from "../plan/plan.ts";
import type { Matrix, StepJob } from "../steps/step.ts";
import type { Coded } from "./coded.ts";
import { heldCodes } from "./held-codes.ts";

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
  const bits = [{ what: `as ${who} says`, bitsPerWeight: answer.bitsPerWeight }];
  checkBits(bits, who);
  const codes: GivenCodes | null = answer.codes && { values: answer.codes, dim: 1 };
  const counts = codes && countCodes(codes, who);
  return heldCodes(inner, core, {
    ...{ result: answer.result, counts, bits, notes: claimNotes({ bits, codes }, counts, who) },
    codeAt: codes && ((at) => codes.values[at]),
    codeBits: Math.max(1, Math.ceil(Math.log2(counts?.length ?? 1))),
  });
}
