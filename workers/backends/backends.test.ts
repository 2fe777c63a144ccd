import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Backend } from "../../kernels/backends/backend.ts";
import { prepareRecipe, referenceBackend } from "../../kernels/index.ts";
import { parseRecipe } from "../../kernels/notation/index.ts";
import type { SweepBackend } from "../../kernels/sweep/index.ts";
import { Backends, type CheckedBackend } from "./backends.ts";
import { standardBackends } from "./standard.ts";
import { SweepBackends, standardSweeps } from "./sweeps.ts";

const plan = prepareRecipe(parseRecipe("int8/row"), [], 4, 4);
const webgpu: Backend = { ...referenceBackend, name: "webgpu", refuses: () => null };

function gpuWith(info: Partial<GPUAdapterInfo> | null): GPU {
  return { requestAdapter: async () => (info ? { info } : null) } as unknown as GPU;
}
const hardware = gpuWith({ vendor: "nvidia", architecture: "hopper", isFallbackAdapter: false });
const swiftshader = gpuWith({ vendor: "google", architecture: "swiftshader", isFallbackAdapter: false });
const wasm: Backend = { ...referenceBackend, name: "wasm", refuses: () => null };
const checked =
  (create: () => Promise<Backend>, admit?: CheckedBackend["admit"]) => async (): Promise<CheckedBackend> => ({
    backend: await create(),
    agreed: 7,
    admit,
  });
const make = (gpu: GPU | null, createWebgpu?: () => Promise<Backend>, admit?: CheckedBackend["admit"]) =>
  new Backends({ reference: referenceBackend, gpu, createWebgpu: createWebgpu && checked(createWebgpu, admit) });

describe("the verdict", () => {
  it("takes a hardware adapter by itself", async () => {
    expect(await make(hardware, async () => webgpu).verdict()).toEqual({
      available: ["webgpu", "reference"],
      chosen: "webgpu",
      note: "The GPU computes (nvidia hopper); it agreed with the CPU on 7 test values.",
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

  it("does not use a GPU that disagrees with the reference, and says so", async () => {
    const disagreeing = make(hardware, async () => {
      throw new Error("int4/32: code 3 of element 5 should be 4");
    });
    const verdict = await disagreeing.verdict();
    expect(verdict.available).toEqual(["reference"]);
    expect(verdict.note).toBe(
      "The GPU (nvidia hopper) is not used (int4/32: code 3 of element 5 should be 4): the CPU computes.",
    );
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

describe("a GPU process that is gone", () => {
  const silent = new Promise<never>(() => {});
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("and gives no adapter is waited for a while, then the CPU computes", async () => {
    const backends = make({ requestAdapter: () => silent } as unknown as GPU, async () => webgpu);
    const verdict = backends.verdict();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(await verdict).toMatchObject({ chosen: "reference", note: expect.stringContaining("found no GPU") });
  });

  it("and gives no device is too", async () => {
    const adapter = { info: {}, features: new Set(), limits: {}, requestDevice: () => silent };
    const gpu = { requestAdapter: async () => adapter } as unknown as GPU;
    const backends = standardBackends(gpu);
    const chosen = backends.choose(null, plan);
    const sweeps = standardSweeps({
      gpu,
      verdict: async () => ({ available: ["webgpu"], chosen: "webgpu", note: "", adapter: "" }),
    });
    const swept = sweeps.choose("webgpu", plan);
    // The modules come meanwhile, in their own time.
    await Promise.all([
      import("../../kernels/backends/webgpu/backend.ts"),
      import("../../kernels/backends/webgpu/sweep/backend.ts"),
    ]);
    for (let i = 0; i < 200; i++) await vi.advanceTimersByTimeAsync(1000);
    expect((await chosen).backend.name).toBe("wasm");
    expect((await backends.verdict()).note).toContain("WebGPU did not answer within 20 seconds");
    expect((await swept).note).toContain("WebGPU did not answer within 20 seconds");
  });
});

describe("a part that does not come", () => {
  it("is asked for anew with the next job: the GPU is not given up for it", async () => {
    const create = vi.fn(async () => webgpu);
    create.mockRejectedValueOnce(new TypeError("Failed to fetch dynamically imported module: https://here/backend.js"));
    const backends = make(hardware, create);
    expect((await backends.verdict()).chosen).toBe("reference");
    expect((await backends.verdict()).chosen).toBe("webgpu");
  });

  it("nor are the sweeps on the processor, however often", async () => {
    let fails = 5;
    const made = { name: "wasm", refuses: () => null } as unknown as SweepBackend;
    const sweeps = new SweepBackends([
      {
        name: "wasm",
        make: async () => {
          if (fails-- > 0) throw new TypeError("Importing a module script failed.");
          return made;
        },
      },
    ]);
    for (let i = 0; i < 5; i++) expect((await sweeps.choose(null, plan)).backend.name).toBe("reference");
    expect((await sweeps.choose(null, plan)).backend).toBe(made);
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

  it("says what of a plan the GPU leaves to the processor", async () => {
    const rotates = prepareRecipe(parseRecipe("ht(4)+int8/row"), [], 4, 4);
    const left = "the CPU does the rotations, which the GPU does otherwise: element 3 rotated is 1 instead of 2";
    const backends = make(
      hardware,
      async () => webgpu,
      async ({ transforms }) => (transforms.length > 0 ? left : null),
    );
    expect(await backends.choose(null, plan)).toEqual({ backend: webgpu, note: null });
    expect(await backends.choose(null, rotates)).toEqual({ backend: webgpu, note: left });
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
    const failing = make(swiftshader, async () => {
      throw new Error("no device.");
    });
    expect((await failing.choose("webgpu", plan)).note).toBe(
      "the GPU was lost or failed (no device): the CPU computed this",
    );
    expect((await make(null).choose("wasm", plan)).note).toBe("This build has no wasm backend here.");
  });

  it("prefers wasm to the reference, and lets the reference do silently what wasm refuses", async () => {
    const both = new Backends({ reference: referenceBackend, gpu: null, createWasm: async () => wasm });
    expect((await both.verdict()).available).toEqual(["wasm", "reference"]);
    expect(await both.choose(null, plan)).toEqual({ backend: wasm, note: null });
    const refusing = { ...wasm, refuses: () => "has no stochastic rounding" };
    const half = new Backends({ reference: referenceBackend, gpu: null, createWasm: async () => refusing });
    expect(await half.choose(null, plan)).toEqual({ backend: referenceBackend, note: null });
    expect((await half.choose("wasm", plan)).note).toBe(
      "the wasm backend has no stochastic rounding: the CPU computed this",
    );
  });

  it("hands what the GPU refuses to wasm, with a note", async () => {
    const backends = new Backends({
      reference: referenceBackend,
      gpu: hardware,
      createWebgpu: checked(async () => ({ ...webgpu, refuses: () => "has no rotations yet" })),
      createWasm: async () => wasm,
    });
    expect(await backends.choose(null, plan)).toEqual({
      backend: wasm,
      note: "the webgpu backend has no rotations yet: the CPU computed this",
    });
  });
});
