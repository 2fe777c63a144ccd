import type { ComputeDevice } from "../device.ts";
import type { ExtentKernels } from "./extents.ts";
import type { Kernel } from "./recipe.ts";
import { probeWgsl } from "./wgsl/arithmetic.ts";
import { floatSweepWgsl, integerSweepWgsl } from "./wgsl/even.ts";
import { blockExtentsWgsl, runExtentsWgsl } from "./wgsl/extents.ts";

import { affineSweepWgsl, bookSweepWgsl } from "./wgsl/signed.ts";
import { totalsWgsl } from "./wgsl/totals.ts";

export interface SweepKernels extends Record<Kernel, GPUComputePipeline> {
  extents: ExtentKernels;
  totals: GPUComputePipeline;
}

/** The sweep's shaders, for a GPU whose `fma` rounds once or not. */
export type SweepShaders = Record<Kernel, (fused: boolean) => string>;

export const sweepShaders: SweepShaders = {
  integers: integerSweepWgsl,
  floats: floatSweepWgsl,
  affine: affineSweepWgsl,
  books: bookSweepWgsl,
};

/** Whether `fma` rounds once on this device. */
async function fusesOn(compute: ComputeDevice): Promise<boolean> {
  const pipeline = await compute.pipeline("probe", probeWgsl, "main");
  const x = 1 + 2 ** -12;
  const rounded = Math.fround(x * x);
  const buffers = [
    compute.upload("sweep probe", Float32Array.of(x, rounded, x * x - rounded)),
    compute.storage("sweep verdict", 4),
  ];
  const [out] = await compute.run([], [{ pipeline, label: "probe", buffers, workgroups: 1 }], [[buffers[1], 4]]);
  return new Uint32Array(out)[0] === 1;
}

/** Compiles the sweep's shaders. Rejects with GpuError where that fails. */
export async function compileSweep(compute: ComputeDevice, shaders: SweepShaders): Promise<SweepKernels> {
  const fused = await fusesOn(compute);
  const compile = (label: string, code: string) => compute.pipeline(label, code, "main");
  const [runs, blocks, totals, integers, floats, affine, books] = await Promise.all([
    compile("sweep runs", runExtentsWgsl),
    compile("sweep blocks", blockExtentsWgsl),
    compile("sweep totals", totalsWgsl),
    compile("sweep integers", shaders.integers(fused)),
    compile("sweep floats", shaders.floats(fused)),
    compile("sweep affine", shaders.affine(fused)),
    compile("sweep books", shaders.books(fused)),
  ]);
  return { extents: { runs, blocks }, totals, integers, floats, affine, books };
}
