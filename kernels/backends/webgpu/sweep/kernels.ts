import type { ComputeDevice } from "../device/device.ts";
import type { ExtentKernels } from "./extents.ts";
import { LONG_RUN, type RunSize, SHORT_RUN } from "./fields.ts";
import type { Kernel } from "./recipe.ts";
import { probeWgsl } from "./wgsl/arithmetic.ts";
import type { SubgroupSizes } from "./wgsl/closing.ts";
import { floatSweepWgsl, integerSweepWgsl } from "./wgsl/even.ts";
import { blockExtentsWgsl, runExtentsWgsl } from "./wgsl/extents.ts";
import type { SweepTarget } from "./wgsl/frame.ts";
import { affineSweepWgsl, bookSweepWgsl } from "./wgsl/signed.ts";
import { sortWgsl } from "./wgsl/sort.ts";
import { totalsWgsl } from "./wgsl/totals.ts";

/** Of a kernel, by what it is for. */
export type Variant = Pick<SweepTarget, "size" | "short" | "long">;

export interface SweepKernels {
  extents: ExtentKernels;
  totals: GPUComputePipeline;
  /** Compiled when it is first asked for. */
  sweep(kernel: Kernel, variant: Variant): Promise<GPUComputePipeline>;
}

/** The sweep's shaders. */
export type SweepShaders = Record<Kernel, (target: SweepTarget) => string>;

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

/** The sizes of a device's subgroups, if they are known and fit a workgroup. */
function subgroupsOf({ features, adapterInfo }: GPUDevice): SubgroupSizes | null {
  const { subgroupMinSize: least, subgroupMaxSize: most } = adapterInfo ?? {};
  return features.has("subgroups") && least >= 4 && most <= 64 ? { least, most } : null;
}

/** Compiles the sweep's shaders, of its own kernels those for long runs of any values. Rejects with GpuError where that fails. */
export async function compileSweep(compute: ComputeDevice, shaders: SweepShaders): Promise<SweepKernels> {
  // Where `fma` does not round once, it is a program on the processor that stands in for a GPU.
  const fused = await fusesOn(compute);
  const compact = !fused;
  const subgroups = subgroupsOf(compute.device);
  const compile = (label: string, code: string) => compute.pipeline(label, code, "main");
  const known = new Map<string, Promise<GPUComputePipeline>>();
  const sweep = (kernel: Kernel, variant: Variant) => {
    // What does for long scales does for others: fewer shaders where each takes seconds.
    const target = { ...variant, long: variant.long || compact };
    const key = `${kernel} ${target.size} ${target.short} ${target.long}`;
    const made =
      known.get(key) ?? compile(`sweep ${kernel}`, shaders[kernel]({ ...target, fused, compact, subgroups }));
    known.set(key, made);
    return made;
  };
  const both = async (make: (size: RunSize) => Promise<GPUComputePipeline>) => {
    const [short, long] = await Promise.all([make(SHORT_RUN), make(LONG_RUN)]);
    return { [SHORT_RUN]: short, [LONG_RUN]: long };
  };
  const [sort, runs, blocks, totals] = await Promise.all([
    both((size) => compile("sweep sort", sortWgsl(size, compact))),
    both((size) => compile("sweep runs", runExtentsWgsl(size))),
    compile("sweep blocks", blockExtentsWgsl),
    compile("sweep totals", totalsWgsl),
    ...(["integers", "floats", "affine", "books"] as const).map((kernel) =>
      sweep(kernel, { size: LONG_RUN, short: false, long: false }),
    ),
  ]);
  return { extents: { sort, runs, blocks }, totals, sweep };
}
