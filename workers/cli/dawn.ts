/** WebGPU in Node: Dawn, from the npm package `webgpu`. */
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { UserError } from "../protocol.ts";

/** SwiftShader as Debian's Chromium brings it: WebGPU on the processor, for machines without a GPU. */
const CHROMIUM = "/usr/lib/chromium";
const SWIFTSHADER = `${CHROMIUM}/vk_swiftshader_icd.json`;
/** Where Vulkan's loader finds the drivers of real GPUs. */
const DRIVERS = ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d", "/usr/local/share/vulkan/icd.d"];
/** glibc's RTLD_NODELETE, which Node does not name: the library stays although it is no addon. */
const NODELETE = 0x1000;

const holder = globalThis as { dawnInstance?: GPU };

/** Rejects with UserError where the package has no build for this machine. */
export async function dawnGpu(): Promise<GPU> {
  if (holder.dawnInstance) return holder.dawnInstance;
  const { VK_ICD_FILENAMES, VK_DRIVER_FILES } = process.env;
  if (!VK_ICD_FILENAMES && !VK_DRIVER_FILES && existsSync(SWIFTSHADER) && !DRIVERS.some(existsSync)) {
    process.env.VK_ICD_FILENAMES = SWIFTSHADER;
    loadVulkan();
  }
  try {
    const { create, globals } = await import("webgpu");
    Object.assign(globalThis, globals);
    // Dawn's objects die with the instance, which the collector would take from a module's variable.
    holder.dawnInstance = create([]);
    // Dawn's callbacks do not keep Node's event loop alive.
    setInterval(() => {}, 5);
    return holder.dawnInstance;
  } catch (error) {
    throw new UserError(`WebGPU could not be started here: ${(error as Error).message}`);
  }
}

/** Ends the process where Dawn runs, which Node by itself would not, once all output is written. */
export function endDawn(): void {
  if (holder.dawnInstance) process.stdout.write("", () => process.exit());
}

/**
 * Chromium has Vulkan's loader beside SwiftShader, where the system does not look. Dawn asks for it by its bare name and
 * gets the one that is loaded already.
 */
function loadVulkan(): void {
  try {
    process.dlopen({ exports: {} }, `${CHROMIUM}/libvulkan.so.1`, constants.dlopen.RTLD_NOW | NODELETE);
  } catch {
    // Always thrown, for it is no addon; where it is absent, Dawn looks for the system's.
  }
}
