/** Whether this machine's WebGPU is worth using: a GPU, or a program that imitates one on the processor. */

export interface AdapterVerdict {
  /** For people: vendor and architecture. */
  label: string;
  hardware: boolean;
}

/** What software adapters call themselves in one field or another of their info. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|basic render|\bwarp\b/i;

/** Judges by what the adapter says of itself; browsers give few fields, so any of them counts. */
export function judgeAdapter(info: GPUAdapterInfo): AdapterVerdict {
  const fields = [info.vendor, info.architecture, info.device, info.description].filter(Boolean);
  return {
    label: fields.slice(0, 2).join(" ") || "unnamed adapter",
    hardware: !info.isFallbackAdapter && !fields.some((field) => SOFTWARE.test(field)),
  };
}

/** A GPU process that died more than once may be asked and never answer: after this it is done without. */
const PATIENCE_MS = 20_000;

/** What WebGPU answers. Rejects where it does not. */
export function answered<T>(promise: Promise<T>, patience = PATIENCE_MS): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new Error(`WebGPU did not answer within ${patience / 1000} seconds`));
    const timer = setTimeout(late, patience);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** The adapter for computing, or `null` where there is no WebGPU or it gives none. */
export async function findAdapter(gpu: GPU | null, patience = PATIENCE_MS): Promise<GPUAdapter | null> {
  if (!gpu) return null;
  try {
    return await answered(gpu.requestAdapter({ powerPreference: "high-performance" }), patience);
  } catch {
    // Some drivers throw where the standard asks for null; to the person it is the same.
    return null;
  }
}
