import { describe, expect, it } from "vitest";
import { expandSweep, parseSweep } from "../../../kernels/sweep/index.ts";
import type { SweepOptions, WorkbenchClient } from "../../../workers/client/index.ts";
import type { SweepPoint, SweepRequest, SweepSummary } from "../../../workers/jobs/sweep/request.ts";
import { defaultExperiment } from "../../state/experiment.ts";
import { createWorkbench } from "../../state/workbench.ts";
import { fakeClient, settle, surroundings } from "../../testing/workbench.ts";
import { CANCELLED, planRun, startSweep, sweptTensors } from "./run.ts";
import { sweepOf, withSweep } from "./state.ts";
import { sweepStoreOf } from "./store.ts";

const plan = expandSweep(parseSweep("int4/(32,64)"));
const point = (recipe: number): SweepPoint => ({
  ...{
    target: 0,
    recipe,
    text: plan.recipes[recipe].text,
    metrics: null,
    measured: null,
    phase: null,
    backend: null,
    error: "x",
  },
});

async function bench() {
  const { client } = fakeClient();
  const asked: { request: SweepRequest; options: SweepOptions; done: (s: SweepSummary) => void }[] = [];
  const sweep: WorkbenchClient["sweep"] = (request, options = {}) =>
    new Promise((done, reject) => {
      options.signal?.addEventListener("abort", () => reject(new DOMException("stopped", "AbortError")));
      asked.push({ request, options, done });
    });
  const w = createWorkbench({ ...client, sweep }, defaultExperiment, surroundings);
  w.source.start();
  await settle();
  const next = (grid = "int4/(32,64)") => {
    const experiment = withSweep(w.timeline.getState().experiment, { grid });
    return planRun(experiment, w.source.store.getState().info, expandSweep(parseSweep(grid)))!;
  };
  return { w, asked, next };
}
const summary = { points: 2, failed: 0, seconds: 0.5, notes: ["rounded"] };

describe("a sweep on the page", () => {
  it("asks for the Bench's tensor, or for those chosen that there are", async () => {
    const { w, next } = await bench();
    expect(next().request).toMatchObject({
      targets: [{ tensor: "w2" }],
      recipes: ["int4/32", "int4/64"],
      definitions: [],
      phases: 0,
    });
    const chosen = withSweep(w.timeline.getState().experiment, { tensors: ["bias", "w1", "gone"] });
    const { tensors, missing, small } = sweptTensors(sweepOf(chosen), chosen, w.source.store.getState().info);
    expect(tensors.map((t) => t.info.name)).toEqual(["w1"]);
    expect([missing, small]).toEqual([["gone"], ["bias"]]);
    expect(planRun(chosen, null, plan)).toBeNull();
  });

  it("leaves norms, biases and one-dimensional tensors out unless it is told to take them, or they are all there is", async () => {
    const { w } = await bench();
    const { info } = w.source.store.getState();
    const of = (tensors: string[], small = false) => {
      const experiment = withSweep(w.timeline.getState().experiment, { tensors, small });
      return { swept: sweptTensors(sweepOf(experiment), experiment, info), run: planRun(experiment, info, plan)! };
    };
    const all = of(["*"]);
    expect(all.run.tensors.map((t) => t.name)).toEqual(["w1", "w2"]);
    expect(all.run.small).toEqual(["bias"]);
    // What a step does not fit is quantized without it, among several only.
    expect([all.run.request.fallBack, of(["w1"]).run.request.fallBack]).toEqual([true, undefined]);
    expect(of(["*"], true).run.tensors.map((t) => t.name)).toEqual(["bias", "w1", "w2"]);
    expect(of(["bias"]).swept).toMatchObject({ tensors: [{ info: { name: "bias" } }], small: [] });
    expect(of(["*", "gone"]).swept.missing).toEqual([]);
  });

  it("waits for a checkpoint that its recipes take results from", async () => {
    const { w, next } = await bench();
    w.timeline.change((e) => ({ ...e, others: [{ source: { kind: "text", text: "1 2" }, chosen: {} }] }));
    const asked = () => {
      const { experiment } = w.timeline.getState();
      const { info } = w.source.store.getState();
      return planRun(experiment, info, expandSweep(parseSweep("int4/32;given")), w.others);
    };
    expect([asked(), next()?.grid]).toEqual([null, "int4/(32,64)"]);
    await expect.poll(() => asked()?.request.recipes).toEqual(["int4/32", "given"]);
  });

  it("gathers points as they come, and ends", async () => {
    const { w, asked, next } = await bench();
    const ended = startSweep(w, next());
    asked[0].options.onPoints?.([point(1)]);
    asked[0].options.onProgress?.({ done: 1, total: 2, unit: "recipes", phase: "" });
    expect(sweepStoreOf(w).getState()).toMatchObject({
      run: { points: [point(1)], complete: false },
      progress: { done: 1 },
    });
    asked[0].options.onPoints?.([point(0)]);
    asked[0].done(summary);
    await ended;
    expect(sweepStoreOf(w).getState()).toMatchObject({
      run: { complete: true, seconds: 0.5, notes: ["rounded"] },
      ...{ job: null, progress: null, problem: null, old: null },
    });
  });

  it("keeps the run before as old until the new one has ended, through a cancelled one too", async () => {
    const { w, asked, next } = await bench();
    const first = startSweep(w, next());
    asked[0].options.onPoints?.([point(0)]);
    asked[0].done(summary);
    await first;
    const second = startSweep(w, next("int4/(16,32)"));
    expect(sweepStoreOf(w).getState().old?.grid).toBe("int4/(32,64)");
    sweepStoreOf(w).getState().job?.abort();
    await second;
    expect(sweepStoreOf(w).getState()).toMatchObject({ problem: CANCELLED, job: null, old: { grid: "int4/(32,64)" } });
    const third = startSweep(w, next("int4/(8,16)"));
    expect(sweepStoreOf(w).getState().old?.grid).toBe("int4/(32,64)");
    asked[2].done(summary);
    await third;
    expect(sweepStoreOf(w).getState()).toMatchObject({ old: null, run: { grid: "int4/(8,16)" } });
  });

  it("asks only for what it does not know where it may keep the rest", async () => {
    const { w, asked, next } = await bench();
    const known = { ...point(0), error: null, metrics: { nmse: 0.1 } as SweepPoint["metrics"] };
    const first = startSweep(w, next());
    asked[0].options.onPoints?.([known]);
    asked[0].done(summary);
    await first;
    const second = startSweep(w, next("int4/(16,32)"), { keep: true });
    expect(asked[1].request.recipes).toEqual(["int4/16"]);
    expect(sweepStoreOf(w).getState().run?.points).toEqual([{ ...known, recipe: 1 }]);
    asked[1].options.onPoints?.([{ ...known, text: "int4/16" }]);
    asked[1].done(summary);
    await second;
    expect(
      sweepStoreOf(w)
        .getState()
        .run?.points.map((p) => [p.text, p.recipe]),
    ).toEqual([
      ["int4/32", 1],
      ["int4/16", 0],
    ]);
    await startSweep(w, next("int4/16"), { keep: true });
    expect(asked).toHaveLength(2);
    expect(sweepStoreOf(w).getState()).toMatchObject({ job: null, run: { complete: true, notes: ["rounded"] } });
  });

  it("takes nothing from a run that another has replaced, and ends when its source goes", async () => {
    const { w, asked, next } = await bench();
    const first = startSweep(w, next());
    const second = startSweep(w, next("int4/(16,32)"));
    asked[0].options.onPoints?.([point(0)]);
    await first;
    expect(sweepStoreOf(w).getState().run).toMatchObject({ grid: "int4/(16,32)", points: [] });
    w.timeline.change((e) => ({ ...e, source: { kind: "text", text: "1 2" }, tensor: null }));
    await settle();
    await second;
    expect(sweepStoreOf(w).getState()).toMatchObject({ job: null, problem: CANCELLED });
  });
});
