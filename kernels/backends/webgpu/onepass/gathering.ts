import type { ComputeDevice, Dispatch } from "../device/device.ts";
import { GATHER_THREADS } from "../wgsl/gather.ts";
import type { Kernels } from "../wgsl/kernels.ts";
import type { GatherLayout } from "./lean-sums.ts";

/** Gathers what a lean kernel left in `out`, columns, rows and cells of the map, into what `addLean` reads. */
export async function gathering(
  compute: ComputeDevice,
  kernels: Kernels,
  gather: GatherLayout,
  out: GPUBuffer,
  gathered: GPUBuffer,
): Promise<Dispatch> {
  const words = compute.upload("gather", gather.words, true);
  const bands = compute.upload("gather.bands", gather.firstBands);
  return {
    pipeline: await kernels.gather(),
    label: "gather",
    buffers: [words, bands, out, gathered],
    workgroups: Math.ceil(gather.outWords / GATHER_THREADS),
  };
}
