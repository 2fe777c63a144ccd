import { startDawn } from "../backends/webgpu/device/dawn.ts";
import { requestComputeDevice } from "../backends/webgpu/device/device.ts";

/**
 * A device of Dawn for tests, on SwiftShader where nothing else is named by VK_ICD_FILENAMES. Throws where there is
 * none: a test of shaders that ran no shader must not pass.
 */
export async function dawnDevice(): Promise<GPUDevice> {
  return requestComputeDevice(await startDawn({ software: true }));
}
