/** A model of a source on a device, for commands that run text. */
import { openNetwork } from "../../kernels/network/index.ts";
import { UserError } from "../errors/user-error.ts";
import { openModel } from "../models/open.ts";
import { RunningModel } from "../models/running.ts";
import type { OpenSource } from "../sources/open.ts";
import { dawnGpu } from "./dawn.ts";

/** For `parseArgs`. */
export const RUNNING_OPTIONS = { device: { type: "string" } } as const;

/** Opens the model, and a network for it: on wasm where nothing is said. `end` it. Rejects with UserError. */
export async function openRunning(
  source: OpenSource,
  { device = "wasm" }: { device?: string | undefined },
  signal: AbortSignal,
): Promise<RunningModel> {
  if (device !== "wasm" && device !== "webgpu") {
    throw new UserError(`--device is wasm or webgpu, not "${device}".`);
  }
  const model = await openModel(source, signal);
  if (model.problems.length > 0) throw new UserError(model.problems.join(" "));
  const gpu = device === "webgpu" ? { gpu: await dawnGpu() } : {};
  return new RunningModel(model, await openNetwork(model.architecture, { device, ...gpu }));
}
