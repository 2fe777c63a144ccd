import { pacer } from "../../pace/pace.ts";
import type { Job } from "../job.ts";
import { readWindow, type WindowPart, type WindowReply } from "./window.ts";

/** A window of one recipe's errors. A recipe that was not run yet is run first. */
export const window: Job<WindowPart, WindowReply> = {
  async work(request, workbench, control) {
    // Whatever backend computed the result.
    const { target, recipe, definitions } = request;
    const order = await workbench.order(target, { recipe, definitions });
    return workbench.runs.look(order, control, (quantized) => readWindow(quantized, request, pacer(control.signal)));
  },
  transfers: ({ rms, signed, codes, values }) => [...rms, ...(signed ?? []), ...(codes ?? []), values],
};
