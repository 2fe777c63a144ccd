import { describe, expect, it } from "vitest";
import type { Backend } from "../../kernels/backends/backend.ts";
import { DeviceLostError } from "../../kernels/backends/webgpu/device/errors.ts";
import { prepareRecipe, referenceBackend } from "../../kernels/index.ts";
import { parseRecipe } from "../../kernels/notation/index.ts";
import type { BackendName } from "../../kernels/report/report.ts";
import { Backends } from "../backends/backends.ts";
import { plainError } from "../errors/plain-error.ts";
import type { JobControl } from "../pace/pace.ts";
import { openSource } from "../sources/open.ts";
import { TensorCache } from "../tensors/cache.ts";
import { estimateBytes, memoryNote, tileElements } from "./memory.ts";
import { type RunOrder, Runs } from "./runs.ts";

const generator = { name: "normal", rows: 300, cols: 700, seed: 1, params: {} };
const source = await openSource({ kind: "generator", generator }, "s1", { cache: new TensorCache() });
const idle = (): JobControl => ({ signal: new AbortController().signal, progress: () => {} });
const order = (recipe: string, backend: BackendName | null = null): RunOrder => ({
  ...{ key: "s1 normal", matrix: source.matrix("normal"), recipe, definitions: [], backend },
});
const onCpu = () => new Runs(new Backends({ reference: referenceBackend, gpu: null }));

/** A GPU that computes as the reference does until `broken` is set. */
function fragileGpu(withWasm = false) {
  const state = { broken: false, made: 0, losses: 0 };
  const wasm = { used: 0 };
  const device =
    <T extends unknown[], R>(work: (...args: T) => Promise<R>) =>
    async (...args: T): Promise<R> => {
      if (state.losses > 0) {
        state.losses--;
        throw new DeviceLostError("the GPU device was lost (gone)");
      }
      if (state.broken) throw new Error("device lost");
      return work(...args);
    };
  const backend: Backend = {
    name: "webgpu",
    refuses: () => null,
    statistics: device(referenceBackend.statistics),
    quantize: device(referenceBackend.quantize),
    measureResult: device(referenceBackend.measureResult),
    encode: device(referenceBackend.encode),
  };
  const adapter = { info: { vendor: "nvidia", architecture: "hopper" } };
  const gpu = { requestAdapter: async () => adapter } as unknown as GPU;
  const createWebgpu = async () => {
    state.made++;
    return { backend, agreed: 1 };
  };
  const createWasm = async (): Promise<Backend> => {
    wasm.used++;
    return { ...referenceBackend, name: "wasm" };
  };
  const backends = { reference: referenceBackend, gpu, createWebgpu, ...(withWasm ? { createWasm } : {}) };
  return { state, wasm, runs: new Runs(new Backends(backends)) };
}

describe("kept results", () => {
  it("answers another spelling of the same recipe, and an open choice of backend, from the result", async () => {
    const runs = onCpu();
    const first = await runs.quantized(order("int4/64:f16"), idle());
    expect(await runs.quantized(order("int4@rne/64~absmax:f16"), idle())).toBe(first);
    expect(await runs.quantized({ ...order("int4/64:f16"), backend: undefined }, idle())).toBe(first);
    expect(await runs.quantized(order("int4/32:f16"), idle())).not.toBe(first);
  });

  it("computes again when another backend is asked for, or when the source was forgotten", async () => {
    const runs = onCpu();
    const first = await runs.quantized(order("int4/64"), idle());
    const named = await runs.quantized(order("int4/64", "reference"), idle());
    expect(named).not.toBe(first);
    runs.forget("s1 ");
    expect(await runs.quantized(order("int4/64", "reference"), idle())).not.toBe(named);
  });

  it("does not fail a caller because another, who asked first, cancelled", async () => {
    const runs = onCpu();
    const controller = new AbortController();
    const first = runs.quantized(order("int4/64"), { ...idle(), signal: controller.signal });
    const second = runs.quantized(order("int4/64"), idle());
    controller.abort();
    await expect(first).rejects.toMatchObject({ name: "AbortError" });
    expect((await second).report.recipe).toBe("int4/64");
  });

  it("lets a caller who waits for another's result go", async () => {
    const runs = onCpu();
    const controller = new AbortController();
    const first = runs.quantized(order("int4/64"), idle());
    const second = runs.quantized(order("int4/64"), { ...idle(), signal: controller.signal });
    controller.abort();
    await expect(second).rejects.toMatchObject({ name: "AbortError" });
    expect((await first).report.recipe).toBe("int4/64");
  });
});

describe("a GPU that is lost", () => {
  it("is replaced by the CPU within the job, with a note", async () => {
    const { state, runs } = fragileGpu();
    expect((await runs.quantized(order("int4/64"), idle())).report.backend).toBe("webgpu");
    state.broken = true;
    const { report } = await runs.quantized(order("int4/32"), idle());
    expect(report.backend).toBe("reference");
    expect(report.notes).toContain("the GPU was lost or failed (device lost): the CPU computed this");
    state.broken = false;
    expect((await runs.quantized(order("int4/16"), idle())).report.backend).toBe("webgpu");
    expect(state.made).toBe(2);
  });

  it("is asked for anew when a device is lost, twice at most, and then the fastest processor takes over", async () => {
    const { state, runs, wasm } = fragileGpu(true);
    state.losses = 2;
    expect((await runs.quantized(order("int4/64"), idle())).report.backend).toBe("webgpu");
    expect(state.made).toBe(3);
    state.losses = 3;
    const { report } = await runs.quantized(order("int4/32"), idle());
    expect(report.backend).toBe("wasm");
    expect(report.notes).toContain(
      "the GPU was lost or failed (the GPU device was lost (gone)): the CPU computed this",
    );
    expect(wasm.used).toBe(1);
  });

  it("is replaced when a result is looked at later", async () => {
    const { state, runs } = fragileGpu();
    await runs.quantized(order("int4/64"), idle());
    state.broken = true;
    const rows = await runs.look(order("int4/64"), idle(), (quantized) => quantized.rows(0, 2));
    const expected = await onCpu().look(order("int4/64"), idle(), (quantized) => quantized.rows(0, 2));
    expect(rows).toEqual(expected);
  });

  it("is not blamed for a recipe's mistake", async () => {
    const { runs } = fragileGpu();
    const failure = runs.quantized(order("rht(48,seed=1)+int4/64"), idle());
    await expect(failure).rejects.toMatchObject({ name: "RecipeError" });
    await expect(runs.quantized(order("int4/"), idle())).rejects.toMatchObject({ name: "RecipeError", column: 6 });
  });
});

describe("sizes", () => {
  const plan = (recipe: string, rows: number, cols: number) => prepareRecipe(parseRecipe(recipe), [], rows, cols);

  it("of memory grow with what has to be held: scales, and blocks that a rule needs whole", () => {
    const small = estimateBytes(plan("int4/64", 4096, 4096));
    expect(estimateBytes(plan("int4/1", 4096, 4096))).toBeGreaterThan(2 * small);
    expect(estimateBytes(plan("int4/tensor~pct(99.9)", 4096, 4096))).toBeGreaterThan(3 * small);
  });

  it("of tiles are smaller for a search than for a quick rule", () => {
    const quick = tileElements(plan("int4/64", 4096, 4096))!;
    expect(tileElements(plan("int4/64~mse(grid=400)", 4096, 4096))).toBeLessThan(quick / 40);
  });

  it("of tiles are left to a backend that says what suits it, where it does all the work", () => {
    const gpu = { tileElements: 2 ** 24 };
    expect(tileElements(plan("int4/64", 64, 64), gpu)).toBeUndefined();
    expect(tileElements(plan("int4/64~mse", 64, 64), gpu)).toBeGreaterThan(0);
    expect(tileElements(plan("rht(64,seed=1)+int4/64", 64, 64), gpu)).toBeGreaterThan(0);
  });

  it("of memory are told where they are much and refused where they are too much", () => {
    expect(memoryNote(plan("int4/64", 1024, 1024))).toBeNull();
    expect(memoryNote(plan("int4/2", 8192, 8192))).toMatch(/^this took about [\d.]+ (MB|GB) of memory$/);
    expect(() => memoryNote(plan("int4/64", 1024, 1024), 1000)).toThrow(
      /^int4\/64 on a 1024 x 1024 matrix takes about [\d.]+ MB of memory, and 1\.0 kB are allowed\./,
    );
  });
});

describe("memory that runs out", () => {
  const without = (work: string) => async () => {
    throw new RangeError(`${work}: Unable to grow instance memory`);
  };

  it("in wasm leaves the recipe to the reference, which says so, and the next one to wasm again", async () => {
    let full = true;
    const wasm: Backend = {
      ...referenceBackend,
      name: "wasm",
      quantize: (...args) => (full ? without("WebAssembly.Memory.grow()")() : referenceBackend.quantize(...args)),
    };
    const runs = new Runs(new Backends({ reference: referenceBackend, gpu: null, createWasm: async () => wasm }));
    const { report } = await runs.quantized(order("int4/64"), idle());
    expect(report.backend).toBe("reference");
    expect(report.notes).toContain(
      "the wasm kernels failed (WebAssembly.Memory.grow(): Unable to grow instance memory): plain TypeScript computed this",
    );
    full = false;
    expect((await runs.quantized(order("int4/32"), idle())).report.backend).toBe("wasm");
  });

  it("in JavaScript too is a sentence, and the next recipe runs", async () => {
    const runs = onCpu();
    const matrix = source.matrix("normal");
    const poor = { ...matrix, read: () => Promise.reject(new RangeError("Array buffer allocation failed")) };
    const failure = await runs.quantized({ ...order("int4/64"), matrix: poor }, idle()).catch(plainError);
    expect((failure as Error).message).toBe(
      "There was not enough memory for this (Array buffer allocation failed). Close other tabs, or take a smaller tensor.",
    );
    expect((await runs.quantized(order("int4/64"), idle())).report.metrics.saturated).toBe(0);
  });
});
