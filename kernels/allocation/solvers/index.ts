/** Every way to an allocation within a budget. A solver is a file and a line here. */
import type { FrontierData } from "../frontier.ts";
import { assignmentOf, type Groups } from "../groups.ts";
import type { AllocationControl, Assignment, Frontier } from "../types.ts";
import { within } from "../types.ts";
import { amaq } from "./amaq.ts";
import { bisection } from "./bisection.ts";
import { branch } from "./branch.ts";
import { fliqs } from "./fliqs.ts";
import { greedy } from "./greedy.ts";
import { lagrangian } from "./lagrangian.ts";
import { relaxation } from "./relaxation.ts";
import type { Solver, SolverOptions, Trace } from "./types.ts";
import { water } from "./water.ts";

export type { Solver, SolverOptions, Trace } from "./types.ts";

/** Beside dynamic programming, which is the frontier itself. */
export const solvers: readonly Solver[] = [branch, relaxation, lagrangian, greedy, bisection, fliqs, amaq, water];

/** What a solver found, beside what the frontier holds for the same budget. */
export interface Compared {
  solver: Solver;
  assignment: Assignment;
  /** Loss above that of the frontier's point; below 0 where the frontier is not exact and the solver was luckier. */
  gap: number;
  /** Loss above a proven lower bound for the budget: never below 0 but for rounding. */
  atMost: number;
  work: number;
  trace: Trace | null;
}

/**
 * A solver's allocation within a budget; null where none is cheap enough, and of more groups than the solver takes.
 *
 * @throws as the control does.
 */
export async function solve(
  solver: Solver,
  frontier: Frontier & { data: Pick<FrontierData, "groups"> },
  budgetBits: number,
  control: AllocationControl,
  options: SolverOptions = { seed: 0 },
): Promise<Compared | null> {
  const groups: Groups = frontier.data.groups;
  if (groups.count > solver.upTo) return null;
  const found = await solver.solve(groups, budgetBits, control, options);
  if (!found) return null;
  const assignment = assignmentOf(groups, found.at);
  const best = frontier.loss[within(frontier, budgetBits)];
  const bound = Math.max(frontier.bound(budgetBits), found.bound ?? Number.NEGATIVE_INFINITY);
  const { work, trace } = found;
  return { solver, assignment, gap: assignment.loss - best, atMost: assignment.loss - bound, work, trace };
}
