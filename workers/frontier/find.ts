/** The frontier of a table that came over from another thread. */
import { frontier } from "../../kernels/allocation/frontier.ts";
import { AllocationError, type AllocationTable, type Constraints } from "../../kernels/allocation/types.ts";
import { UserError } from "../errors/user-error.ts";
import { checkpointFor, type JobControl } from "../pace/pace.ts";
import { FREE, type FrontierAnswer, type FrontierRequest } from "./request.ts";

/** Table and constraints of a request. */
export function problemOf(request: FrontierRequest): { table: AllocationTable; constraints: Constraints } {
  const { items, choices, loss, deviation, bits, pinned, forbidden, reasons, refused, fixedBits } = request;
  const pins = new Map<number, number>();
  for (const [item, choice] of pinned.entries()) if (choice !== FREE) pins.set(item, choice);
  return {
    table: {
      ...{ items, choices, loss, deviation, bits },
      refused: (item, choice) => refused.get(item * choices.length + choice) ?? null,
    },
    constraints: {
      pinned: pins,
      forbids(item, choice) {
        const reason = forbidden[item * choices.length + choice];
        return reason === 0 ? null : reasons[reason];
      },
      fixedBits,
    },
  };
}

export async function findFrontier(request: FrontierRequest, control: JobControl): Promise<FrontierAnswer> {
  const { table, constraints } = problemOf(request);
  const began = performance.now();
  try {
    const { data } = await frontier(table, constraints, { checkpoint: checkpointFor(control, "tensors") });
    return { data, seconds: (performance.now() - began) / 1000 };
  } catch (error) {
    if (error instanceof AllocationError) throw new UserError(error.message);
    throw error;
  }
}
