/** The frontier asked of a worker, and opened here: budgets are looked up without asking again. */
import { openFrontier } from "../../../../kernels/allocation/frontier.ts";
import type { AllocationTable } from "../../../../kernels/allocation/types.ts";
import { refusedOf } from "../../../../workers/frontier/refused.ts";
import type { FrontierRequest } from "../../../../workers/frontier/request.ts";
import { track } from "../../../state/busy.ts";
import { isAbort, messageOf, notify } from "../../../state/notices.ts";
import type { Workbench } from "../../../state/workbench.ts";
import type { Limits } from "./limits/limits.ts";
import { mixStoreOf } from "./store.ts";

/** What is to be solved. */
export interface MixProblem {
  key: string;
  table: AllocationTable;
  limits: Limits;
  fixedBits: number;
}

function requestOf({ table, limits, fixedBits }: MixProblem): FrontierRequest {
  const { items, choices, loss, deviation, bits } = table;
  const { pinned, forbidden, reasons } = limits;
  return {
    ...{ items: [...items], choices: [...choices], loss, deviation, bits, pinned, forbidden, reasons, fixedBits },
    refused: refusedOf(table, pinned),
  };
}

let running: AbortController | null = null;

/** Finds the frontier; one that is being found for something else ends first. The one before stays, as old, meanwhile. */
export async function solve(w: Workbench, problem: MixProblem): Promise<void> {
  const store = mixStoreOf(w);
  const source = store.getState().source ?? "";
  const { key, table } = problem;
  running?.abort();
  const job = new AbortController();
  running = job;
  const current = () => running === job;
  store.setState({ solving: { key, progress: null } });
  try {
    const { data, seconds } = await track(
      w.client.call("frontier", requestOf(problem), {
        signal: job.signal,
        onProgress: (progress) => current() && store.setState({ solving: { key, progress } }),
      }),
    );
    if (!current()) return;
    const frontier = { key, source, items: table.items.length, frontier: openFrontier(data), seconds };
    store.setState({ frontier, solving: null, unsolved: null });
  } catch (error) {
    if (!current()) return;
    store.setState({ solving: null, unsolved: isAbort(error) ? null : { key, problem: messageOf(error) } });
  }
}

/** Asks what other solvers come to at a budget; asked again, the first is given up. */
export async function compare(w: Workbench, problem: MixProblem, budgetBits: number): Promise<void> {
  const store = mixStoreOf(w);
  store.getState().comparing?.abort();
  const job = new AbortController();
  store.setState({ comparing: job });
  const current = () => store.getState().comparing === job;
  try {
    const request = { ...requestOf(problem), budgetBits, seed: 0 };
    const { points } = await track(w.client.call("solvers", request, { signal: job.signal }));
    if (current()) store.setState({ compared: { key: problem.key, points }, comparing: null });
  } catch (error) {
    if (!current()) return;
    store.setState({ comparing: null });
    if (!isAbort(error)) notify(messageOf(error), "error");
  }
}
