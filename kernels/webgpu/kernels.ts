import type { ComputeDevice } from "./device.ts";
import { encodeWgsl } from "./wgsl/encode.ts";
import { measureWgsl } from "./wgsl/measure.ts";
import { profileWgsl, statisticsWgsl } from "./wgsl/parts.ts";

/** The text of every shader. Tests hand in worse ones. */
export const shaders = { encode: encodeWgsl, measure: measureWgsl, profile: profileWgsl, statistics: statisticsWgsl };

export type Shaders = typeof shaders;

/** Every entry point, compiled. */
export interface Kernels {
  encode: GPUComputePipeline;
  measure: GPUComputePipeline;
  profileByThread: GPUComputePipeline;
  profileByGroup: GPUComputePipeline;
  statisticsByThread: GPUComputePipeline;
  statisticsByGroup: GPUComputePipeline;
}

/** Rejects with GpuError where a shader does not compile. */
export async function compileKernels(compute: ComputeDevice, text: Shaders): Promise<Kernels> {
  const [encode, measure, profileByThread, profileByGroup, statisticsByThread, statisticsByGroup] = await Promise.all([
    compute.pipeline("encode", text.encode, "main"),
    compute.pipeline("measure", text.measure, "main"),
    compute.pipeline("profile", text.profile, "by_thread"),
    compute.pipeline("profile", text.profile, "by_group"),
    compute.pipeline("statistics", text.statistics, "by_thread"),
    compute.pipeline("statistics", text.statistics, "by_group"),
  ]);
  return { encode, measure, profileByThread, profileByGroup, statisticsByThread, statisticsByGroup };
}
