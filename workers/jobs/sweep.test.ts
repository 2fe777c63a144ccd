import { describe, expect, it, vi } from "vitest";
import { referenceSweep, type SweepBackend } from "../../kernels/sweep/index.ts";
import { matrixOf, normalValues } from "../../kernels/testing/matrix.ts";
import { UserError } from "../protocol.ts";
import { sweepPart } from "./sweep.ts";
import { SweepBackends, standardSweeps } from "./sweep-backends.ts";

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
