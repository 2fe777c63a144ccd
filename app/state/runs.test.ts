import { beforeEach, describe, expect, it } from "vitest";
import { RecipeError } from "../../kernels/grammar/errors.ts";
import type { SourceInfo } from "../../workers/sources/info.ts";
import type { TensorInfo } from "../../workers/tensors/info.ts";
import { settle, started } from "../testing/workbench.ts";
import { defaultExperiment, withLook, withRecipe, withTensor } from "./experiment.ts";
import { LargeTensors, SAMPLE_VALUES } from "./large.ts";
import { noticesStore } from "./notices.ts";
import { CANCELLED } from "./results.ts";
import { requestFor } from "./runs.ts";

beforeEach(() => noticesStore.setState({ notices: [] }));

const tensor = (name: string, part: Partial<TensorInfo> = {}): TensorInfo => ({
  ...{ name, dtype: "F32", shape: [4, 4], elements: 16, view: { split: 1, transpose: false } },
  ...part,
});
const info = {
  id: "s1",
  tensors: [tensor("w"), tensor("bad", { problem: "unknown" }), tensor("large", { elements: 2 ** 28 })],
} as SourceInfo;

describe("what to ask for", () => {
  const experiment = withTensor(defaultExperiment, tensor("w"));

  it("is the tensor in its usual reading, or as somebody turned it", () => {
    expect(requestFor(experiment, info, "a")).toEqual({
      target: { source: "s1", tensor: "w", view: { split: 1, transpose: false } },
      ...{ recipe: "nvfp4", definitions: [], backend: null },
    });
    const view = { split: 0, transpose: true };
    const turned = withLook({ ...experiment, view, definitions: ["x:=codebook(0,1)"] }, { backend: "wasm" });
    expect(requestFor(turned, info, "b")).toEqual({
      target: { source: "s1", tensor: "w", view },
      ...{ recipe: "int4/32:f16", definitions: ["x:=codebook(0,1)"], backend: "wasm" },
    });
  });

  it("is nothing without a tensor, or with one that cannot be read", () => {
    expect(requestFor(experiment, null, "a")).toBeNull();
    for (const name of ["gone", "bad"]) expect(requestFor({ ...experiment, tensor: name }, info, "a")).toBeNull();
  });

  it("of a large tensor is what was decided, and nothing before", () => {
    const large = new LargeTensors();
    const of = { ...experiment, tensor: "large" };
    expect(requestFor(of, info, "a", undefined, large)).toBeNull();
    large.decide("sample");
    expect(requestFor(of, info, "a", undefined, large)?.target.sample).toBe(SAMPLE_VALUES);
    expect(requestFor({ ...of, tensor: "w" }, info, "a", undefined, large)?.target).not.toHaveProperty("sample");
  });
});

describe("runs", () => {
  it("begin with nothing of the run before, and show how far they are", async () => {
    const { w, runs, results } = await started();
    const progress = { done: 1, total: 2, phase: "quantizing" } as never;
    runs[0].options.onProgress!(progress);
    expect(results().a).toMatchObject({ running: true, problem: null, again: false });
    expect(w.runs.progress.getState().a).toEqual(progress);
    runs[0].fail("no");
    await settle();
    expect(results().a).toMatchObject({ running: false, problem: "no", remedies: [], again: true });
    w.timeline.change((e) => withRecipe(e, "a", "nf4/64"));
    expect(results().a).toMatchObject({ running: true, problem: null, remedies: [], again: false });
    // The run before reports late.
    runs[0].options.onProgress!(progress);
    expect(w.runs.progress.getState().a).toBeNull();
  });

  it("that failed for the recipe's fault name ways out, and are not asked for again as they are", async () => {
    const { w, jobs, results } = await started();
    const remedies = [{ kind: "replace" }] as never;
    jobs.run = async () => Promise.reject(Object.assign(new RecipeError("does not divide"), { remedies }));
    w.timeline.change((e) => withRecipe(e, "a", "rht(7)+int4/32"));
    await settle();
    expect(results().a).toMatchObject({ running: false, problem: "does not divide", remedies, again: false });
  });

  it("that are cancelled say so, on the sides that ran alone", async () => {
    const { w, runs, results } = await started();
    expect(w.runs.running).toBe(true);
    runs[0].answer();
    await settle();
    expect(w.runs.running).toBe(true);
    w.runs.cancel();
    expect(w.runs.running).toBe(false);
    expect(runs.map((run) => run.options.signal?.aborted)).toEqual([false, true]);
    expect(results().a).toMatchObject({ problem: null, again: false });
    expect(results().b).toMatchObject({
      running: false,
      problem: CANCELLED,
      remedies: [],
      again: true,
    });
    // Again: what has its result is left alone.
    w.runs.again();
    expect(runs.slice(2).map((run) => run.options.side)).toEqual(["B"]);
    w.runs.again();
    expect(runs).toHaveLength(3);
  });

  it("are left when there is nothing to show, and what the field holds is remembered", async () => {
    const { w, runs, results } = await started();
    runs[0].answer();
    await settle();
    w.runs.setDraft("a", true);
    expect(results().a.draft).toBe(true);
    w.timeline.change((e) => ({ ...e, source: { kind: "url", url: "https://x.org/w.npy" } }));
    await settle();
    expect(results().a).toMatchObject({ wanted: null, shown: null, draft: true });
    expect(results().b).toMatchObject({ wanted: null, running: false });
    expect(runs[1].options.signal?.aborted).toBe(true);
  });

  it("come from memory with nothing of the failure in between", async () => {
    const { w, runs, results } = await started();
    for (const run of runs) run.answer();
    await settle();
    w.timeline.change((e) => withRecipe(e, "a", "nf4/64"));
    runs[2].fail("no");
    await settle();
    w.timeline.change((e) => withRecipe(e, "a", "nvfp4"));
    expect(results().a).toMatchObject({ running: false, problem: null, remedies: [], again: false });
    expect(results().a.shown?.report.recipe).toBe("nvfp4");
    expect(runs).toHaveLength(3);
    // One that was under way is stopped.
    w.timeline.change((e) => withRecipe(e, "a", "af4/64"));
    w.timeline.change((e) => withRecipe(e, "a", "nvfp4"));
    expect([runs[3].options.signal?.aborted, results().a.running]).toEqual([true, false]);
  });

  it("do not begin again for what changes no number", async () => {
    const { w, runs } = await started();
    w.timeline.change((e) => withLook(e, { tab: "formats" }));
    w.timeline.change((e) => withRecipe(e, "b", "f16"));
    expect(runs.map((run) => [run.options.side, run.request.recipe])).toEqual([
      ["A", "nvfp4"],
      ["B", "int4/32:f16"],
      ["B", "f16"],
    ]);
  });

  it("of a large tensor begin once it is decided how much of it", async () => {
    const { w, client, runs, now } = await started();
    const open = client.open.bind(client);
    client.open = async (spec, options) => {
      const info = await open(spec, options);
      return { ...info, tensors: info.tensors.map((t) => ({ ...t, elements: 2 ** 28 })) };
    };
    w.timeline.change((e) => ({ ...e, source: { kind: "text", text: "1" } }));
    await settle();
    expect([runs.length, w.large.store.getState().asked?.tensor.name]).toEqual([2, "numbers"]);
    w.large.decide("sample");
    await settle();
    expect(runs.slice(2).map((run) => run.request.target.sample)).toEqual([SAMPLE_VALUES, SAMPLE_VALUES]);
    // The experiment says so, for whoever opens its link.
    expect(now().sample).toBe(true);
  });
});
