import { describe, expect, it } from "vitest";
import { noChoices } from "../../../workers/lm/figures/distribution.ts";
import type { LmPlan } from "../../../workers/lm/request.ts";
import type { ModelInfo } from "./binding.ts";
import { type Asked, beginsAlone, fewerWindows, planRun, shareOf, slowGuess, withParts, workOf } from "./run.ts";
import { modelPart } from "./state.ts";
import type { LmRun } from "./store.ts";

const size = (parameters: number) => ({ parameters, read: 2 * parameters, memory: 4 * parameters });
const info: ModelInfo = {
  ...{ source: "s1", bundled: true, about: "Llama", family: "llama", layers: 6, width: 256, vocabulary: 4096 },
  ...{
    positions: null,
    trainedWindow: null,
    tied: true,
    parts: [],
    attention: [],
    tokenizer: null,
    problems: [],
    notes: [],
  },
  size: size(5_770_496),
  least: size(2_000_000),
};
const asked = (over: Partial<Asked> = {}): Asked => ({
  ...{ info, state: { ...modelPart.initial }, held: { files: new Map(), pasted: new Map(), sample: null } },
  ...{ definitions: [], mistaken: false, calibration: undefined },
  ...over,
});
const state = (some: object) => asked({ state: { ...modelPart.initial, ...some } });

describe("what a run asks for", () => {
  it("is the experiment's recipes, text and windows", () => {
    const { planned } = planRun(asked({ calibration: "s4" }));
    expect(planned?.request).toEqual({
      ...{ source: "s1", text: { kind: "bundled", part: "judge" } },
      windows: { tokens: 512, stride: 512, most: 32, seed: 0 },
      a: { weights: "nvfp4", activations: "", cache: "" },
      b: { weights: "int4/32:f16", activations: "", cache: "" },
      ...{ definitions: [], calibration: "s4", device: null, budget: null },
    });
  });

  it("leaves a side out that changes nothing", () => {
    expect(planRun(state({ a: "" })).planned?.request.a).toBeNull();
    expect(planRun(state({ a: "", kvA: "int4/row" })).planned?.request.a).toMatchObject({ cache: "int4/row" });
  });

  it("is nothing where something is missing, and says what", () => {
    const why = (over: Partial<Asked>) => planRun(asked(over)).why;
    expect(why({ info: { ...info, problems: ["There is no tokenizer."] } })).toMatch(/cannot be run/);
    expect(why({ mistaken: true })).toMatch(/mistake/);
    expect(why({ calibration: null })).toMatch(/not at hand yet/);
    expect(why({ info: { ...info, bundled: false } })).toMatch(/being read/);
    expect(planRun(state({ text: "long:0123456789abcdef0123456789abcdef:9000" })).why).toMatch(/not at hand/);
    expect(planRun(state({ text: "banana" })).why).toMatch(/cannot be read/);
    expect(planRun(asked({ info: null }))).toEqual({ planned: null, why: null });
  });

  it("has another key for every change of it", () => {
    const keys = [
      {},
      { a: "mxfp4" },
      { length: 256 },
      { text: "typed:a" },
      { text: "typed:b" },
      { device: "wasm" },
    ].map((some) => planRun(state(some)).planned?.key);
    expect(new Set(keys).size).toBe(keys.length);
    // How one looks at it changes nothing.
    expect(planRun(state({ map: "b", pane: "go" })).planned?.key).toBe(keys[0]);
  });

  it("begins by itself where it is short", () => {
    const { planned } = planRun(asked());
    const work = workOf(planned!, info);
    expect(work).toBeCloseTo(2 * 5_770_496 * 32 * 512 * 3);
    expect(beginsAlone(work, null)).toBe(true);
    expect(beginsAlone(workOf(planned!, { size: size(135e6) }), null)).toBe(false);
    expect(beginsAlone(workOf(planned!, { size: size(135e6) }), 1e13)).toBe(true);
    expect(beginsAlone(work, 1e9)).toBe(false);
    // A text of 8 windows is a quarter of the 32 that are asked for.
    const plan = { windows: 8 } as LmPlan;
    expect(shareOf(planned!, { key: planned!.key, plan, problem: null })).toBe(0.25);
    expect(shareOf(planned!, { key: "another", plan, problem: null })).toBe(1);
    expect(shareOf(planned!, { key: planned!.key, plan: null, problem: "too large" })).toBe(1);
  });
});

it("offers as many windows as a minute has where all take long", () => {
  expect([fewerWindows(32, 100), fewerWindows(1, 1e4), fewerWindows(32, 640), fewerWindows(4, 1e5)]).toEqual([
    ...[null, null, 3, 1],
  ]);
  // Nothing was measured yet: 135 M parameters, 32 windows of 512 tokens, as it is, A and B.
  expect(fewerWindows(32, slowGuess(6 * 135e6 * 32 * 512))).toBe(4);
});

it("parts of a run are put in their places, windows in the order of the text", () => {
  const empty: LmRun = {
    ...{ key: "", request: planRun(asked()).planned!.request, plan: null, windows: [], noise: null },
    ...{ notes: [], answer: null, tensors: { a: new Map(), b: new Map() } },
  };
  const window = (index: number) => ({
    part: "window" as const,
    window: {
      ...{ index, first: 0, targets: new Uint32Array(), pieces: [], nll: new Float64Array(), a: null, b: null },
      ...{ choices: noChoices(0), chosen: new Map() },
    },
  });
  const run = withParts(empty, [window(4), window(1), window(4), { part: "note", note: "slow" }]);
  expect(run.windows.map(({ index }) => index)).toEqual([1, 4]);
  expect(withParts(run, [window(2)]).windows.map(({ index }) => index)).toEqual([1, 2, 4]);
  expect(withParts(run, []).tensors).toBe(run.tensors);
  expect(run.notes).toEqual(["slow"]);
});
