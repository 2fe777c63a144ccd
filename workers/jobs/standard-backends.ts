import type { Backend } from "../../kernels/backend.ts";
import { referenceBackend } from "../../kernels/index.ts";
import { Backends, type CheckedBackend } from "./backends.ts";

/**
 * The GPU's backend, after it agreed with the reference on values that only exact arithmetic gets right. Rotations need
 * its additions to be right, too; where they are not, the CPU does those alone.
 */
async function createWebgpu(gpu: GPU): Promise<CheckedBackend> {
  const [{ createWebgpuBackend }, { requestComputeDevice }, { selfCheck }] = await Promise.all([
    import("../../kernels/webgpu/backend.ts"),
    import("../../kernels/webgpu/device.ts"),
    import("../../kernels/webgpu/self-check.ts"),
  ]);
  const backend = await createWebgpuBackend(() => requestComputeDevice(gpu));
  const rotations = await backend.admitRotations();
  const check = await selfCheck(backend);
  if (!check.ok) throw new Error(`it disagrees with the reference: ${check.first}`);
  const doubt = rotations.ok ? null : `Rotations stay on the CPU (${rotations.first}).`;
  return { backend, agreed: rotations.cases + check.cases, doubt };
}

/** The processor's vector units; rejects where the engine has no SIMD. */
async function createWasm(): Promise<Backend> {
  return (await import("../../kernels/wasm/index.ts")).createWasmBackend();
}

/** The backends of this build, for a worker, the command line and tests alike; `gpu` is what WebGPU there is. */
export function standardBackends(gpu: GPU | null): Backends {
  return new Backends({ reference: referenceBackend, gpu, createWebgpu, createWasm });
}
