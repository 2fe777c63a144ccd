import { beforeEach, describe, expect, it } from "vitest";
import { file, settle, started } from "../testing/workbench.ts";
import { defaultExperiment, withRecipe } from "./experiment.ts";
import { noticesStore } from "./notices.ts";
import { givenOf, givenText, withChosen, withoutOther } from "./others.ts";
import { createPart } from "./part.ts";

beforeEach(() => noticesStore.setState({ notices: [] }));

describe("a recipe's text", () => {
  it.each([
    ["given", 0],
    [" given(3)", 2],
    ["given(of=2,bits=4.5)", 1],
    ["given(bits=4.5)", 0],
    ["given(bits=4.5,of=2)", 1],
    ["given(2", null],
    ["givens", null],
    ["int4/64", null],
  ])("%s speaks of %s", (text, index) => expect(givenOf(text)).toBe(index));
  it("is written as it is read", () => {
    for (const index of [0, 1, 3]) expect(givenOf(givenText(index))).toBe(index);
  });
});

const reference = (size: number) => ({
  kind: "files" as const,
  fingerprints: [{ name: "q", size, digest: `d-${size}` }],
});

it("a recipe keeps what else it says when its checkpoint moves up", () => {
  const others = [1, 2, 3].map((size) => ({ source: reference(size), chosen: {} }));
  const rename = (recipe: string, index: number) =>
    withoutOther({ ...defaultExperiment, others, a: recipe }, index, "nvfp4").a;
  expect(rename("given(2,bits=4.5)", 0)).toBe("given(bits=4.5)");
  expect(rename("given(bits=4.5,of=3)", 0)).toBe("given(2,bits=4.5)");
  expect(rename("given(3)", 1)).toBe("given(2)");
  expect(rename("given(2,bits=4.5)", 1)).toBe("nvfp4");
  expect(rename("given(bits=4.5)", 1)).toBe("given(bits=4.5)");
});

it("what views and panels keep is told which checkpoint goes", () => {
  const part = createPart(
    "p",
    { text: "none" },
    {},
    { withoutOther: ({ text }, index, definitions) => ({ text: `${text} less ${index} ${definitions}` }) },
  );
  const others = [1, 2].map((size) => ({ source: reference(size), chosen: {} }));
  const before = part.with({ ...defaultExperiment, others, definitions: ["d"] }, { text: "grid" });
  expect(part.of(withoutOther(before, 1, "nvfp4", [part, createPart("q", {})]))).toEqual({ text: "grid less 1 d" });
  expect(part.of(withoutOther(before, 1, "nvfp4"))).toEqual({ text: "grid" });
});

describe("another checkpoint", () => {
  it("is opened once, becomes B, and is asked for with its partner", async () => {
    const { w, opened, runs, now } = await started();
    await w.others.openFiles([file("q.gguf", 10)]);
    await settle();
    expect(opened).toHaveLength(2);
    expect(now()).toMatchObject({ b: "given", others: [{ source: { kind: "files" }, chosen: {} }] });
    const last = runs.at(-1)!;
    expect(last.options.side).toBe("B");
    expect(last.request.target).toMatchObject({ source: "s1", tensor: "w2", given: [{ source: "s2", tensor: "w2" }] });
    // A computes its own results, and need not know.
    expect(runs[0].request.target.given).toBeUndefined();
  });

  it("may have another tensor chosen, and goes back to the one of that name", async () => {
    const { w, runs } = await started();
    await w.others.openFiles([file("q.gguf", 10)]);
    await settle();
    w.timeline.change((e) => withChosen(e, 0, "w2", "w1"));
    expect(runs.at(-1)!.request.target.given).toMatchObject([{ tensor: "w1" }]);
    w.timeline.change((e) => withChosen(e, 0, "w2", "bias"));
    expect(runs.at(-1)!.request.target.given).toEqual([null]);
    w.timeline.change((e) => withChosen(e, 0, "w2", null));
    expect(w.others.partner(0, w.source.store.getState().info!.tensors[2])?.how).toBe("same name");
  });

  it("of a link is asked for by its fingerprint, and runs when the file is there", async () => {
    const others = [{ source: reference(10), chosen: {} }];
    const { w, runs } = await started({ ...defaultExperiment, b: "given", others });
    expect(w.others.store.getState().list).toMatchObject([{ status: "asked" }]);
    expect(runs.map((r) => r.options.side)).toEqual(["A"]);
    await w.others.openFiles([file("renamed", 10)]);
    await settle();
    expect(w.others.store.getState().list).toMatchObject([{ status: "open" }]);
    expect(runs.at(-1)).toMatchObject({ options: { side: "B" }, request: { recipe: "given" } });
  });

  it("is left out and closed; recipes that speak of later ones follow", async () => {
    const { w, closed, now } = await started();
    await w.others.openFiles([file("one", 10)]);
    await w.others.openFiles([file("two", 20)]);
    await settle();
    w.timeline.change((e) => withRecipe(e, "a", "given"));
    expect(now().b).toBe("given(2)");
    w.timeline.change((e) => withoutOther(e, 0, "nvfp4"));
    expect(now()).toMatchObject({ a: "nvfp4", b: "given" });
    expect(closed).toEqual(["s2"]);
  });

  it("opened a second time is the same one, and what was opened for it is closed", async () => {
    const { w, closed, now } = await started();
    await w.others.openFiles([file("q.gguf", 10)]);
    w.timeline.change((e) => withRecipe(e, "b", "nvfp4"));
    await w.others.openFiles([file("q.gguf", 10)]);
    await settle();
    expect(now()).toMatchObject({ b: "given", others: [{ source: { kind: "files" } }] });
    expect(w.others.store.getState().list).toMatchObject([{ status: "open", info: { id: "s2" } }]);
    expect(closed).toEqual(["s3"]);
  });

  it("that failed is taken when it is opened again", async () => {
    const { w, client } = await started();
    const open = client.open.bind(client);
    client.open = async () => Promise.reject(new Error("q changed on disk"));
    w.source.hold(reference(10).fingerprints, [file("q", 10)]);
    w.timeline.change((e) => ({ ...e, others: [{ source: reference(10), chosen: {} }] }));
    await settle();
    expect(w.others.store.getState().list).toMatchObject([{ status: "failed", problem: "q changed on disk" }]);
    client.open = open;
    await w.others.openFiles([file("q", 10)]);
    expect(w.others.store.getState().list).toMatchObject([{ status: "open", problem: null }]);
  });

  it("at an address that a link names is read when somebody says so", async () => {
    const source = { kind: "url" as const, url: "https://example.org/q.gguf" };
    const { w, opened } = await started({ ...defaultExperiment, b: "given", others: [{ source, chosen: {} }] });
    expect(w.others.store.getState().list).toMatchObject([{ status: "asked" }]);
    expect(opened).toHaveLength(1);
    w.others.readAsked(0);
    await settle();
    expect(opened[1]).toEqual(source);
    expect(w.others.store.getState().list).toMatchObject([{ status: "open" }]);
  });

  it("that cannot be opened is said", async () => {
    const { w, now } = await started();
    await w.others.openFiles([file("bad.bin", 5)]);
    expect(now().others).toEqual([]);
    expect(noticesStore.getState().notices.map((n) => n.text)).toEqual(["bad.bin is of no known type."]);
  });

  it("of no files changes nothing", async () => {
    const { w, opened } = await started();
    await w.others.openFiles([]);
    expect(opened).toHaveLength(1);
  });

  it("is paired by name as soon as both are open, and not before", async () => {
    const { w } = await started();
    const [bias, , w2] = w.source.store.getState().info!.tensors;
    expect([w.others.partner(0, w2), w.others.given(w2)]).toEqual([null, []]);
    await w.others.openFiles([file("q.gguf", 10)]);
    await settle();
    expect(w.others.partner(0, w2)).toMatchObject({ how: "same name", given: { source: "s2", tensor: "w2" } });
    expect(w.others.given(bias)).toMatchObject([{ tensor: "bias" }]);
    expect(w.others.partner(1, w2)).toBeNull();
    w.timeline.change((e) => ({ ...e, others: [...e.others, { source: reference(99), chosen: {} }] }));
    expect(w.others.given(w2)).toMatchObject([{ source: "s2" }, null]);
  });

  it("that is left while it opens is stopped, and closed when it comes all the same", async () => {
    const { w, client, closed } = await started();
    const open = client.open.bind(client);
    const waiting: { signal?: AbortSignal; go(): void }[] = [];
    client.open = (spec, options) =>
      new Promise((resolve) => waiting.push({ signal: options?.signal, go: () => resolve(open(spec, options)) }));
    w.source.hold(reference(10).fingerprints, [file("q", 10)]);
    w.timeline.change((e) => ({ ...e, others: [{ source: reference(10), chosen: {} }] }));
    expect(w.others.store.getState().list).toMatchObject([{ status: "opening", info: null, problem: null }]);
    // What is chosen in it opens nothing anew.
    w.timeline.change((e) => withChosen(e, 0, "w2", "w1"));
    expect(waiting).toHaveLength(1);
    w.timeline.change((e) => withoutOther(e, 0, "nvfp4"));
    expect(waiting[0].signal?.aborted).toBe(true);
    waiting[0].go();
    await settle();
    expect([w.others.store.getState().list, closed]).toEqual([[], ["s2"]]);
  });

  it("that was stopped says nothing; one that failed is read again where it has an address", async () => {
    const source = { kind: "url" as const, url: "https://example.org/q.gguf" };
    const { w, client, opened } = await started({ ...defaultExperiment, others: [{ source, chosen: {} }] });
    const open = client.open.bind(client);
    client.open = async () => Promise.reject(new Error("404"));
    w.others.readAsked(0);
    await settle();
    expect(w.others.store.getState().list).toMatchObject([{ status: "failed", problem: "404" }]);
    client.open = async () => Promise.reject(new DOMException("stopped", "AbortError"));
    w.others.readAsked(0);
    await settle();
    expect(w.others.store.getState().list).toMatchObject([{ status: "opening", problem: null }]);
    await w.others.openFiles([file("bad.bin", 1)]);
    expect(noticesStore.getState().notices).toEqual([]);
    client.open = open;
    w.others.readAsked(0);
    w.others.readAsked(3);
    expect(opened).toHaveLength(1);
    const files = await started({ ...defaultExperiment, others: [{ source: reference(10), chosen: {} }] });
    files.w.others.readAsked(0);
    expect(files.opened).toHaveLength(1);
  });

  it("stands beside no more than as many as recipes can name, each once, and B shows it", async () => {
    const { w, now } = await started();
    const { MOST_GIVEN } = await import("../../kernels/formats/registry.ts");
    for (let size = 1; size <= MOST_GIVEN; size++) w.others.add(reference(size));
    expect([now().others.length, now().b]).toEqual([MOST_GIVEN, givenText(MOST_GIVEN - 1)]);
    w.others.add(reference(2));
    expect([now().others.length, now().b]).toEqual([MOST_GIVEN, "given(2)"]);
    expect(noticesStore.getState().notices).toEqual([]);
    w.others.add(reference(999));
    expect([now().others.length, now().b]).toEqual([MOST_GIVEN, "given(2)"]);
    expect(noticesStore.getState().notices).toMatchObject([
      { tone: "error", text: expect.stringContaining("remove one") },
    ]);
  });
});
