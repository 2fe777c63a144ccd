import { describe, expect, it } from "vitest";
import { Frontier } from "../../sweep/index.ts";
import { figuresForTest } from "../../testing/figures.ts";
import { type Figures, metricOf, metrics, type SweepMetrics } from "./index.ts";
import type { Metric } from "./metric.ts";
import {
  areComparable,
  axisLabel,
  briefMetrics,
  columnOf,
  costOf,
  drawnOf,
  isBroken,
  isExact,
  presentIn,
  shownOf,
} from "./reading.ts";

const figures = (given: Partial<Figures> = {}): Figures => ({
  ...figuresForTest(),
  ...{ mse: 1, nmse: 0.1, sqnrDb: 10, maxAbs: 3, meanAbs: 1, cosine: 0.9, bias: -0.2, saturated: 0, flushed: 0 },
  ...{ dead: 0, nonFinite: 0, broken: 0, codeEntropy: 2, outputNmse: 0.2, bitsPerWeight: 4 },
  ...given,
});
const cost = (name: keyof SweepMetrics, given: Partial<Figures> = {}) => costOf(metricOf(name), figures(given));
const exact = { mse: 0, nmse: 0, sqnrDb: null, maxAbs: 0, meanAbs: 0, cosine: 1 + 6.5e-9, bias: 0 };

describe("what a metric costs", () => {
  it("is less for what is better", () => {
    expect(cost("nmse")).toBe(0.1);
    expect(cost("sqnrDb")).toBe(-10);
    expect(cost("cosine")).toBeCloseTo(0.1);
    expect(cost("bias")).toBe(0.2);
    expect(cost("saturated", { saturated: 3 })).toBe(3);
    expect(cost("bitsPerWeight")).toBe(4);
  });

  it("does not exist for broken results, nor for what is neither better nor worse", () => {
    for (const metric of metrics) {
      expect(costOf(metric, figures({ broken: 1 }))).toBeNull();
      expect(costOf(metric, figures()) === null).toBe(metric.better === "none");
    }
    const frontier = new Frontier<string>();
    frontier.add("sound", 4, cost("nmse"));
    frontier.add("broken", 3, cost("nmse", { ...exact, broken: 1 }));
    expect(frontier.items).toEqual(["sound"]);
  });

  it("is least without error, and absent without signal or where the figure is absent or not a number", () => {
    expect(cost("sqnrDb", exact)).toBe(Number.NEGATIVE_INFINITY);
    expect([cost("nmse", exact), cost("cosine", exact), cost("bias", exact)]).toEqual([0, 0, 0]);
    const silent = { nmse: null, sqnrDb: null, cosine: null, bias: null };
    for (const name of ["nmse", "sqnrDb", "cosine", "bias"] as const) expect(cost(name, silent)).toBeNull();
    expect(cost("nmse", { nmse: Number.NaN })).toBeNull();
    const { nmse: _, ...without } = figures();
    expect(costOf(metricOf("nmse"), without)).toBeNull();
  });
});

describe("what is shown", () => {
  it("is the figure, or another form of it", () => {
    const shown = (name: keyof Figures, given: Partial<Figures> = {}) => shownOf(metricOf(name), figures(given));
    expect([shown("nmse"), shown("bias"), shown("sqnrDb")]).toEqual([0.1, -0.2, 10]);
    expect(shown("cosine", { cosine: 0.75 })).toBe(0.25);
    expect(shown("cosine", { cosine: 1 + 6.5e-9 })).toBe(0);
    expect(shown("cosine", { ...exact, cosine: 0.9999999 })).toBe(0);
    expect(shown("cosine", { cosine: null })).toBeNull();
    expect(shown("sqnrDb", exact)).toBe(Number.POSITIVE_INFINITY);
    expect(shown("sqnrDb", { sqnrDb: null })).toBeNull();
  });

  it("has a magnitude on an axis, and nothing exact where results are broken", () => {
    const drawn = (name: keyof Figures, given: Partial<Figures> = {}) => drawnOf(metricOf(name), figures(given));
    expect(drawn("bias")).toBe(0.2);
    expect([drawn("sqnrDb", exact), drawn("mse", exact)]).toEqual([Number.POSITIVE_INFINITY, 0]);
    expect([drawn("sqnrDb", { ...exact, broken: 1 }), drawn("mse", { ...exact, broken: 1 })]).toEqual([null, null]);
    expect(drawn("mse", { broken: 1 })).toBe(1);
    expect([isExact(metricOf("sqnrDb"), 0), isExact(metricOf("mse"), 0)]).toEqual([false, true]);
  });

  it("is called by its form and unit on an axis", () => {
    const names = (["nmse", "sqnrDb", "bias", "cosine"] as const).map((name) => axisLabel(metricOf(name)));
    expect(names).toEqual(["NMSE", "SQNR (dB)", "|Bias|", "1 - cosine"]);
  });
});

describe("brief tables", () => {
  const names = (list: Partial<Figures>[], several?: boolean) => briefMetrics(list, several).map(({ name }) => name);

  it("show what has a place in them, and what is broken where anything is", () => {
    const named = (...kinds: Metric["brief"][]) =>
      metrics.filter(({ brief }) => brief && kinds.includes(brief)).map(({ name }) => name);
    expect(named("everywhere")).toEqual(expect.arrayContaining(["nmse", "sqnrDb", "outputNmse"]));
    expect(named("where any")).toEqual(["broken"]);
    expect(names([figures()])).toEqual(named("everywhere", "one tensor"));
    expect(names([figures()], true)).toEqual(named("everywhere"));
    expect(names([figures(), figures({ broken: 1 })], true)).toEqual(named("everywhere", "where any"));
  });

  it("show what is there", () => {
    const { nmse: _, ...without } = figures();
    expect(names([without])).not.toContain("nmse");
    expect(names([without, figures()])).toContain("nmse");
    expect(names([])).toEqual([]);
    expect(presentIn([without]).length).toBe(metrics.length - 1);
    expect([columnOf(metricOf("bitsPerWeight")), columnOf(metricOf("nmse"))]).toEqual(["bits", "nmse"]);
  });
});

it("only figures over all elements compare where results are broken", () => {
  const [sound, broken] = [figures(), figures({ broken: 2 })];
  expect([isBroken(sound), isBroken(broken)]).toEqual([false, true]);
  for (const metric of metrics) {
    expect(areComparable(metric, sound, sound)).toBe(true);
    const whole = metric.name === "bitsPerWeight" || metric.name === "broken";
    expect([areComparable(metric, sound, broken), areComparable(metric, broken, sound)]).toEqual([whole, whole]);
  }
});
