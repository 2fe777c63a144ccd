import { blockSize } from "../../plan/blocks.ts";
import { isWeighted, type Plan } from "../../plan/plan.ts";
import type { BackendName } from "../../report/report.ts";
import type { Trials } from "../../scales/trials.ts";

/** Larger blocks than this do not go into the memory of the kernels. */
const MOST_ELEMENTS = 2 ** 26;

/**
 * What tries the candidates of a plan's search: vectors on the processor, whatever the backend, with the reference's bits.
 * The reference itself, machines without WebAssembly, searches with weights, and blocks too large for it take the plain way (undefined).
 */
export async function trialsFor(plan: Plan, backend: BackendName): Promise<Trials | undefined> {
  const finding = plan.levels[0]?.rule.finding;
  if (backend === "reference" || finding?.kind !== "search" || isWeighted(finding)) return undefined;
  if (blockSize(plan.grid, 0) > MOST_ELEMENTS) return undefined;
  try {
    return await (await import("./trials.ts")).wasmTrials();
  } catch {
    return undefined;
  }
}
