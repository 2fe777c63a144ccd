import { existsSync } from "node:fs";
import { constants } from "node:os";
import { requestComputeDevice } from "../webgpu/device.ts";

/** SwiftShader, and the Vulkan loader beside it, as Debian's Chromium brings them. */
const CHROMIUM = "/usr/lib/chromium";
const SWIFTSHADER = `${CHROMIUM}/vk_swiftshader_icd.json`;
const NODELETE = 0x1000;

/** Dawn's objects are collected while in use unless something global holds them. */
const kept = globalThis as { quantscopeDawn?: GPU };

/**
 * A device of Dawn for tests, on SwiftShader where nothing else is named by VK_ICD_FILENAMES. Throws where there is
 * none: a test of shaders that ran no shader must not pass.
 */
export async function dawnDevice(): Promise<GPUDevice> {
  if (!kept.quantscopeDawn) {
    if (!process.env.VK_ICD_FILENAMES && existsSync(SWIFTSHADER)) {
      process.env.VK_ICD_FILENAMES = SWIFTSHADER;
      loadVulkan();
    }
    const { create, globals } = await import("webgpu");
    Object.assign(globalThis, globals);
    kept.quantscopeDawn = create([]);
    setInterval(() => {}, 5).unref();
  }
  return requestComputeDevice(kept.quantscopeDawn);
}

/** Dawn asks for Vulkan's loader by its bare name and gets one that is loaded already. */
function loadVulkan(): void {
  try {
    process.dlopen({ exports: {} }, `${CHROMIUM}/libvulkan.so.1`, constants.dlopen.RTLD_NOW | NODELETE);
  } catch {
    // Always thrown, for it is no addon; where it is absent, Dawn looks for the system's.
  }
}
