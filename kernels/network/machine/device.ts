/** jax-js on a device. It keeps one of each kind for the life of its module. */
import { getWebGPUDevice, init } from "@jax-js/jax";
import { NetworkLostError } from "../types.ts";

export interface Device {
  kind: "wasm" | "webgpu";
  about: string;
  /** Bytes that one array may have. */
  mostBytes: number;
  /** Rejects, or throws, as `work` does; with NetworkLostError where the device was lost meanwhile. */
  guard<T>(work: () => Promise<T>): Promise<T>;
}

/** The device of jax-js, started once. Rejects with NetworkLostError where there is none, or it was lost. */
export async function openDevice(kind: "wasm" | "webgpu", gpu?: GPU): Promise<Device> {
  // jax-js asks `navigator` for the browser's name and for WebGPU; Node has none, or one without.
  if (typeof navigator === "undefined") {
    Object.defineProperty(globalThis, "navigator", { value: { userAgent: "" }, configurable: true, writable: true });
  }
  if (kind === "wasm") return wasm();
  if (gpu && !navigator.gpu) Object.defineProperty(navigator, "gpu", { value: gpu, configurable: true });
  const devices = await init("webgpu");
  if (!devices.includes("webgpu")) throw new NetworkLostError("There is no WebGPU here.");
  const device = webgpu(await described(gpu ?? navigator.gpu));
  // jax-js has one device for good: where it was lost there is none.
  await device.guard(async () => {});
  return device;
}

function wasm(): Device {
  return {
    kind: "wasm",
    about: "WebAssembly",
    mostBytes: 2 ** 32 - 2 ** 16,
    guard: (work) => work(),
  };
}

async function described(gpu: GPU): Promise<string> {
  const info = (await gpu.requestAdapter({ powerPreference: "high-performance" }))?.info;
  return [info?.vendor, info?.architecture || info?.description].filter(Boolean).join(" ");
}

/** Why a device was lost, for the one that jax-js holds. */
const lost = new WeakMap<GPUDevice, { why: string | null }>();

function webgpu(name: string): Device {
  const device = getWebGPUDevice();
  let state = lost.get(device);
  if (!state) {
    const own: { why: string | null } = { why: null };
    state = own;
    lost.set(device, own);
    device.lost.then(({ message, reason }) => {
      own.why = message || reason || "no reason given";
    });
  }
  const { limits } = device;
  const known = state;
  const check = () => {
    if (known.why !== null) throw new NetworkLostError(`The GPU was lost: ${known.why}`);
  };
  return {
    kind: "webgpu",
    about: name ? `WebGPU on ${name}` : "WebGPU",
    mostBytes: Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize),
    async guard(work) {
      check();
      const gone = device.lost.then(() => LOST);
      try {
        // What waits for a lost device may wait for ever.
        const done = await Promise.race([work(), gone]);
        if (done !== LOST) {
          check();
          return done as Awaited<ReturnType<typeof work>>;
        }
      } catch (error) {
        // A device that is lost first fails in what was under way.
        await Promise.race([gone, new Promise((resolve) => setTimeout(resolve, 0))]);
        check();
        throw error;
      }
      check();
      throw new NetworkLostError("The GPU was lost.");
    },
  };
}

const LOST = Symbol("lost");
