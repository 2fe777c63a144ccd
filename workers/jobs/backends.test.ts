import { describe, expect, it, vi } from "vitest";
import type { Backend } from "../../kernels/backend.ts";
import { prepareRecipe, referenceBackend } from "../../kernels/index.ts";
import { parseRecipe } from "../../kernels/notation/index.ts";
import { Backends } from "./backends.ts";

const plan = prepareRecipe(parseRecipe("int8/row"), [], 4, 4);
const webgpu: Backend = { ...referenceBackend, name: "webgpu", refuses: () => null };

function gpuWith(info: Partial<GPUAdapterInfo> | null): GPU {
  return { requestAdapter: async () => (info ? { info } : null) } as unknown as GPU;
}
const hardware = gpuWith({ vendor: "nvidia", architecture: "hopper", isFallbackAdapter: false });
const swiftshader = gpuWith({ vendor: "google", architecture: "swiftshader", isFallbackAdapter: false });
const make = (gpu: GPU | null, createWebgpu?: () => Promise<Backend>) =>
  new Backends({ reference: referenceBackend, gpu, createWebgpu });

describe("the verdict", () => {
  it("takes a hardware adapter by itself", async () => {
    expect(await make(hardware, async () => webgpu).verdict()).toEqual({
      available: ["webgpu", "reference"],
      chosen: "webgpu",
      note: "The GPU computes (nvidia hopper).",
      adapter: "nvidia hopper",
    });
  });

  it.each([
    ["swiftshader by its architecture", { vendor: "google", architecture: "swiftshader" }],
    ["llvmpipe by its description", { vendor: "mesa", description: "llvmpipe (LLVM 15.0.6, 256 bits)" }],
    ["a fallback adapter by its flag", { vendor: "x", isFallbackAdapter: true }],
  ])("passes over %s, but offers it", async (_, info) => {
    const verdict = await make(gpuWith(info), async () => webgpu).verdict();
    expect(verdict.chosen).toBe("reference");
    expect(verdict.available).toEqual(["reference", "webgpu"]);
    expect(verdict.note).toMatch(/^WebGPU here is a program on the processor \(.+\): the CPU computes directly\.$/);
  });

  it("says what is absent", async () => {
    const note = async (backends: Backends) => (await backends.verdict()).note;
    expect(await note(make(hardware))).toBe("This build computes on the CPU.");
    expect(await note(make(null, async () => webgpu))).toBe("There is no WebGPU here: the CPU computes.");
    expect(await note(make(gpuWith(null), async () => webgpu))).toBe(
      "WebGPU found no GPU that it may use: the CPU computes.",
    );
    const throwing = { requestAdapter: () => Promise.reject(new Error("driver")) } as unknown as GPU;
    expect((await make(throwing, async () => webgpu).verdict()).chosen).toBe("reference");
  });
});

describe("the choice", () => {
  it("makes the GPU's backend once", async () => {
    const create = vi.fn(async () => webgpu);
    const backends = make(hardware, create);
    expect((await backends.choose(null, plan)).backend).toBe(webgpu);
    expect((await backends.choose("webgpu", plan)).backend).toBe(webgpu);
    expect((await backends.choose("reference", plan)).backend).toBe(referenceBackend);
    expect(create).toHaveBeenCalledTimes(1);
  });

  it("takes a software adapter when it is asked for by name", async () => {
    const backends = make(swiftshader, async () => webgpu);
    expect((await backends.choose(null, plan)).backend).toBe(referenceBackend);
    expect((await backends.choose("webgpu", plan)).backend).toBe(webgpu);
  });

  it("stands in for a backend that refuses the plan, cannot be made, or is not there", async () => {
    const refusing = make(hardware, async () => ({ ...webgpu, refuses: () => "has no rotations yet" }));
    expect(await refusing.choose(null, plan)).toEqual({
      backend: referenceBackend,
      note: "the webgpu backend has no rotations yet: the CPU computed this",
    });
    const failing = make(hardware, async () => {
      throw new Error("no device.");
    });
    expect((await failing.choose(null, plan)).note).toBe(
      "the GPU was lost or failed (no device): the CPU computed this",
    );
    expect((await make(null).choose("wasm", plan)).note).toBe("This build has no wasm backend: the CPU computes.");
  });
});
