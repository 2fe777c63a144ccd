import { dawnRuns, startDawn } from "../../kernels/backends/webgpu/device/dawn.ts";
import { UserError } from "../errors/user-error.ts";

/** WebGPU in Node. Rejects with UserError where Dawn has no build for this machine. */
export async function dawnGpu(): Promise<GPU> {
  try {
    return await startDawn();
  } catch (error) {
    throw new UserError(`WebGPU could not be started here: ${(error as Error).message}`);
  }
}

/** Ends the process where Dawn runs, which Node by itself would not, once all output is written. */
export function endDawn(): void {
  if (dawnRuns()) process.stdout.write("", () => process.exit());
}
