/** What other ways of choosing come to at one budget, beside the frontier. */
import { frontier } from "../../kernels/allocation/frontier.ts";
import { solve, solvers } from "../../kernels/allocation/solvers/index.ts";
import { checkpointFor, type JobControl } from "../pace/pace.ts";
import { problemOf } from "./find.ts";
import type { SolversAnswer, SolversRequest } from "./request.ts";

export async function compareSolvers(request: SolversRequest, control: JobControl): Promise<SolversAnswer> {
  const { table, constraints } = problemOf(request);
  const pace = { checkpoint: checkpointFor(control, "tensors") };
  const found = await frontier(table, constraints, pace);
  const points: SolversAnswer["points"] = [];
  for (const solver of solvers) {
    const one = await solve(solver, found, request.budgetBits, pace, { seed: request.seed });
    const { name, title, says } = solver;
    if (!one) continue;
    const { assignment, gap, atMost, work } = one;
    points.push({ name, title, says, bits: assignment.bits, loss: assignment.loss, gap, atMost, work });
  }
  return { points };
}
