import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { defaultExperiment, type Experiment, withRecipe } from "../state/experiment.ts";
import { noticesStore } from "../state/notices.ts";
import { createTimeline, type Timeline } from "../state/timeline.ts";
import { scheme } from "../testing/workbench.ts";
import * as address from "./address.ts";
import { printExperimentFile } from "./file.ts";
import * as fragment from "./fragment.ts";

const encodeLink = (e: Experiment) => fragment.encodeLink(scheme, e);
const decodeLink = (text: string) => fragment.decodeLink(scheme, text);
const firstExperiment = (hash: string) => address.firstExperiment(scheme, hash);
const startAddress = (timeline: Timeline) => address.startAddress(scheme, timeline);
const linkOf = (e: Experiment) => address.linkOf(scheme, e);

const KEY = "quantscope.experiment";

/** What Node has not: a window, its history and its memory. */
function browser() {
  const steps: { how: string; state: unknown; address: string }[] = [];
  const memory = new Map<string, string>();
  const refused = { push: false, replace: false, all: false };
  const take = (how: "push" | "replace") => (state: unknown, _: string, address: string) => {
    if (refused.all || (refused[how] && state !== null)) throw new DOMException("too much", "SecurityError");
    steps.push({ how, state, address });
  };
  const location = { href: "https://page.org/app/?x#old", hash: "" };
  const window = new EventTarget();
  vi.stubGlobal("window", window);
  vi.stubGlobal("location", location);
  vi.stubGlobal("history", { pushState: take("push"), replaceState: take("replace") });
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => memory.get(key) ?? null,
    setItem: (key: string, value: string) => memory.set(key, value),
  });
  const pop = (state: unknown, hash = "") => {
    location.hash = hash;
    window.dispatchEvent(Object.assign(new Event("popstate"), { state }));
  };
  return { steps, memory, refused, window, pop };
}

const addressOf = (experiment: typeof defaultExperiment) => `#${encodeLink(experiment).fragment}`;
const changed = withRecipe(defaultExperiment, "a", "int8/row");

beforeEach(() => {
  vi.useFakeTimers();
  noticesStore.setState({ notices: [] });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

it("a page opens with its link's experiment, else the last one, else the first there is", () => {
  const { memory } = browser();
  expect(firstExperiment("")).toEqual(defaultExperiment);
  memory.set(KEY, printExperimentFile(changed));
  expect(firstExperiment("")).toEqual(changed);
  expect(firstExperiment("#")).toEqual(changed);
  expect(firstExperiment(addressOf(withRecipe(defaultExperiment, "b", "f16")))).toMatchObject({ a: "nvfp4", b: "f16" });
  memory.set(KEY, "something else");
  expect(firstExperiment("")).toEqual(defaultExperiment);
  expect(noticesStore.getState().notices).toEqual([]);
});

it("what a link does not say rightly is said", () => {
  browser();
  const hash = `${addressOf(changed)}&nonsense=1`;
  const { said } = decodeLink(hash);
  firstExperiment(hash);
  expect(noticesStore.getState().notices.map(({ text }) => text)).toEqual(said.slice(-4));
  const broken = "#v=1&t=%";
  firstExperiment(broken);
  for (const sentence of decodeLink(broken).said.slice(-1)) {
    expect(noticesStore.getState().notices.at(-1)).toMatchObject({ text: sentence, tone: "error" });
  }
});

it("every step of an experiment is one of the browser's, and small corrections none", () => {
  const { steps } = browser();
  const timeline = createTimeline(defaultExperiment, () => 0);
  startAddress(timeline);
  expect(steps).toEqual([
    { how: "replace", state: { experiment: defaultExperiment }, address: addressOf(defaultExperiment) },
  ]);
  timeline.change(() => changed);
  expect(steps[1]).toEqual({ how: "push", state: { experiment: changed }, address: addressOf(changed) });
  timeline.settle((e) => ({ ...e, tensor: "w" }));
  expect(steps[2]).toMatchObject({ how: "replace", state: { experiment: { tensor: "w" } } });
  timeline.setState({ future: [] });
  timeline.arrive(defaultExperiment);
  expect(steps).toHaveLength(3);
});

it("a state that the browser refuses leaves the address alone, or nothing", () => {
  const { steps, refused } = browser();
  const timeline = createTimeline(defaultExperiment, () => 0);
  startAddress(timeline);
  refused.push = true;
  timeline.change(() => changed);
  expect(steps[1]).toEqual({ how: "replace", state: null, address: addressOf(changed) });
  refused.all = true;
  timeline.change(() => defaultExperiment);
  expect(steps).toHaveLength(2);
  expect(timeline.getState().experiment).toEqual(defaultExperiment);
});

it("the experiment is remembered a quarter of a second after the last change, or when the page is left", () => {
  const { memory, window } = browser();
  const timeline = createTimeline(defaultExperiment, () => 0);
  startAddress(timeline);
  vi.advanceTimersByTime(1000);
  expect(memory.size).toBe(0);
  timeline.change(() => changed);
  vi.advanceTimersByTime(200);
  timeline.change((e) => withRecipe(e, "b", "f16"));
  vi.advanceTimersByTime(200);
  expect(memory.size).toBe(0);
  vi.advanceTimersByTime(51);
  expect(memory.get(KEY)).toBe(printExperimentFile(timeline.getState().experiment));
  timeline.change((e) => withRecipe(e, "b", "bf16"));
  window.dispatchEvent(new Event("pagehide"));
  expect(firstExperiment("")).toMatchObject({ a: "int8/row", b: "bf16" });
  // Nothing is left to be remembered.
  memory.clear();
  vi.advanceTimersByTime(1000);
  window.dispatchEvent(new Event("pagehide"));
  expect(memory.size).toBe(0);
});

it("going back in the browser brings the experiment that was there, from its state or its address", () => {
  const { steps, pop } = browser();
  const timeline = createTimeline(defaultExperiment, () => 0);
  startAddress(timeline);
  pop({ experiment: changed });
  expect(timeline.getState()).toMatchObject({ experiment: changed, how: "none" });
  expect(steps).toHaveLength(1);
  pop(null, addressOf(defaultExperiment));
  expect(timeline.getState().experiment).toEqual(defaultExperiment);
  expect(steps[1]).toEqual({
    how: "replace",
    state: { experiment: defaultExperiment },
    address: addressOf(defaultExperiment),
  });
  pop({}, addressOf(changed));
  expect(timeline.getState().experiment).toEqual(changed);
  pop(null, "#v=1&t=%");
  expect(noticesStore.getState().notices.map(({ text }) => text)).toEqual(decodeLink("#v=1&t=%").said.slice(-4));
});

it("a link is the page's own address with the experiment behind it", () => {
  browser();
  expect(linkOf(changed)).toEqual({
    href: `https://page.org/app/?x${addressOf(changed)}`,
    omitted: encodeLink(changed).omitted,
  });
});
