import { beforeEach, describe, expect, it } from "vitest";
import { printExperimentFile } from "../link/file.ts";
import { encodeLink } from "../link/fragment.ts";
import { file, reportOf, scheme, settle, started } from "../testing/workbench.ts";
import { defaultExperiment, withRecipe, withSource, withTensor } from "./experiment.ts";
import { noticesStore } from "./notices.ts";
import { CANCELLED, isStale, ReportCache } from "./results.ts";

const notices = () => noticesStore.getState().notices.map((n) => n.text);

beforeEach(() => noticesStore.setState({ notices: [] }));

describe("results", () => {
  it("opens the sample's own tensor and runs both recipes on it", async () => {
    const { w, runs, results } = await started();
    expect(w.timeline.getState().experiment.tensor).toBe("w2");
    expect(runs.map((r) => [r.options.side, r.request.recipe])).toEqual([
      ["A", "nvfp4"],
      ["B", "int4/32:f16"],
    ]);
    runs[0].answer();
    await settle();
    expect(results().a.shown?.report.recipe).toBe("nvfp4");
    expect(results().b.running).toBe(true);
  });

  it("keeps the look of a link that names no tensor, and drops that of a tensor that is not there", async () => {
    const kept = { ...defaultExperiment.kept, values: { values: { zoom: { lo: -1, hi: 1 } } } };
    const { w } = await started({ ...defaultExperiment, kept });
    expect(w.timeline.getState().experiment).toMatchObject({ tensor: "w2", kept });
    const other = await started({ ...defaultExperiment, tensor: "gone", kept });
    expect(other.w.timeline.getState().experiment).toMatchObject({ tensor: "w2", kept: { values: {} } });
  });

  it("keeps the old result, marked, until the new one is there; an older answer never comes after", async () => {
    const { w, runs, results } = await started();
    runs[0].answer();
    await settle();
    w.timeline.change((e) => withRecipe(e, "a", "int8/row"));
    w.timeline.change((e) => withRecipe(e, "a", "nf4/64"));
    expect(isStale(results().a)).toBe(true);
    expect(results().a.shown?.report.recipe).toBe("nvfp4");
    expect(runs[2].options.signal?.aborted).toBe(true);
    runs[3].answer();
    await settle();
    expect(results().a).toMatchObject({ running: false, problem: null, shown: { report: { recipe: "nf4/64" } } });
  });

  it("answers undo from memory", async () => {
    const { w, runs, results } = await started();
    for (const run of runs) run.answer();
    await settle();
    w.timeline.change((e) => withRecipe(e, "a", "nf4/64"));
    runs[2].answer();
    await settle();
    w.timeline.undo();
    expect(results().a).toMatchObject({ running: false, shown: { report: { recipe: "nvfp4" } } });
    expect(runs).toHaveLength(3);
  });

  it("says what failed and what was cancelled, and runs again", async () => {
    const { w, runs, results } = await started();
    runs[0].fail("rht(7) does not divide the row.");
    await settle();
    expect(results().a.problem).toBe("rht(7) does not divide the row.");
    w.runs.cancel();
    await settle();
    expect(results().b).toMatchObject({ running: false, problem: CANCELLED });
    w.runs.again();
    expect(results().b.running).toBe(true);
    runs.at(-1)?.answer();
    await settle();
    expect(results().b.problem).toBeNull();
  });

  it("drops the least recent of many reports", () => {
    const cache = new ReportCache(2);
    const shown = (key: string) => {
      const request = { target: { source: "s", tensor: "t", view: { split: 1, transpose: false } } };
      const full = { ...request, recipe: key, definitions: [], backend: null };
      return { key, request: full, report: reportOf(full) };
    };
    for (const key of ["1", "2"]) cache.put(shown(key));
    cache.get("1");
    cache.put(shown("3"));
    expect([cache.get("1")?.key, cache.get("2"), cache.get("3")?.key]).toEqual(["1", undefined, "3"]);
  });
});

describe("sources", () => {
  it("become dropped files, and the source before is closed when nothing shows it", async () => {
    const { w, runs, closed } = await started();
    for (const run of runs) run.answer();
    await settle();
    await w.source.openFiles([file("m.safetensors", 10)]);
    expect(w.timeline.getState().experiment).toMatchObject({
      source: { kind: "files", fingerprints: [{ name: "m.safetensors", size: 10, digest: "d-10" }] },
      tensor: "w1",
      shape: [4, 4],
    });
    expect(closed).toEqual([]);
    for (const run of runs.slice(2)) run.answer();
    await settle();
    expect(closed).toEqual(["s1"]);
    expect(notices()).toEqual([]);
    w.timeline.undo();
    await settle();
    await settle();
    expect(w.source.store.getState()).toMatchObject({ status: "open", info: { label: "sample" } });
  });

  it("ask for a linked file, refuse another with both names, and take the right one", async () => {
    const fingerprints = [{ name: "model.bin", size: 12_000, digest: "d-12000" }];
    const linked = withTensor(withSource(defaultExperiment, { kind: "files", fingerprints }), {
      name: "w1",
      shape: [4, 4],
    });
    const { w, runs } = await started(linked);
    expect(w.source.store.getState().status).toBe("asked");
    expect(runs).toEqual([]);
    await w.source.openFiles([file("other.bin", 7)]);
    expect(notices()).toEqual([
      "This is another file: the link is about model.bin (12.0 kB), you gave other.bin (7 B).",
    ]);
    expect(w.source.store.getState().status).toBe("asked");
    await w.source.openFiles([file("renamed.bin", 12_000)]);
    expect(w.source.store.getState().status).toBe("open");
    expect(w.timeline.getState().experiment).toEqual(linked);
    expect(runs).toHaveLength(2);
  });

  it("keep what is open when a file cannot be read, and offer to describe it", async () => {
    const { w } = await started();
    await w.source.openFiles([file("bad.bin", 3)]);
    expect(notices()).toEqual(["bad.bin is of no known type."]);
    expect(w.source.store.getState().status).toBe("open");
    noticesStore.getState().notices[0].action?.run();
    expect(w.source.store.getState().undescribed?.name).toBe("bad.bin");
  });

  it("correct how much of a tensor is shown after the step that chose it, so that history has that step", async () => {
    const { w, now } = await started();
    const hows: string[] = [];
    w.timeline.subscribe(({ how }) => hows.push(how));
    w.timeline.change((e) => ({ ...withTensor(e, { name: "w1", shape: [4, 4] }), sample: true }));
    await settle();
    expect([hows, now().tensor, now().sample]).toEqual([["push", "replace"], "w1", false]);
  });

  it("say when a link names a tensor that is not there", async () => {
    const { w } = await started({ ...defaultExperiment, tensor: "gone" });
    expect(notices()).toEqual(["sample has no tensor called “gone”; w2 is shown instead."]);
    expect(w.timeline.getState().experiment.tensor).toBe("w2");
  });

  it("are read from a server only when the person says so, and keep tokens to themselves", async () => {
    const linked = { kind: "url" as const, url: "https://x.org/w.npy" };
    const { w, opened } = await started(withSource(defaultExperiment, linked));
    expect(w.source.store.getState().status).toBe("asked");
    expect(opened).toEqual([]);
    w.source.readAsked();
    await settle();
    expect(opened).toEqual([linked]);
    expect(w.source.store.getState().status).toBe("open");

    const token = { origin: "https://y.org", value: "secret" };
    await w.source.openAddress("https://y.org/main/w.npy", token, new AbortController().signal);
    await settle();
    expect(opened.slice(1)).toEqual([{ kind: "url", url: "https://y.org/main/w.npy", token }]);
    const { experiment } = w.timeline.getState();
    // The address as it was pinned, from which undo and redo open it again.
    expect(experiment.source).toEqual({ kind: "url", url: "https://y.org/0123/w.npy" });
    expect(printExperimentFile(experiment) + JSON.stringify(encodeLink(scheme, experiment))).not.toContain("secret");
    w.timeline.undo();
    await settle();
    w.timeline.redo();
    await settle();
    expect(opened.at(-1)).toEqual({ kind: "url", url: "https://y.org/0123/w.npy", token });
    expect(w.source.specOf({ kind: "url", url: "https://evil.org/w.npy" })).toBeNull();
  });

  it("load an experiment's file that is dropped like any other", async () => {
    const { w } = await started();
    const text = JSON.stringify({
      quantscope: "experiment",
      version: 1,
      numbers: 1,
      experiment: { a: "f16", b: "bf16" },
    });
    await w.source.openFiles([new File([text], "x.json")]);
    expect(w.timeline.getState().experiment).toMatchObject({ a: "f16", b: "bf16" });
  });
});

describe("the mark", () => {
  const text = (numbers: string) => ({ kind: "text" as const, text: numbers });

  it("goes with the tensor it was on, but stays on numbers that are typed", async () => {
    const { w } = await started();
    const marked = () => w.highlight.getState().highlight !== null;
    const mark = () => w.highlight.getState().point({ row: 0, col: 0, pinned: true });
    mark();
    w.timeline.change((e) => withRecipe(e, "a", "f16"));
    expect(marked()).toBe(true);
    w.timeline.change((e) => withTensor(e, { name: "w1", shape: [4, 4] }));
    expect(marked()).toBe(false);
    mark();
    w.timeline.change((e) => ({ ...e, source: text("1 2") }));
    expect(marked()).toBe(false);
    await settle();
    mark();
    w.timeline.change((e) => ({ ...e, source: text("1 2 3") }));
    expect(marked()).toBe(true);
    w.timeline.change((e) => ({ ...e, source: defaultExperiment.source }));
    expect(marked()).toBe(false);
  });

  it("an experiment's file is loaded, and anything else is not one", async () => {
    const { w, now } = await started();
    expect(w.loadExperiment("1 2 3")).toBe(false);
    expect(w.loadExperiment(printExperimentFile(withRecipe(defaultExperiment, "b", "f16")))).toBe(true);
    expect(now().b).toBe("f16");
  });
});
