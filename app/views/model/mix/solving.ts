/** The frontier asked of a worker, and opened here: budgets are looked up without asking again. */
import { openFrontier } from "../../../../kernels/allocation/frontier.ts";
import type { AllocationTable } from "../../../../kernels/allocation/types.ts";
import { track } from "../../../state/busy.ts";
import { isAbort, messageOf } from "../../../state/notices.ts";
import type { Workbench } from "../../../state/workbench.ts";
import type { Limits } from "./limits/limits.ts";
import { mixStoreOf } from "./store.ts";

let running: AbortController | null = null;

/** Finds the frontier; one that is being found for something else ends first. The one before stays, as old, meanwhile. */
export async function solve(
  w: Workbench,
  key: string,
  table: AllocationTable,
  limits: Limits,
  fixedBits: number,
): Promise<void> {
  const store = mixStoreOf(w);
  const source = store.getState().source ?? "";
  running?.abort();
  const job = new AbortController();
  running = job;
  const current = () => running === job;
  store.setState({ solving: { key, progress: null } });
  const { pinned, forbidden, reasons } = limits;
  const { items, choices, loss, deviation, bits } = table;
  try {
    const { data, seconds } = await track(
      w.client.call(
        "frontier",
        {
          ...{ items: [...items], choices: [...choices], loss, deviation, bits },
          pinned,
          forbidden,
          reasons,
          fixedBits,
        },
        {
          signal: job.signal,
          onProgress: (progress) => current() && store.setState({ solving: { key, progress } }),
        },
      ),
    );
    if (!current()) return;
    store.setState({
      frontier: { key, source, items: items.length, frontier: openFrontier(data), seconds },
      solving: null,
      unsolved: null,
    });
  } catch (error) {
    if (!current()) return;
    const problem = isAbort(error) ? null : { key, problem: messageOf(error) };
    store.setState({ solving: null, unsolved: problem });
  }
}
