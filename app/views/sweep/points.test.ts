import { describe, expect, it } from "vitest";
import type { Measured } from "../../../kernels/measure/measured.ts";
import { type SweepMetrics, sweepFiguresOf } from "../../../kernels/measure/metrics/index.ts";
import { expandSweep, parseSweep } from "../../../kernels/sweep/index.ts";
import { figuresForTest } from "../../../kernels/testing/figures.ts";
import type { SweepPoint } from "../../../workers/jobs/sweep/request.ts";
import { withinExtent } from "./axes.ts";
import { columnsFor, sorted } from "./columns.ts";
import { pointsCsv, pointsJson, wrapped } from "./exports.ts";
import { failuresOf, frontierOf, isPart, plottedValue, pointsOf, targetsShown } from "./points.ts";
import { isHidden, seriesOf, toggled } from "./series.ts";
import type { SweepRun } from "./store.ts";
import { extentOf } from "./useWholeExtent.ts";
import { remarksOn } from "./words.ts";

/** Figures of a result y of an input x, as a sweep counts them. */
function metricsOf(x: number[], y: number[], bitsPerWeight: number): SweepMetrics {
  const sum = (f: (i: number) => number) => x.reduce((total, _, i) => total + f(i), 0);
  const e = (i: number) => x[i] - y[i];
  const [signal, error] = [sum((i) => x[i] ** 2), sum((i) => e(i) ** 2)];
  const inner = sum((i) => x[i] * y[i]);
  const nmse = error / signal;
  return {
    ...figuresForTest(),
    mse: error / x.length,
    nmse,
    sqnrDb: error === 0 ? null : -10 * Math.log10(nmse),
    maxAbs: Math.max(...x.map((_, i) => Math.abs(e(i)))),
    meanAbs: sum((i) => Math.abs(e(i))) / x.length,
    cosine: inner / Math.sqrt(signal * sum((i) => y[i] ** 2)),
    bias: 1 - inner / signal,
    ...{ saturated: 1, flushed: 2, dead: 0, nonFinite: 0, broken: 0 },
    bitsPerWeight,
  };
}

/** What a sweep measures of it. */
function measuredOf(x: number[], y: number[], bitsPerWeight: number): Measured {
  const sum = (f: (i: number) => number) => x.reduce((total, _, i) => total + f(i), 0);
  const e = (i: number) => Math.abs(x[i] - y[i]);
  const sums = {
    ...{ count: x.length, nonFinite: 0, brokenResults: 0, saturated: 1, flushed: 2 },
    ...{ signal: sum((i) => x[i] ** 2), error: sum((i) => e(i) ** 2), absError: sum(e) },
    ...{ dot: sum((i) => x[i] * y[i]), energy: sum((i) => y[i] ** 2), maxAbs: Math.max(...x.map((_, i) => e(i))) },
  };
  return { sums, codes: null, dead: 0, ranged: true, elements: x.length, bitsPerWeight, outputs: null };
}

const { recipes } = expandSweep(parseSweep("(int3,int4)/(32,64)"));
const [x1, x2] = [
  [1, 2, -3],
  [0.5, -4],
];
const [y1, y2] = [
  [1.1, 1.9, -2.8],
  [0.4, -4.2],
];

/** A point of what was measured, or of figures that only one tensor's are looked at of. */
function point(
  target: number,
  recipe: number,
  given: Measured | SweepMetrics | null,
  error: string | null = null,
): SweepPoint {
  const measured = given && ("sums" in given ? given : measuredOf(x1, y1, given.bitsPerWeight));
  const metrics = given && ("sums" in given ? sweepFiguresOf(given) : given);
  return {
    ...{ target, recipe, measured, error, metrics },
    ...{ text: recipes[recipe].text, phase: null, backend: metrics ? "wasm" : null },
  };
}

function runOf(points: SweepPoint[]): SweepRun {
  return {
    ...{ key: "k", recipes, grid: "(int3,int4)/(32,64)", points, notes: [], complete: true, seconds: 1, small: [] },
    request: { targets: [], recipes: [], definitions: [], phases: 0, backend: null },
    tensors: [
      { name: "w1", shape: [3], elements: 3 },
      { name: "w2", shape: [2], elements: 2 },
    ],
  };
}

describe("points", () => {
  it("of several tensors together are those of one tensor that holds them all", () => {
    const [one, two] = [measuredOf(x1, y1, 4), measuredOf(x2, y2, 5)];
    const all = recipes.flatMap((_, recipe) => [point(0, recipe, one), point(1, recipe, two)]);
    const [together] = pointsOf(runOf(all), null);
    const whole = metricsOf([...x1, ...x2], [...y1, ...y2], 4.4);
    for (const key of ["mse", "nmse", "sqnrDb", "maxAbs", "meanAbs", "cosine", "bias", "bitsPerWeight"] as const)
      expect(together.metrics[key]).toBeCloseTo(whole[key] ?? Number.NaN, 12);
    expect(together.metrics).toMatchObject({ saturated: 2, flushed: 4 });
    expect(pointsOf(runOf(all), 1)[0].metrics).toEqual(sweepFiguresOf(two));
  });

  it("come tensor by tensor: the first as it comes, then those that are done", () => {
    const m = measuredOf(x1, y1, 4);
    const first = runOf([point(0, 0, m), point(0, 2, m)]);
    expect(targetsShown(first, null)).toEqual([0]);
    expect(pointsOf(first, null).map((p) => p.text)).toEqual([recipes[0].text, recipes[2].text]);
    const more = runOf([...recipes.keys()].map((i) => point(0, i, m)).concat(point(1, 0, m)));
    expect(targetsShown(more, null)).toEqual([0]);
    expect(pointsOf(more, null)).toHaveLength(4);
  });

  it("that failed are counted by their sentence and leave the rest", () => {
    const m = measuredOf(x1, y1, 4);
    const run = runOf([point(0, 0, m), point(0, 1, null, "no"), point(0, 2, null, "no"), point(0, 3, null, "other")]);
    expect(failuresOf(run).map((f) => [f.message, f.points.length])).toEqual([
      ["no", 2],
      ["other", 1],
    ]);
    expect(pointsOf(run, 0)).toHaveLength(1);
  });

  it("of several tensors say which they are over, and are on the frontier where no other is over more", () => {
    const of = (nmse: number) => ({ ...metricsOf(x1, y1, 4), nmse });
    const instead = { text: "int3/32", reason: "rht does not divide" };
    const run = runOf([
      ...[point(0, 0, of(0.2)), point(1, 0, of(0.2))],
      // Lost on the second tensor: its error there is in no figure, so that it cannot win by it.
      ...[point(0, 1, of(0.01)), point(1, 1, null, "rows of 2")],
      ...[point(0, 2, of(0.1)), { ...point(1, 2, of(0.1)), instead }],
      // Nowhere as it is written: the points are another recipe's.
      ...[point(0, 3, null, "rows of 3"), { ...point(1, 3, of(0.1)), instead }],
    ]);
    const points = pointsOf(run, null);
    expect(points.map(({ text, coverage }) => [text, coverage?.tensors, coverage?.of, coverage?.values])).toEqual([
      [recipes[0].text, 2, 2, 5],
      [recipes[1].text, 1, 2, 3],
      [recipes[2].text, 2, 2, 5],
    ]);
    expect(points.map(isPart)).toEqual([false, true, false]);
    expect(points[2].coverage?.without).toEqual([{ target: 1, ...instead }]);
    expect(frontierOf(points, "maxAbs").map((p) => p.text)).toEqual([recipes[0].text, recipes[2].text]);
    // On one tensor alone what ran in a recipe's place is not it.
    expect(pointsOf(run, 1).map((p) => [p.text, p.coverage])).toEqual([[recipes[0].text, null]]);
    expect(failuresOf(run).map(({ message, instead, points }) => [message, instead, points.length])).toEqual([
      ["rows of 2", false, 1],
      ["rht does not divide", true, 2],
      ["rows of 3", false, 1],
    ]);
    expect(remarksOn(run, null, points)).toEqual([
      "1 recipe is over fewer tensors than others, since it does not fit all: drawn hollow and on no frontier.",
      "1 recipe ran without a step on tensors that it does not fit: how many stands in the table.",
      "1 recipe fits none of the tensors.",
    ]);
    const shown = columnsFor("nmse", { several: true }).find(({ key }) => key === "tensors")!;
    expect(points.map(shown.text)).toEqual(["2", "1 of 2", "2, 1 less"]);
    const lines = pointsCsv(run, "maxAbs", "https://x/#g").split("\r\n");
    expect(lines.filter((line) => line.startsWith("*,,"))).toEqual([
      expect.stringMatching(/,1,,,2,2,5,"/),
      expect.stringMatching(/,0,,,1,2,3,"/),
      expect.stringMatching(/,1,,,2,2,5,"/),
    ]);
    const whole = JSON.parse(pointsJson(run, "maxAbs", "https://x/#g"));
    expect(whole.together.map((t: { frontier: boolean }) => t.frontier)).toEqual([true, false, true]);
    expect(whole.together[1].leftOut).toEqual([{ tensor: "w2", reason: "rows of 2" }]);
    expect(whole.together[2].without).toEqual([{ tensor: "w2", ...instead }]);
  });

  it("have a frontier by the metric that is drawn", () => {
    const of = (bits: number, nmse: number, maxAbs: number) => ({
      ...metricsOf(x1, y1, bits),
      ...{ nmse, maxAbs, sqnrDb: -10 * Math.log10(nmse) },
    });
    const run = runOf([point(0, 0, of(3, 0.1, 1)), point(0, 1, of(3.5, 0.2, 0.5)), point(0, 2, of(4, 0.01, 2))]);
    const points = pointsOf(run, 0);
    const bits = (metric: "nmse" | "sqnrDb" | "maxAbs") => frontierOf(points, metric).map((p) => p.bits);
    expect(bits("nmse")).toEqual([3, 4]);
    expect(bits("sqnrDb")).toEqual([3, 4]);
    expect(bits("maxAbs")).toEqual([3, 3.5]);
    // The best by SQNR first: of these two each has less error of one kind.
    const against = frontierOf(points, "maxAbs", "sqnrDb").map((p) => p.bits);
    expect(against).toEqual([4, 3, 3.5]);
    expect(frontierOf(points, "nmse", "sqnrDb").map((p) => p.bits)).toEqual([4]);
    expect(
      columnsFor("maxAbs", { against: "sqnrDb" })
        .map((c) => c.key)
        .slice(0, 4),
    ).toEqual([...["recipe", "bits", "sqnrDb", "maxAbs"]]);
    expect(withinExtent(points, { x: { lo: 5, hi: 15 }, y: { lo: 0.6, hi: 2 } }, "maxAbs", "sqnrDb")).toEqual([
      points[0],
    ]);
    expect(extentOf(points, "nmse")).toEqual({ x: { lo: 3, hi: 4 }, y: { lo: 0.01, hi: expect.closeTo(0.316, 3) } });
    expect(sorted(points, columnsFor("nmse"), { key: "maxAbs", down: true }).map((p) => p.bits)).toEqual([4, 3, 3.5]);
  });

  it("of a Gaussian are told their gaps to its limit and to Lloyd and Max, in bits", () => {
    const own = (nmse: number | null, bits: number, broken = 0) =>
      pointsOf(runOf([point(0, 0, { ...metricsOf(x1, y1, bits), nmse, broken })]), 0)[0];
    const columns = columnsFor("nmse", { gaussian: true });
    const [limit, lloyd] = ["aboveLimit", "aboveLloyd"].map((key) => columns.find((c) => c.key === key)!);
    expect([limit, lloyd].map((c) => c.text(own(0.069, 2)))).toEqual(["0.071", "−0.435"]);
    expect(limit.text(own(0.0625, 2))).toBe("0.000");
    // No error, none that is known, broken results, or more than any book of theirs has.
    for (const other of [own(0, 2), own(null, 2), own(0.069, 2, 1)]) expect(limit.value(other)).toBeNull();
    expect(lloyd.text(own(0.9, 1))).toBe("–");
    expect(columnsFor("nmse").some((c) => c.key === "aboveLimit")).toBe(false);
  });

  it("without an error are exact, without a signal have no value and come last", () => {
    const exact = metricsOf(x1, x1, 32);
    expect(plottedValue("sqnrDb", exact)).toBe(Number.POSITIVE_INFINITY);
    expect(plottedValue("nmse", exact)).toBe(0);
    expect(plottedValue("cosine", { ...exact, cosine: 1 + 2e-16 })).toBe(0);
    const silent = { ...exact, nmse: null, sqnrDb: null };
    expect(plottedValue("nmse", silent)).toBeNull();
    const points = pointsOf(runOf([point(0, 0, silent), point(0, 1, exact)]), 0);
    for (const down of [true, false])
      expect(sorted(points, columnsFor("nmse"), { key: "nmse", down }).map((p) => p.metrics)).toEqual([exact, silent]);
    expect(extentOf([points[0]], "nmse")).toBeNull();
  });
});

describe("series", () => {
  it("show formats as they look everywhere, presets as themselves", () => {
    const some = expandSweep(parseSweep("nvfp4;(e2m1,int4)/32;mxfp4")).recipes;
    const series = seriesOf(some, "base");
    expect([...series.keys()]).toEqual(["nvfp4", "e2m1", "int4", "mxfp4"]);
    const alone = seriesOf(expandSweep(parseSweep("int4/64;mxfp4")).recipes, "base");
    for (const name of ["int4", "mxfp4"])
      expect([alone.get(name)?.colour, alone.get(name)?.path]).toEqual([
        series.get(name)?.colour,
        series.get(name)?.path,
      ]);
    expect(some.map((recipe) => isHidden(toggled([], "base", "e2m1"), recipe))).toEqual([false, true, false, false]);
  });

  it("differ in colour or shape for dozens of values, and hide and show", () => {
    const many = expandSweep(parseSweep(`int4/(${Array.from({ length: 56 }, (_, i) => i + 2).join()})`)).recipes;
    const looks = [...seriesOf(many, "block").values()].map((s) => `${s.colour} ${s.path}`);
    expect(new Set(looks).size).toBe(56);
    const hidden = toggled([], "base", "int3");
    expect(recipes.map((recipe) => isHidden(hidden, recipe))).toEqual([true, true, false, false]);
    expect(toggled(hidden, "base", "int3")).toEqual([]);
  });
});

describe("files", () => {
  const m = measuredOf(x1, y1, 4);
  const run = runOf([point(1, 1, null, 'a "sentence"'), point(0, 0, m)]);

  it("have a line a point with parts, figures, frontier, grid and link", () => {
    const [head, first, second, end] = pointsCsv(run, "nmse", "https://x/#g").split("\r\n");
    expect(head).toMatch(
      /^tensor,shape,recipe,base,block,.*bitsPerWeight,nmse,.*,frontier\(nmse\),error,instead,tensors,ofTensors,values,grid,link$/,
    );
    expect(first).toMatch(/^w1,3,int3\/32,int3,32,absmax,f32,none,rne,none,wasm,4,/);
    expect(first).toContain(',1,,,1,1,3,"(int3,int4)/(32,64)",https://x/#g');
    expect(second).toContain('"a ""sentence"""');
    expect(end).toBe("");
    expect(first.split(",").length).toBe(second.split(",").length);
  });

  it("say the version of the numbers", () => {
    const whole = JSON.parse(pointsJson(run, "nmse", "https://x/#g"));
    expect(whole).toMatchObject({ numbers: 2, grid: run.grid, link: "https://x/#g", phases: 0, metric: "nmse" });
    expect(whole.points[0]).toMatchObject({
      tensor: "w1",
      recipe: "int3/32",
      metrics: sweepFiguresOf(m),
      frontier: true,
      error: null,
    });
    expect(whole.points[1]).toMatchObject({ tensor: "w2", metrics: null, frontier: false });
  });

  it("wrap a long grid after its separators", () => {
    expect(wrapped("a".repeat(25), 10)).toEqual(["a".repeat(10), "a".repeat(10), "a".repeat(5)]);
    expect(wrapped("int4,nf4;e2m1", 9)).toEqual(["int4,nf4;", "e2m1"]);
  });
});
