/** A model of a source as the command line runs it. */
import { standardBackends } from "../backends/standard.ts";
import type { OpenCalibration } from "../calibration/open.ts";
import { UserError } from "../errors/user-error.ts";
import type { LmDevice } from "../lm/request.ts";
import type { LmSetup } from "../lm/setup.ts";
import { ModelMachines } from "../models/machines.ts";
import { openModel } from "../models/open.ts";
import { Runs } from "../runs/runs.ts";
import type { OpenSource } from "../sources/open.ts";
import { dawnGpu } from "./dawn.ts";

/** The device that `--device` names; wasm where nothing is said. Throws UserError. */
export function deviceArgument(text: string | undefined): LmDevice {
  if (text === undefined || text === "wasm") return "wasm";
  if (text === "webgpu") return "webgpu";
  throw new UserError(`--device is wasm or webgpu, not "${text}".`);
}

/** Rejects with UserError where there is no model in the source. */
export async function setupFor(
  source: OpenSource,
  device: LmDevice,
  calibration: OpenCalibration | null,
): Promise<{ setup: LmSetup; end(): Promise<void> }> {
  const model = await openModel(source, new AbortController().signal);
  const gpu = device === "webgpu" ? await dawnGpu() : null;
  const machines = new ModelMachines(model, gpu);
  const backends = standardBackends(gpu);
  const setup: LmSetup = {
    ...{ model, backends, runs: new Runs(backends) },
    calibration: calibration && { key: calibration.info.label, open: calibration },
    running: (one) => machines.running(one),
    other: (one) => machines.other(one),
  };
  return { setup, end: () => machines.end() };
}
