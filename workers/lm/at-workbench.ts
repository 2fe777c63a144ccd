import { readText } from "../models/text/spec.ts";
import type { JobControl } from "../pace/pace.ts";
import type { Workbench } from "../workbench/workbench.ts";
import type { LmRequest } from "./request.ts";
import type { LmSetup } from "./setup.ts";
import type { Asked } from "./work.ts";

/** What a request for a model of an open source runs on. Rejects with UserError, or with AbortError. */
export async function setupAt(
  workbench: Workbench,
  { source, calibration }: Pick<LmRequest, "source" | "calibration">,
  { signal }: JobControl,
): Promise<LmSetup> {
  const machines = await workbench.machines(source, signal);
  const open = calibration === undefined ? null : await workbench.calibration(calibration);
  return {
    model: await workbench.model(source, signal),
    runs: workbench.runs,
    backends: workbench.backends,
    calibration: open && { key: calibration!, open },
    running: (device) => machines.running(device),
    other: (device) => machines.other(device),
  };
}

/** The request with its text read. Rejects with UserError, or with AbortError. */
export async function askedAt(
  workbench: Workbench,
  request: Pick<LmRequest, "source" | "text" | "windows" | "a" | "b" | "definitions" | "device" | "budget">,
  signal: AbortSignal,
): Promise<Asked> {
  return { ...request, text: await readText(request.text, await workbench.source(request.source), signal) };
}
