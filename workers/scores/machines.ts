/**
 * What computes scores: the processor alone, in one order, so that page and command line give the same scores to the bit.
 */
import type { Backend } from "../../kernels/backends/backend.ts";
import { referenceBackend } from "../../kernels/index.ts";
import { referenceSweep, type SweepBackend } from "../../kernels/sweep/index.ts";

export interface ScoreMachines {
  sweep: SweepBackend;
  backend: Backend;
}

let made: Promise<ScoreMachines> | null = null;

/** The SIMD kernels, or the reference where there are none. Made once a thread. */
export function scoreMachines(): Promise<ScoreMachines> {
  made ??= makeMachines().catch(() => ({ sweep: referenceSweep, backend: referenceBackend }));
  return made;
}

async function makeMachines(): Promise<ScoreMachines> {
  const [{ createWasmSweep }, { createWasmBackend }] = await Promise.all([
    import("../../kernels/backends/wasm/sweep.ts"),
    import("../../kernels/backends/wasm/index.ts"),
  ]);
  return { sweep: await createWasmSweep(), backend: await createWasmBackend() };
}
