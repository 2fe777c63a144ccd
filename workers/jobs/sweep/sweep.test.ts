import { describe, expect, it, vi } from "vitest";
import { DeviceLostError } from "../../../kernels/backends/webgpu/device/errors.ts";
import { makeSums } from "../../../kernels/measure/sums.ts";
import type { BackendName } from "../../../kernels/report/report.ts";
import { type MatrixSweep, referenceSweep, type SweepBackend } from "../../../kernels/sweep/index.ts";
import { matrixOf, normalValues } from "../../../kernels/testing/matrix.ts";
import { SweepBackends, standardSweeps } from "../../backends/sweeps.ts";
import { UserError } from "../../errors/user-error.ts";
import { sweepPart } from "./sweep.ts";

const matrix = matrixOf(normalValues(16 * 64), 16, 64);
const control = { signal: new AbortController().signal, progress: () => {} };
const part = (recipes: string[], backend: "wasm" | "reference" | null = null) => ({
  ...{ recipes, definitions: [], phases: 0, backend },
});
const wasmLike = (over: Partial<SweepBackend>) =>
  new SweepBackends([{ name: "wasm", make: async () => ({ ...referenceSweep, name: "wasm", ...over }) }]);
const sweep = (backends: SweepBackends, ...asked: Parameters<typeof part>) =>
  sweepPart(part(...asked), async () => matrix, backends, control);

describe("the backend of a sweep", () => {
  it("is the fast one where it takes the recipe, and the reference where it does not", async () => {
    const { points, notes } = await sweep(standardSweeps(), ["int4/16", "int4@coin(seed=1)/16", "nf4@up/32"]);
    expect(points.map((p) => [p.backend, p.error])).toEqual([
      ["wasm", null],
      ["reference", null],
      ["reference", null],
    ]);
    expect(notes).toEqual([]);
  });

  it("is the one asked for, with a note where that cannot be", async () => {
    expect((await sweep(standardSweeps(), ["int4/16"], "reference")).points[0].backend).toBe("reference");
    const { points, notes } = await sweep(standardSweeps(), ["int4@coin(seed=1)/16"], "wasm");
    expect(points[0].backend).toBe("reference");
    expect(notes).toEqual(["the wasm backend has no fast path for these elements: the CPU computed this"]);
  });

  it("is replaced where it cannot be made or fails", async () => {
    const none = new SweepBackends([
      {
        name: "wasm",
        make: async () => {
          throw new Error("WebAssembly has no SIMD here");
        },
      },
    ]);
    const { points, notes } = await sweep(none, ["int4/16", "nf4/16"]);
    expect(points.map((p) => p.backend)).toEqual(["reference", "reference"]);
    expect(notes).toEqual(["the wasm backend could not be had (WebAssembly has no SIMD here): the CPU computed this"]);

    const failing = wasmLike({
      async evaluate(work, ...rest) {
        if (work.some((one) => one.plan.text === "nf4/16")) throw new RangeError("could not grow memory");
        return referenceSweep.evaluate(work, ...rest);
      },
    });
    const mixed = await sweep(failing, ["int4/16", "nf4/16", "e2m1/16"]);
    expect(mixed.points.map((p) => [p.backend, p.error])).toEqual([
      ["wasm", null],
      ["reference", null],
      ["wasm", null],
    ]);
    expect(mixed.notes[0]).toMatch(/^the wasm backend failed \(There was not enough memory for this/);
  });
});

describe("a recipe with a step that does not fit", () => {
  const asked = ["rht(128,seed=0)+int4/16", "int4/16", "q4_k", "rht(96,seed=0)+nf4/16"];
  const run = (fallBack: boolean) =>
    sweepPart({ ...part(asked), fallBack }, async () => matrix, standardSweeps(), control);

  it("runs without it where that was asked for, and says what ran instead and why", async () => {
    const { points } = await run(true);
    expect(points.map((p) => p.text)).toEqual(asked);
    expect(points[0].instead).toEqual({ text: "int4/16", reason: expect.stringContaining("rht(128") });
    expect(points[0].metrics).toEqual(points[1].metrics);
    expect(points[1]).not.toHaveProperty("instead");
    // No step is to blame for rows that are no whole blocks.
    expect(points[2]).toMatchObject({ metrics: null, error: expect.stringContaining("q4_k") });
    expect(points[3].instead?.text).toBe("nf4/16");
  });

  it("gives no figures where it was not", async () => {
    const { points } = await run(false);
    expect(points.map((p) => p.metrics === null)).toEqual([true, false, true, true]);
    expect(points[0]).toMatchObject({ text: asked[0], error: expect.stringContaining("rht(128") });
  });
});

describe("a sweep on whole matrices", () => {
  const totals = { sums: { ...makeSums(), count: 1, signal: 1 }, dead: 0 };
  const gpu = (over: Partial<MatrixSweep>): MatrixSweep => ({
    name: "webgpu",
    refuses: (plan) => (plan.text.startsWith("nf4") ? "has no codebooks" : null),
    declines: async () => null,
    totals: async (_, plans) => plans.map(() => totals),
    ...over,
  });
  const wasmMaker = { name: "wasm" as const, make: async () => ({ ...referenceSweep, name: "wasm" as const }) };
  const withGpu = (make: () => Promise<MatrixSweep>) => new SweepBackends([{ name: "webgpu", make }, wasmMaker]);
  const backendsOf = (reply: { points: { backend: string | null }[] }) => reply.points.map((p) => p.backend);

  it("takes what it can of a part, and the next in order the rest", async () => {
    const backends = withGpu(async () =>
      gpu({ declines: async (_, plan) => (plan.element.affine ? "has no affine formats here" : null) }),
    );
    const reply = await sweep(backends, ["int4/16", "nf4/16", "int4(asym)/16"]);
    expect(backendsOf(reply)).toEqual(["webgpu", "wasm", "wasm"]);
    expect(reply.notes).toEqual([]);
    const asked = await sweepPart(
      { ...part(["int4(asym)/16", "nf4/16"]), backend: "webgpu" },
      async () => matrix,
      backends,
      control,
    );
    expect(backendsOf(asked)).toEqual(["wasm", "wasm"]);
    expect(asked.notes).toEqual([
      "the webgpu backend has no codebooks: the CPU computed this",
      "the webgpu backend has no affine formats here: the CPU computed this",
    ]);
  });

  it("is tried again on a new device when one is lost, twice at most", async () => {
    let [made, losses] = [0, 2];
    const lost = async () => {
      if (losses-- > 0) throw new DeviceLostError("the GPU device was lost (gone)");
      return [totals];
    };
    const backends = withGpu(async () => {
      made++;
      return gpu({ totals: lost });
    });
    const recovered = await sweep(backends, ["int4/16"]);
    expect([backendsOf(recovered), recovered.notes, made]).toEqual([["webgpu"], [], 3]);
    losses = 9;
    const given = await sweep(backends, ["int4/16", "nf4/16", "nonsense"]);
    expect(backendsOf(given)).toEqual(["wasm", "wasm", null]);
    expect(given.notes).toEqual(["the webgpu backend failed (the GPU device was lost (gone)): the CPU computed this"]);
    // It is not asked for again, and the page still says why.
    const later = await sweep(backends, ["int4/16"]);
    expect([backendsOf(later), made]).toEqual([["wasm"], 3]);
    expect(later.notes).toEqual([
      "the webgpu backend could not be had (the GPU device was lost (gone)): the CPU computed this",
    ]);
  });

  it("is left out where its shaders do not compile", async () => {
    const backends = withGpu(async () => {
      throw new Error("sweep floats, line 1: expected expression");
    });
    const reply = await sweep(backends, ["int4/16", "int4/32", "nf4/16"]);
    expect(backendsOf(reply)).toEqual(["wasm", "wasm", "wasm"]);
    expect(reply.notes).toEqual([
      "the webgpu backend could not be had (sweep floats, line 1: expected expression): the CPU computed this",
    ]);
  });

  it("is made where a GPU is chosen, or asked for", async () => {
    const verdict = (chosen: "wasm" | "webgpu", available: BackendName[]) => ({
      gpu: null,
      verdict: async () => ({ chosen, available, note: "There is no WebGPU here: the CPU computes.", adapter: null }),
    });
    const plain = await sweep(standardSweeps(verdict("wasm", ["wasm"])), ["int4/16"]);
    expect([backendsOf(plain), plain.notes]).toEqual([["wasm"], []]);
    const chosen = await sweep(standardSweeps(verdict("webgpu", ["webgpu", "wasm"])), ["int4/16"]);
    expect([backendsOf(chosen), chosen.notes]).toEqual([
      ["wasm"],
      ["the webgpu backend could not be had (There is no WebGPU here): the CPU computed this"],
    ]);
  });
});

describe("what cannot be swept", () => {
  it("for want of memory everywhere gives a point with a sentence, and the rest of the sweep goes on", async () => {
    const evaluate = referenceSweep.evaluate;
    const spy = vi.spyOn(referenceSweep, "evaluate").mockImplementation(async (work, ...rest) => {
      if (work.some((one) => one.plan.text === "nf4/16")) throw new RangeError("Array buffer allocation failed");
      return evaluate(work, ...rest);
    });
    const { points } = await sweep(new SweepBackends([]), ["int4/16", "nf4/16", "e2m1/16"]);
    spy.mockRestore();
    expect(points.map((p) => p.error)).toEqual([
      null,
      "There was not enough memory for this (Array buffer allocation failed). Close other tabs, or take a smaller tensor.",
      null,
    ]);
  });

  it("gives points that say so", async () => {
    const unreadable = { ...matrix, read: () => Promise.reject(new UserError("The file was changed.")) };
    const { points } = await sweepPart(part(["int4/16", "nf4/16"]), async () => unreadable, standardSweeps(), control);
    expect(points.map((p) => p.error)).toEqual(["The file was changed.", "The file was changed."]);
    const torn = { ...part(["my4/16"]), definitions: ["my4:=codebook("] };
    const { points: undefinedToo } = await sweepPart(torn, async () => matrix, standardSweeps(), control);
    expect(undefinedToo[0]).toMatchObject({ text: "my4/16", metrics: null });
    expect(undefinedToo[0].error).toMatch(/^column 15: /);
  });

  it("stops when it is cancelled", async () => {
    const controller = new AbortController();
    const cancelling = wasmLike({
      async evaluate(_work, _tile, pace) {
        controller.abort();
        await pace();
      },
    });
    const swept = sweepPart(part(["int4/16"]), async () => matrix, cancelling, {
      ...control,
      signal: controller.signal,
    });
    await expect(swept).rejects.toMatchObject({ name: "AbortError" });
  });
});
