/** Sweeps through the client: against the real workbench, and against scripted ones for what goes wrong. */
import { afterEach, describe, expect, it } from "vitest";
import { expandSweep, parseSweep } from "../../kernels/sweep/index.ts";
import { standardBackends } from "../backends/standard.ts";
import { UserError } from "../errors/user-error.ts";
import type { SweepPoint, SweepReply, SweepRequest } from "../jobs/sweep/request.ts";
import { type Handlers, handlersOf } from "../jobs/table.ts";
import type { Target } from "../runs/target.ts";
import type { SourceInfo } from "../sources/info.ts";
import { unlessBusy, within } from "../testing/busy.ts";
import { Workbench } from "../workbench/workbench.ts";
import { createClient, type WorkbenchClient } from "./index.ts";
import { fakeThreads } from "./testing.ts";

let client: WorkbenchClient;
afterEach(() => client.dispose());

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function real(rows = 96, cols = 160, size = 2): Promise<Target> {
  const { spawn } = fakeThreads(() => handlersOf(new Workbench({ backends: standardBackends(null) })));
  client = createClient({ size, spawn });
  const generator = { name: "laplace", rows, cols, seed: 3, params: {} };
  const { id, tensors } = await client.open({ kind: "generator", generator });
  return { source: id, tensor: tensors[0].name, view: tensors[0].view };
}

const request = (targets: Target[], recipes: string[], phases = 0): SweepRequest => ({
  ...{ targets, recipes, definitions: [], phases, backend: null },
});

/** Collects points by "target recipe". */
async function sweep(asked: SweepRequest) {
  const points = new Map<string, SweepPoint>();
  const progress: number[] = [];
  const summary = await client.sweep(asked, {
    onPoints(batch) {
      for (const p of batch) {
        const key = `${p.target} ${p.recipe}`;
        expect(points.has(key)).toBe(false);
        points.set(key, p);
      }
    },
    onProgress: ({ done, total, unit }) => {
      expect([total, unit]).toEqual([asked.targets.length * asked.recipes.length, "recipes"]);
      progress.push(done);
    },
  });
  return { points, progress, summary };
}

describe("a sweep", () => {
  const grid = "(none,ht(32))+(int4,nf4,mxfp4)@(rne,away)/(16,32,row):(f32,f16)";
  const recipes = expandSweep(parseSweep(grid)).recipes.map((r) => r.text);

  it("gives each recipe's figures for each tensor once, those of single runs", async () => {
    const target = await real();
    const other = { ...target, view: { split: 1, transpose: true } };
    const { points, progress, summary } = await sweep(request([target, other], recipes));
    expect(points.size).toBe(2 * recipes.length);
    expect(summary).toMatchObject({ points: points.size, failed: 0, notes: [] });
    expect(progress[0]).toBe(0);
    expect(progress[progress.length - 1]).toBe(points.size);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    for (const [i, recipe] of recipes.entries()) {
      if (i % 7 !== 0) continue;
      for (const [t, at] of [target, other].entries()) {
        const report = await client.call("run", { target: at, recipe, definitions: [], backend: "reference" });
        const point = points.get(`${t} ${i}`)!;
        expect(point.text).toBe(report.recipe);
        expect(point.metrics!.nmse).toBeCloseTo(report.metrics.nmse!, 12);
        expect(point.metrics!.flushed).toBe(report.metrics.flushed);
        expect(point.metrics!.bitsPerWeight).toBe(report.metrics.bitsPerWeight);
      }
    }
  });

  it("goes on past recipes and tensors that fail, and says why", async () => {
    const target = await real();
    const { points, summary } = await sweep(
      request([target, { ...target, tensor: "nowhere" }], ["int4/16", "int4/", "rht(64,seed=1)+int4/32", "nf4/32~mx"]),
    );
    expect(summary).toMatchObject({ points: 8, failed: 7 });
    expect(points.get("0 0")).toMatchObject({ text: "int4/16", error: null, backend: "wasm" });
    expect(points.get("0 1")!.error).toMatch(/^column 6: the text ends here: expected a block/);
    expect(points.get("0 2")).toMatchObject({
      metrics: null,
      error: "rht(64) does not divide the rows of 160 elements; 32 does",
    });
    expect(points.get("0 3")!.error).toBe("~mx is for floats and integers");
    for (let i = 0; i < 4; i++) expect(points.get(`1 ${i}`)!.error).toMatch(/nowhere/);
  });

  it("measures the band over the phase where there is one", async () => {
    const target = await real();
    const { points } = await sweep(request([target], ["mxfp4", "int4/32"], 4));
    const { metrics, phase } = points.get("0 0")!;
    expect(phase!.phases).toBe(4);
    expect(phase!.min).toBeLessThanOrEqual(metrics!.nmse!);
    expect(phase!.max).toBeGreaterThan(phase!.min);
    expect(points.get("0 1")!.phase).toBeNull();
  });

  it("refuses an empty request, and tells of a backend that there is not", async () => {
    const target = await real();
    await expect(client.sweep(request([target], []))).rejects.toThrow("A sweep needs a tensor and a recipe at least.");
    const { summary } = await sweep({ ...request([target], ["int4/16"]), backend: "webgpu" });
    expect(summary.notes).toEqual([
      "the webgpu backend could not be had (There is no WebGPU here): the CPU computed this",
    ]);
  });

  it("is cancelled within 100 ms, in the middle of a recipe too", ({ skip }) =>
    unlessBusy(skip, async () => {
      const target = await real(1024, 2048);
      for (const recipe of ["int4/16", "int4/32~shrink(grid=400)"]) {
        const controller = new AbortController();
        const many = Array.from({ length: 2000 }, () => recipe);
        const sweeping = client.sweep(request([target], many), { signal: controller.signal });
        await pause(150);
        const before = performance.now();
        controller.abort();
        await expect(sweeping).rejects.toMatchObject({ name: "AbortError" });
        // The workers are free again: both answer.
        const run = (side: string) =>
          client.call("run", { target, recipe: `int${side}/col`, definitions: [], backend: null }, { side });
        within(performance.now() - before, 100, "cancelling");
        await Promise.all([run("2"), run("3")]);
      }
    }));
});

describe("workers that fail", () => {
  /** Fails as its recipes say. */
  function scripted(work: (recipes: string[]) => Promise<unknown>) {
    const sizes: number[] = [];
    const { spawn, threads } = fakeThreads((index) => {
      const handlers: Partial<Handlers> = {
        open: async ({ id }) => ({ id, label: id, tensors: [] }) as unknown as SourceInfo,
        async sweep({ recipes }): Promise<SweepReply> {
          sizes.push(recipes.length);
          if (recipes.includes("deadly")) {
            setTimeout(() => threads[index].fail("out of memory"), 0);
            await new Promise(() => {});
          }
          await work(recipes);
          const points = recipes.map((text) => ({
            ...{ text, metrics: null, measured: null, phase: null, backend: null },
            error: null,
          }));
          return { points, notes: ["a note"] };
        },
      };
      return handlers;
    });
    client = createClient({ size: 1, spawn });
    return sizes;
  }
  const target: Target = { source: "s1", tensor: "w", view: { split: 1, transpose: false } };

  it("cost only the recipe that brought them down", async () => {
    scripted(async () => {});
    await client.open({ kind: "text", text: "1" });
    const recipes = Array.from({ length: 40 }, (_, i) => (i === 23 ? "deadly" : `r${i}`));
    const { points, summary } = await sweep(request([target], recipes));
    expect(summary).toMatchObject({ points: 40, failed: 1, notes: ["a note"] });
    expect(points.get("0 23")!.error).toMatch(/^The worker that computed this stopped \(out of memory\)/);
    expect(points.get("0 24")!.error).toBeNull();
  });

  it("are given as many recipes as take a tenth of a second", async () => {
    const sizes = scripted((recipes) => pause(10 * recipes.length));
    await client.open({ kind: "text", text: "1" });
    await sweep(
      request(
        [target],
        Array.from({ length: 60 }, (_, i) => `r${i}`),
      ),
    );
    expect(sizes[0]).toBe(1);
    expect(Math.max(...sizes)).toBeGreaterThan(4);
    expect(Math.max(...sizes)).toBeLessThan(16);
  });

  it("stop together when a listener fails", async () => {
    scripted(async () => {});
    await client.open({ kind: "text", text: "1" });
    const failing = client.sweep(request([target], ["a", "b"]), {
      onPoints() {
        throw new UserError("no room for points");
      },
    });
    await expect(failing).rejects.toThrow("no room for points");
  });
});
