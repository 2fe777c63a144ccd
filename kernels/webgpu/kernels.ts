import type { ComputeDevice } from "./device.ts";
import { amaxWgsl } from "./wgsl/amax.ts";
import { encodeWgsl } from "./wgsl/encode.ts";
import { fusedGridWgsl, fusedTableWgsl } from "./wgsl/fused.ts";
import { measureWgsl } from "./wgsl/measure.ts";
import { profileWgsl, statisticsWgsl } from "./wgsl/parts.ts";

/** The text of every shader. Tests hand in worse ones. */
export const shaders = {
  encode: encodeWgsl,
  measure: measureWgsl,
  profile: profileWgsl,
  statistics: statisticsWgsl,
  amax: amaxWgsl,
  fusedGrid: fusedGridWgsl,
  fusedTable: fusedTableWgsl,
};

export type Shaders = typeof shaders;

/** Every entry point, compiled. */
export interface Kernels {
  encode: GPUComputePipeline;
  measure: GPUComputePipeline;
  profileByThread: GPUComputePipeline;
  profileByGroup: GPUComputePipeline;
  statisticsByThread: GPUComputePipeline;
  statisticsByGroup: GPUComputePipeline;
  amax: GPUComputePipeline;
  /** Large: compiled when first asked for. */
  fused(of: "fusedGrid" | "fusedTable"): Promise<GPUComputePipeline>;
}

const compiled = new WeakMap<GPUDevice, Map<string, Promise<GPUComputePipeline>>>();

/** Rejects with GpuError where a shader does not compile. What a device has compiled once it keeps. */
export async function compileKernels(compute: ComputeDevice, text: Shaders): Promise<Kernels> {
  const known = compiled.get(compute.device) ?? new Map<string, Promise<GPUComputePipeline>>();
  compiled.set(compute.device, known);
  const compile = (name: keyof Shaders, entryPoint: string) => {
    const key = `${entryPoint}\n${text[name]}`;
    const pipeline = known.get(key) ?? compute.pipeline(name, text[name], entryPoint);
    known.set(key, pipeline);
    return pipeline;
  };
  const [encode, measure, profileByThread, profileByGroup, statisticsByThread, statisticsByGroup, amax] =
    await Promise.all([
      compile("encode", "main"),
      compile("measure", "main"),
      compile("profile", "by_thread"),
      compile("profile", "by_group"),
      compile("statistics", "by_thread"),
      compile("statistics", "by_group"),
      compile("amax", "main"),
    ]);
  return {
    encode,
    measure,
    profileByThread,
    profileByGroup,
    statisticsByThread,
    statisticsByGroup,
    amax,
    fused: (of) => compile(of, "main"),
  };
}
