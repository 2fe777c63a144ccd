import type { ComputeDevice } from "../device/device.ts";
import { amaxWgsl } from "./amax.ts";
import { encodeWgsl } from "./encode.ts";
import { fusedGridWgsl, fusedTableWgsl } from "./fused.ts";
import { gatherWgsl } from "./gather.ts";
import { leanWgsl } from "./lean.ts";
import type { LeanText } from "./lean-fields.ts";
import { measureWgsl } from "./measure.ts";
import { profileWgsl, statisticsWgsl } from "./parts.ts";
import { rotateApartWgsl, rotateInPlaceWgsl } from "./rotate.ts";
import { rowAmaxWgsl } from "./row-amax.ts";
import { scaleCountsWgsl } from "./scale-counts.ts";
import { settleWgsl } from "./settle.ts";
import { settleGivenWgsl } from "./settle-given.ts";
import { settleTurnedWgsl } from "./settle-turned.ts";

/** The text of every shader. Tests hand in worse ones. */
export const shaders = {
  encode: encodeWgsl,
  measure: measureWgsl,
  profile: profileWgsl,
  statistics: statisticsWgsl,
  amax: amaxWgsl,
  fusedGrid: fusedGridWgsl,
  fusedTable: fusedTableWgsl,
  settle: settleWgsl,
  settleTurned: settleTurnedWgsl,
  settleGiven: settleGivenWgsl,
  gather: gatherWgsl,
  rowAmax: rowAmaxWgsl,
  scaleCounts: scaleCountsWgsl,
  rotateApart: rotateApartWgsl,
  rotateInPlace: rotateInPlaceWgsl,
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
  lean(text: LeanText): Promise<GPUComputePipeline>;
  settle(of: "values" | "turned" | "given"): Promise<GPUComputePipeline>;
  gather(): Promise<GPUComputePipeline>;
  rowAmax(): Promise<GPUComputePipeline>;
  scaleCounts(of: "upper" | "middle" | "lower"): Promise<GPUComputePipeline>;
  /** Passes of a rotation: see `wgsl/rotate.ts`. */
  rotate(of: "apart" | "find" | "inPlace" | "mix"): Promise<GPUComputePipeline>;
}

const compiled = new WeakMap<GPUDevice, Map<string, Promise<GPUComputePipeline>>>();

/**
 * Rejects with GpuError where a shader does not compile. What a device has compiled once it keeps. `rewrite` is for texts
 * that are made when they are asked for.
 */
export async function compileKernels(
  compute: ComputeDevice,
  text: Shaders,
  rewrite: (text: string) => string,
): Promise<Kernels> {
  const known = compiled.get(compute.device) ?? new Map<string, Promise<GPUComputePipeline>>();
  compiled.set(compute.device, known);
  const compileText = (name: string, code: string, entryPoint: string) => {
    const key = `${entryPoint}\n${code}`;
    const pipeline = known.get(key) ?? compute.pipeline(name, code, entryPoint);
    known.set(key, pipeline);
    return pipeline;
  };
  const lean = new Map<string, Promise<GPUComputePipeline>>();
  const compile = (name: keyof Shaders, entryPoint: string) => compileText(name, text[name], entryPoint);
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
    lean(of) {
      // The text is long to make, and asked for with every recipe.
      const key = JSON.stringify(of);
      const pipeline = lean.get(key) ?? compileText("lean", rewrite(leanWgsl(of)), "main");
      lean.set(key, pipeline);
      return pipeline;
    },
    settle: (of) => compile(({ values: "settle", turned: "settleTurned", given: "settleGiven" } as const)[of], "main"),
    gather: () => compile("gather", "main"),
    rowAmax: () => compile("rowAmax", "main"),
    scaleCounts: (of) => compile("scaleCounts", of),
    rotate: (of) => {
      const apart = of === "apart" || of === "find";
      return compile(apart ? "rotateApart" : "rotateInPlace", of === "find" || of === "mix" ? of : "main");
    },
  };
}
