import type { Backend } from "../../kernels/backends/backend.ts";
import type { WebgpuBackend } from "../../kernels/backends/webgpu/backend.ts";
import type { SelfCheck } from "../../kernels/backends/webgpu/self-check.ts";
import { referenceBackend } from "../../kernels/index.ts";
import type { Plan } from "../../kernels/plan/plan.ts";
import { Backends, type CheckedBackend } from "./backends.ts";
import { answered } from "./gpu.ts";

/** Its additions, which rotations need to be right, are compared when a plan first rotates: else the CPU rotates. */
function rotationsOf(backend: WebgpuBackend): (plan: Plan) => Promise<string | null> {
  let check: Promise<SelfCheck> | null = null;
  return async ({ transforms }) => {
    if (transforms.length === 0) return null;
    check ??= backend.admitRotations().catch((error) => ({ ok: false, cases: 0, first: (error as Error).message }));
    const { ok, first } = await check;
    return ok ? null : `the CPU does the rotations, which the GPU does otherwise: ${first}`;
  };
}

/** The GPU's backend, after it agreed with the reference on values that only exact arithmetic gets right. */
async function createWebgpu(gpu: GPU): Promise<CheckedBackend> {
  const [{ createWebgpuBackend }, { requestComputeDevice }, { selfCheck }] = await Promise.all([
    import("../../kernels/backends/webgpu/backend.ts"),
    import("../../kernels/backends/webgpu/device/device.ts"),
    import("../../kernels/backends/webgpu/self-check.ts"),
  ]);
  const backend = await createWebgpuBackend(() => answered(requestComputeDevice(gpu)));
  const check = await selfCheck(backend);
  if (!check.ok) throw new Error(`it disagrees with the reference: ${check.first}`);
  return { backend, agreed: check.cases, admit: rotationsOf(backend) };
}

/** The processor's vector units; rejects where the engine has no SIMD. */
async function createWasm(): Promise<Backend> {
  return (await import("../../kernels/backends/wasm/index.ts")).createWasmBackend();
}

/** The backends of this build, for a worker, the command line and tests alike; `gpu` is what WebGPU there is. */
export function standardBackends(gpu: GPU | null): Backends {
  return new Backends({ reference: referenceBackend, gpu, createWebgpu, createWasm });
}
