import type { LatencyAnswer, LatencyRequest } from "../../latency/types.ts";
import type { Job, Place } from "../job.ts";

/** How long this device takes for products of one token at widths. */
export const latency: Job<LatencyRequest & Place, LatencyAnswer> = {
  async work(request, _, control) {
    const { latencyMachine, probeLatency } = await import("../../latency/probe.ts");
    const machine = await latencyMachine(globalThis.navigator?.gpu ?? null, request.machine);
    try {
      return await probeLatency(machine, request, control);
    } finally {
      machine.close();
    }
  },
};
