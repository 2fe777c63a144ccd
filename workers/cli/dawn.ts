/** WebGPU in Node: Dawn, from the npm package `webgpu`. */
import { existsSync } from "node:fs";
import { UserError } from "../protocol.ts";

/** SwiftShader as Debian's Chromium brings it: WebGPU on the processor, for machines without a GPU. */
const SWIFTSHADER = "/usr/lib/chromium/vk_swiftshader_icd.json";
/** Where Vulkan's loader finds the drivers of real GPUs. */
const DRIVERS = ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d", "/usr/local/share/vulkan/icd.d"];

/** Rejects with UserError where the package has no build for this machine. */
export async function dawnGpu(): Promise<GPU> {
  const holder = globalThis as { dawnInstance?: GPU };
  if (holder.dawnInstance) return holder.dawnInstance;
  const { VK_ICD_FILENAMES, VK_DRIVER_FILES } = process.env;
  if (!VK_ICD_FILENAMES && !VK_DRIVER_FILES && existsSync(SWIFTSHADER) && !DRIVERS.some(existsSync)) {
    process.env.VK_ICD_FILENAMES = SWIFTSHADER;
  }
  try {
    const { create, globals } = await import("webgpu");
    Object.assign(globalThis, globals);
    // Dawn's objects die with the instance, so it is held for as long as the process lives.
    holder.dawnInstance = create([]);
    return holder.dawnInstance;
  } catch (error) {
    throw new UserError(`WebGPU could not be started here: ${(error as Error).message}`);
  }
}
