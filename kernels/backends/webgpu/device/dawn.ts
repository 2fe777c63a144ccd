/**
 * WebGPU in Node: Dawn, from the npm package `webgpu`, or the addon that the environment variable DAWN names. For the
 * command line, benches and tests; no page loads this.
 */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { constants } from "node:os";

/** SwiftShader, and Vulkan's loader beside it, as Debian's Chromium brings them. */
const CHROMIUM = "/usr/lib/chromium";
const SWIFTSHADER = `${CHROMIUM}/vk_swiftshader_icd.json`;
/** Where Vulkan's loader finds the drivers of real GPUs. */
const DRIVERS = ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d", "/usr/local/share/vulkan/icd.d"];
/** glibc's RTLD_NODELETE, which Node does not name: the library stays although it is no addon. */
const NODELETE = 0x1000;

/** Dawn's objects die with the instance, which the collector would take from a module's variable. */
const held = globalThis as { dawnInstance?: GPU };

/**
 * Dawn's GPU, started once; `features` are Dawn's own toggles. On SwiftShader where no driver is named by
 * VK_ICD_FILENAMES: always if `software` is asked for, else where the machine has no other. Rejects where the package has
 * no build for this machine.
 */
export async function startDawn({ software = false, features = [] as string[] } = {}): Promise<GPU> {
  if (held.dawnInstance) return held.dawnInstance;
  const { VK_ICD_FILENAMES, VK_DRIVER_FILES, DAWN } = process.env;
  const unnamed = !VK_ICD_FILENAMES && !VK_DRIVER_FILES;
  if (unnamed && existsSync(SWIFTSHADER) && (software || !DRIVERS.some(existsSync))) {
    process.env.VK_ICD_FILENAMES = SWIFTSHADER;
    loadVulkan();
  }
  const { create, globals } = DAWN ? createRequire(import.meta.url)(DAWN) : await import("webgpu");
  Object.assign(globalThis, globals);
  if (process.env.VK_ICD_FILENAMES === SWIFTSHADER) restInEvents();
  const instance: GPU = create(features);
  held.dawnInstance = instance;
  // Dawn's callbacks do not keep Node's event loop alive.
  const alive = setInterval(() => {}, 5);
  // Whoever tests has a process that lives anyway, and must end.
  if (software) alive.unref();
  return instance;
}

/** Whether Dawn runs: then Node does not end by itself. */
export const dawnRuns = (): boolean => held.dawnInstance !== undefined;

/** Of so many turns of the event loop one rests for a millisecond. */
const TURNS = 8;

/**
 * Dawn asks in every turn of Node's event loop whether the GPU is done, by `setImmediate`, and so keeps a core busy that a
 * software GPU could compute on: half of all there was to do. Now and then that asking is put off.
 */
function restInEvents(): void {
  const { setImmediate } = globalThis;
  let turns = 0;
  const resting = (run: () => void, ...args: []) =>
    ++turns % TURNS === 0 ? setTimeout(run, 1, ...args) : setImmediate(run, ...args);
  globalThis.setImmediate = resting as unknown as typeof setImmediate;
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
