import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { CallOptions } from "../../../workers/client/index.ts";
import type { SweepPoint, SweepRequest } from "../../../workers/jobs/sweep/request.ts";
import type { RunRequest } from "../../../workers/runs/target.ts";
import { defaultExperiment, withRecipe } from "../../state/experiment.ts";
import { reportOf, started } from "../../testing/workbench.ts";
import { SEEDS } from "./seededRecipes.ts";
import { SEED_VALUES, seedsKey, seedsOf } from "./seeds.ts";

interface Swept {
  request: SweepRequest;
  signal: AbortSignal;
  answer(sqnrs: (number | null)[], broken?: number): void;
  fail(): void;
}

/** Time does not pass on its own here, promises do. */
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

async function page(a: string, b: string, matrix = { rows: 4, cols: 4 }, sqnrDb: number | null = 20) {
  const opening = started({ ...defaultExperiment, a, b });
  await pass(10);
  const { w, client, jobs, runs } = await opening;
  seedsOf(w).watch(true);
  const swept: Swept[] = [];
  client.sweep = (request: SweepRequest, options: CallOptions & { onPoints(points: SweepPoint[]): void }) =>
    new Promise<never>((resolve, reject) => {
      options.signal!.addEventListener("abort", () => reject(new DOMException("stopped", "AbortError")));
      swept.push({
        ...{ request, signal: options.signal!, fail: () => reject(new Error("no")) },
        answer: (sqnrs, broken = 0) => {
          const points = sqnrs.map((sqnrDb, recipe) => ({ recipe, metrics: { sqnrDb, broken } }));
          options.onPoints(points as unknown as SweepPoint[]);
          resolve(undefined as never);
        },
      });
    });
  const real = jobs.run!;
  const report = (request: RunRequest) => ({ ...reportOf(request), matrix, metrics: { sqnrDb, broken: 0 } }) as never;
  jobs.run = async (request, options) => {
    real(request, options).catch(() => {});
    return report(request);
  };
  // The first two were asked for before that.
  w.runs.cancel();
  w.runs.again();
  await pass(10);
  return { w, swept, runs, client, state: () => seedsOf(w).store.getState() };
}

const random = "int4@sr(seed=7)/32";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe("seeds of A and B", () => {
  it("are tried half a second after both are there, each once, and give mean and spread", async () => {
    const { w, swept, state } = await page(random, "int4/32");
    const { a, b } = w.runs.store.getState();
    expect(state()).toEqual({ key: seedsKey(a.shown!, b.shown!), status: "running", spread: null });
    expect(seedsOf(w).running).toBe(true);
    await pass(480);
    expect(swept).toEqual([]);
    await pass(30);
    expect(swept).toHaveLength(1);
    const { request } = swept[0];
    expect(request.recipes).toEqual([...[7, 8, 9, 10, 11].map((seed) => `int4@sr(seed=${seed})/32`), "int4/32"]);
    expect(request).toMatchObject({
      phases: 0,
      definitions: [],
      backend: null,
      targets: [{ source: "s1", tensor: "w2" }],
    });
    expect(request.targets[0]).not.toHaveProperty("sample");
    swept[0].answer([20, 21, 22, 23, 24, 21.5]);
    await pass(1);
    expect(state()).toMatchObject({
      status: "done",
      spread: {
        seeds: SEEDS,
        sampled: false,
        a: { mean: 22, spread: Math.sqrt(2.5) },
        b: null,
        difference: { mean: 0.5 },
      },
    });
    expect(seedsOf(w).running).toBe(false);
  });

  it("of both go seed by seed", async () => {
    const { swept, state } = await page("int4/32", random);
    await pass(500);
    expect(swept[0].request.recipes[0]).toBe("int4/32");
    swept[0].answer([21.5, 20, 21, 22, 23, 24]);
    await pass(1);
    expect(state().spread).toMatchObject({ a: null, b: { mean: 22 }, difference: { mean: -0.5 } });
  });

  it("of large tensors are tried on a part", async () => {
    const large = await page(random, "int4/32", { rows: 2 ** 10, cols: 2 ** 10 + 1 });
    await pass(500);
    expect(large.swept[0].request.targets[0].sample).toBe(SEED_VALUES);
    large.swept[0].answer([20, 21, 22, 23, 24, 21]);
    await pass(1);
    expect(large.state().spread?.sampled).toBe(true);
    const fits = await page(random, "int4/32", { rows: 2 ** 10, cols: 2 ** 10 });
    await pass(500);
    expect(fits.swept[0].request.targets[0].sample).toBeUndefined();
  });

  it("are remembered, and not tried twice", async () => {
    const { w, swept, state } = await page(random, "int4/32");
    await pass(500);
    swept[0].answer([20, 21, 22, 23, 24, 21]);
    await pass(1);
    const { spread } = state();
    w.timeline.change((e) => withRecipe(e, "b", "nf4/64"));
    await pass(10);
    expect(state()).toMatchObject({ status: "running", spread: null });
    w.timeline.undo();
    await pass(1000);
    expect(state()).toMatchObject({ status: "done", spread });
    expect(swept).toHaveLength(1);
  });

  it("are none where a figure is missing, broken, or could not be had", async () => {
    for (const end of [
      (s: Swept) => s.answer([20, null, 22, 23, 24, 21]),
      (s: Swept) => s.answer([20, 21, 22, 23, 24, 21], 1),
      (s: Swept) => s.fail(),
    ]) {
      const { swept, state } = await page(random, "int4/32");
      await pass(500);
      end(swept[0]);
      await pass(1);
      expect(state()).toMatchObject({ status: "none", spread: null });
    }
  });

  it("can be stopped, before and while they are tried, and stay so", async () => {
    const early = await page(random, "int4/32");
    seedsOf(early.w).cancel();
    await pass(1000);
    expect([early.state().status, early.swept]).toEqual(["stopped", []]);
    const { w, swept, state } = await page(random, "int4/32");
    await pass(500);
    seedsOf(w).cancel();
    expect([state().status, swept[0].signal.aborted]).toEqual(["stopped", true]);
    await pass(1000);
    expect(state().status).toBe("stopped");
    seedsOf(w).cancel();
    expect(swept).toHaveLength(1);
  });

  it("of what was there a moment ago are left", async () => {
    const { w, swept, state } = await page(random, "int4/32");
    await pass(500);
    w.timeline.change((e) => withRecipe(e, "b", "nf4/64"));
    await pass(1);
    expect(swept[0].signal.aborted).toBe(true);
    seedsOf(w).watch(false);
    expect(state()).toEqual({ key: null, status: "none", spread: null });
    await pass(1000);
    expect(swept).toHaveLength(1);
    seedsOf(w).watch(true);
    await pass(600);
    expect(swept).toHaveLength(2);
  });

  it("are not tried of recipes that draw nothing, are the same, or have no figures", async () => {
    const plain = await page("int4/32", "nf4/64");
    expect(plain.state()).toMatchObject({ status: "none", spread: null });
    const same = await page(random, random);
    const exact = await page(random, "int4/32", { rows: 4, cols: 4 }, null);
    await pass(1000);
    for (const { state, swept } of [same, exact]) {
      expect(state()).toEqual({ key: null, status: "none", spread: null });
      expect(swept).toEqual([]);
    }
    expect(plain.swept).toEqual([]);
  });

  it("wait while a field holds what cannot be read", async () => {
    const { w, swept, state } = await page(random, "int4/32");
    w.runs.setDraft("a", true);
    expect(state().key).toBeNull();
    await pass(1000);
    expect(swept).toEqual([]);
  });
});
