import { beforeEach, describe, expect, it } from "vitest";
import { UserError } from "../../workers/errors/user-error.ts";
import type { SourceInfo } from "../../workers/sources/info.ts";
import type { TensorInfo } from "../../workers/tensors/info.ts";
import { file, settle, started } from "../testing/workbench.ts";
import { defaultExperiment, withSource } from "./experiment.ts";
import { noticesStore } from "./notices.ts";
import { fingerprintsMatch, firstTensor, formatSize } from "./source.ts";

const notices = () => noticesStore.getState().notices.map(({ text, tone }) => [text, tone]);
beforeEach(() => noticesStore.setState({ notices: [] }));

it("sizes have three digits in powers of ten", () => {
  expect([0, 999, 1000, 4_600_000, 12_345_678, 7e9, 2.5e12, 9.99e15].map(formatSize)).toEqual([
    ...["0 B", "999 B", "1.00 kB", "4.60 MB", "12.3 MB", "7.00 GB", "2.50 TB"],
    "9.99e+3 TB",
  ]);
});

it("files are those that are asked for where digests and sizes agree, whatever their names", () => {
  const print = (digest: string, size: number, name = "f") => ({ name, size, digest });
  const given = [print("a", 1), print("b", 2, "other")];
  expect(fingerprintsMatch([print("b", 2)], given)).toBe(true);
  expect(fingerprintsMatch([print("b", 2), print("a", 1)], given)).toBe(true);
  expect(fingerprintsMatch([print("a", 1), print("c", 2)], given)).toBe(false);
  expect(fingerprintsMatch([print("a", 2)], given)).toBe(false);
  expect(fingerprintsMatch([print("c", 1)], given)).toBe(false);
});

it("the first tensor is the preferred one, a matrix, what opens, or what says why not", () => {
  const tensor = (name: string, shape: number[], part: Partial<TensorInfo> = {}) =>
    ({ name, shape, elements: shape.reduce((n, d) => n * d, 1), ...part }) as TensorInfo;
  const first = (tensors: TensorInfo[], preferred?: string) => firstTensor({ tensors } as SourceInfo, preferred)?.name;
  const bad = tensor("bad", [2, 2], { problem: "no" });
  const all = [bad, tensor("empty", [0, 4]), tensor("bias", [4]), tensor("w", [2, 2]), tensor("v", [2, 2])];
  expect([first(all), first(all, "v"), first(all, "bad"), first(all, "gone")]).toEqual(["w", "v", "w", "w"]);
  expect(first(all.slice(0, 3))).toBe("bias");
  expect(first(all.slice(0, 2))).toBe("bad");
  expect(first([])).toBeUndefined();
});

/** Makes the next opening one that ends when the test says so. */
function held(client: Awaited<ReturnType<typeof started>>["client"]) {
  const open = client.open.bind(client);
  const waiting: { signal?: AbortSignal; go(): void; fail(error: Error): void }[] = [];
  client.open = (spec, options) =>
    new Promise((resolve, reject) => {
      waiting.push({ signal: options?.signal, go: () => resolve(open(spec, options)), fail: reject });
    });
  return { waiting, release: () => (client.open = open) };
}

const text = (numbers: string) => ({ kind: "text" as const, text: numbers });

describe("a source that the experiment names", () => {
  it("opens while the one before stays, and is closed when nothing shows it", async () => {
    const { w, client, closed } = await started();
    const { waiting } = held(client);
    const state = () => w.source.store.getState();
    const before = state().info;
    w.timeline.change((e) => withSource(e, text("1 2")));
    expect(state()).toMatchObject({ status: "opening", info: before, problem: null, ref: text("1 2") });
    waiting[0].go();
    await settle();
    expect(state()).toMatchObject({ status: "open", info: { label: "text" }, problem: null });
    expect(w.timeline.getState().experiment.tensor).toBe("numbers");
    expect(closed).toEqual(["s1"]);
    // Replaced, but still looked at.
    w.source.store.setState({ status: "failed" });
    w.source.tryAgain();
    waiting[1].go();
    w.source.closeUnused(["s2"]);
    await settle();
    w.source.closeUnused([]);
    expect(closed).toEqual(["s1", "s2"]);
  });

  it("that is left before it has opened is closed when it comes, and shown by nobody", async () => {
    const { w, client, closed } = await started();
    const { waiting } = held(client);
    w.timeline.change((e) => withSource(e, text("1 2")));
    w.timeline.change((e) => withSource(e, text("3 4")));
    expect(waiting.map(({ signal }) => signal?.aborted)).toEqual([true, false]);
    waiting[1].go();
    await settle();
    waiting[0].go();
    await settle();
    expect(closed).toContain("s3");
    expect(w.source.store.getState()).toMatchObject({ status: "open", ref: text("3 4"), info: { id: "s2" } });
  });

  it("that fails says why, unless it was left or stopped; and is tried again", async () => {
    const { w, client } = await started();
    const { waiting } = held(client);
    const state = () => w.source.store.getState();
    w.timeline.change((e) => withSource(e, text("x")));
    w.timeline.change((e) => withSource(e, text("y")));
    waiting[0].fail(new UserError("late"));
    await settle();
    expect(state()).toMatchObject({ status: "opening", problem: null });
    waiting[1].fail(new UserError("y is no number"));
    await settle();
    expect(state()).toMatchObject({ status: "failed", problem: "y is no number", info: null });
    w.source.tryAgain();
    expect(state()).toMatchObject({ status: "opening", problem: null });
    waiting[2].fail(new DOMException("stopped", "AbortError"));
    await settle();
    expect(state().status).toBe("opening");
    // Nothing failed: nothing to try again.
    w.source.tryAgain();
    expect(waiting).toHaveLength(3);
  });

  it("tells what there is to know of it", async () => {
    const { w, client } = await started();
    const open = client.open.bind(client);
    client.open = async (spec, options) => ({
      ...(await open(spec, options)),
      notes: ["one is missing", "another too"],
    });
    w.timeline.change((e) => withSource(e, text("1 2")));
    await settle();
    expect(notices()).toEqual([
      ["one is missing", "info"],
      ["another too", "info"],
    ]);
    noticesStore.setState({ notices: [] });
    await w.source.openFiles([file("m.npy", 8)]);
    expect(notices()).toHaveLength(2);
    noticesStore.setState({ notices: [] });
    await w.source.openAddress("https://x.org/w.npy", null, new AbortController().signal);
    expect(notices()).toHaveLength(2);
  });

  it("has samples listed beside it, again where that failed", async () => {
    const { w, jobs } = await started();
    const list = jobs.samples!;
    expect(w.source.store.getState().samples.map(({ id }) => id)).toEqual(["ocr-recogniser"]);
    const failing = await started();
    failing.jobs.samples = async () => Promise.reject(new UserError("no network"));
    failing.w.source.store.setState({ samples: [] });
    failing.w.source.start();
    await settle();
    expect(notices()).toEqual([["no network", "error"]]);
    failing.jobs.samples = list;
    failing.w.source.store.setState({ status: "failed" });
    failing.w.source.tryAgain();
    await settle();
    await settle();
    expect(failing.w.source.store.getState().samples).toHaveLength(1);
  });
});

describe("files", () => {
  it("are none: nothing happens", async () => {
    const { w, opened } = await started();
    await w.source.openFiles([]);
    expect([opened.length, w.source.store.getState().status]).toEqual([1, "open"]);
  });

  it("that open late do not take the place of those that were dropped after", async () => {
    const { w, client, closed } = await started();
    const { waiting } = held(client);
    const first = w.source.openFiles([file("one", 1)]);
    const second = w.source.openFiles([file("two", 2)]);
    expect(waiting[0].signal?.aborted).toBe(true);
    waiting[1].go();
    await second;
    waiting[0].go();
    await first;
    expect(w.source.store.getState().ref).toMatchObject({ fingerprints: [{ name: "two" }] });
    expect(closed).toContain("s3");
    expect(notices()).toEqual([]);
  });

  it("that were stopped or came too late say nothing", async () => {
    const { w, client } = await started();
    const { waiting } = held(client);
    const first = w.source.openFiles([file("one", 1)]);
    const second = w.source.openFiles([file("two", 2)]);
    waiting[0].fail(new UserError("too late"));
    waiting[1].fail(new DOMException("stopped", "AbortError"));
    await Promise.all([first, second]);
    expect(notices()).toEqual([]);
  });

  it("that cannot be read can be described: one alone, and not twice", async () => {
    const { w } = await started();
    const actions = () => noticesStore.getState().notices.map(({ action }) => action?.label);
    await w.source.openFiles([file("bad.bin", 3)]);
    expect(actions()).toEqual(["Read as raw numbers…"]);
    noticesStore.getState().notices[0].action!.run();
    expect(w.source.store.getState().undescribed?.name).toBe("bad.bin");
    w.source.describeLater();
    expect(w.source.store.getState().undescribed).toBeNull();
    await w.source.openFiles([file("bad.bin", 3)], { dtype: "F32" } as never);
    expect(actions()).toEqual([undefined]);
    await w.source.openFiles([file("bad.bin", 3), file("b", 3)]);
    expect(actions()).toEqual([undefined]);
  });

  it("that are described are held with their description, and found by it", async () => {
    const { w, opened } = await started();
    const raw = { dtype: "F32", shape: [2] } as never;
    const files = [file("raw.bin", 8)];
    await w.source.openFiles(files, raw);
    await settle();
    const { source } = w.timeline.getState().experiment;
    expect(source).toMatchObject({ kind: "files", raw });
    expect(opened).toHaveLength(2);
    expect(w.source.specOf(source)).toEqual({ kind: "files", files, raw });
    expect(w.source.specOf({ ...source, raw: undefined } as never)).toBeNull();
  });

  it("of a link are refused with both names, and opened anyway where somebody says so", async () => {
    const fingerprints = [{ name: "model.bin", size: 5, digest: "other" }];
    const { w, closed } = await started(withSource(defaultExperiment, { kind: "files", fingerprints }));
    await w.source.openFiles([file("model.bin", 5)]);
    expect(notices()[0][0]).toMatch(/about model\.bin \(5 B\), you gave model\.bin \(5 B\), whose content differs\.$/);
    expect(closed).toEqual(["s1"]);
    expect(w.source.store.getState().status).toBe("asked");
    noticesStore.getState().notices[0].action!.run();
    await settle();
    expect(w.source.store.getState()).toMatchObject({ status: "open", ref: { fingerprints: [{ digest: "d-5" }] } });
    noticesStore.setState({ notices: [] });
    const again = await started(withSource(defaultExperiment, { kind: "files", fingerprints }));
    await again.w.source.openFiles([file("model.bin", 6)]);
    expect(notices()[0][0]).toMatch(/you gave model\.bin \(6 B\)\.$/);
  });

  it("that end in json are an experiment where they hold one, else a source", async () => {
    const { w, opened } = await started();
    const read = () => opened.filter(({ kind }) => kind === "files").length;
    await w.source.openFiles([new File(['{"quantscope":"nothing"}'], "x.JSON")]);
    expect(read()).toBe(1);
    const experiment = JSON.stringify({ quantscope: "experiment", version: 1, numbers: 1, experiment: { a: "f16" } });
    await w.source.openFiles([new File([experiment], "x.txt")]);
    expect(w.timeline.getState().experiment.a).toBe("nvfp4");
    await w.source.openFiles([new File([experiment], "x.JSON")]);
    expect(w.timeline.getState().experiment.a).toBe("f16");
    expect(read()).toBe(2);
    await w.source.openFiles([new File([experiment.replace("f16", "bf16")], "x.json"), file("y", 1)]);
    expect(w.timeline.getState().experiment.a).toBe("f16");
    expect(read()).toBe(3);
  });
});

describe("an address", () => {
  const url = "https://x.org/w.npy";

  it("that a link asks for is not asked of its server, nor read twice", async () => {
    const { w, opened } = await started(withSource(defaultExperiment, { kind: "url", url }));
    expect(w.source.store.getState()).toMatchObject({ status: "asked", info: null, ref: { url } });
    w.source.tryAgain();
    expect(opened).toEqual([]);
    w.source.readAsked();
    await settle();
    w.source.readAsked();
    await settle();
    expect(opened).toEqual([{ kind: "url", url }]);
  });

  it("that is asked for and opened by hand keeps the experiment", async () => {
    const asked = withSource({ ...defaultExperiment }, { kind: "url", url });
    const { w, now } = await started(asked);
    const past = w.timeline.getState().past.length;
    await w.source.openAddress(url, null, new AbortController().signal);
    expect(w.source.store.getState()).toMatchObject({ status: "open", ref: { kind: "url", url } });
    expect([now().tensor, w.timeline.getState().past.length]).toEqual(["w1", past]);
  });

  it("that fails is tried again, at the person's word", async () => {
    const { w, client, opened } = await started(withSource(defaultExperiment, { kind: "url", url }));
    const open = client.open.bind(client);
    client.open = async () => Promise.reject(new UserError("404"));
    w.source.readAsked();
    await settle();
    expect(w.source.store.getState()).toMatchObject({ status: "failed", problem: "404" });
    client.open = open;
    w.source.tryAgain();
    await settle();
    expect([w.source.store.getState().status, opened]).toEqual(["open", [{ kind: "url", url }]]);
  });

  it("rejects with what went wrong, and leaves what is open", async () => {
    const { w, client } = await started();
    client.open = async () => Promise.reject(new UserError("404"));
    await expect(w.source.openAddress(url, null, new AbortController().signal)).rejects.toThrow("404");
    expect(w.source.store.getState()).toMatchObject({ status: "open", info: { id: "s1" } });
  });
});
