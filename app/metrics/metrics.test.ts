import { describe, expect, it } from "vitest";
import { areComparable } from "../../kernels/measure/metrics/reading.ts";
import type { Metrics } from "../../kernels/measure/report.ts";
import { figuresForTest } from "../../kernels/testing/figures.ts";
import { betterSide, formatDifference, formatMetric, metricSpecs, metricText, metricValue } from "./metrics.ts";

const spec = (key: string) => metricSpecs.find((s) => s.name === key)!;
/** Figures of a sound result, those given in place of its own. */
const metrics = (part: Partial<Metrics> = {}): Metrics => ({
  ...figuresForTest(),
  ...{ mse: 0.1, nmse: 0.01, sqnrDb: 20, maxAbs: 1, meanAbs: 0.2, cosine: 0.99, bias: 0.01 },
  ...{ saturated: 3, flushed: 3, dead: 3, nonFinite: 3, broken: 0, codeEntropy: 3.5, bitsPerWeight: 4.5 },
  bitsBreakdown: [],
  ...part,
});

it("no error at all reads as such, whatever rounding leaves beside it", () => {
  const exact = metrics({ mse: 0, sqnrDb: null, cosine: 1 + 6.5e-9, bias: 0 });
  expect(metricText(spec("sqnrDb"), exact)).toBe("exact");
  expect(metricText(spec("cosine"), exact)).toBe("0");
  expect(metricValue(spec("cosine"), { ...exact, cosine: 0.9999999 })).toBe(0);
  expect(metricText(spec("cosine"), metrics({ mse: 1e-9, cosine: 1 + 6.5e-9 }))).toBe("0");
  expect(metricText(spec("cosine"), metrics({ mse: 1e-9, cosine: 0.75 }))).toBe("0.2500");
  expect(metricText(spec("cosine"), metrics({ cosine: null }))).toBe("–");
  expect(metricText(spec("sqnrDb"), metrics({ mse: 1, sqnrDb: null }))).toBe("–");
  expect(metricText(spec("nmse"), metrics({ mse: 0, sqnrDb: null, nmse: 0 }))).toBe("0");
  // Of the results that are there: nothing is exact while others are missing.
  expect(metricText(spec("sqnrDb"), metrics({ mse: 0, sqnrDb: null, broken: 1 }))).toBe("–");
  expect(metricText(spec("sqnrDb"), metrics({ mse: 0, sqnrDb: 12 }))).toBe("12.00");
});

it("writes every kind of figure with its digits, and minus signs as wide as plus signs", () => {
  const written = (key: string, ...values: (number | null)[]) => values.map((v) => formatMetric(spec(key), v));
  expect(written("sqnrDb", 20.456, -3, null)).toEqual(["20.46", "−3.00", "–"]);
  expect(written("sqnrDb", Number.NaN, Infinity)).toEqual(["NaN", "Infinity"]);
  expect(written("bitsPerWeight", 4.5)).toEqual(["4.500"]);
  expect(written("codeEntropy", 3.25)).toEqual(["3.250"]);
  for (const key of ["saturated", "flushed", "dead", "nonFinite", "broken"]) {
    expect(written(key, 1_234_567)).toEqual(["1,234,567"]);
  }
  const figures = [0, 0.01, 0.00999, 9999, 10_000, -0.5, -1e-9];
  const texts = ["0", "0.01000", "9.990e−3", "9999", "1.000e+4", "−0.5000", "−1.000e−9"];
  for (const key of ["nmse", "mse", "maxAbs", "meanAbs", "bias", "cosine"])
    expect(written(key, ...figures)).toEqual(texts);
});

it("gives no sign to a difference that rounds to nothing", () => {
  expect([-0.0001, 0.0001, -0.002, 0.5].map((d) => formatDifference(spec("bitsPerWeight"), d))).toEqual([
    "0.000",
    "0.000",
    "−0.002",
    "+0.500",
  ]);
  expect([0, 0.25, -0.25].map((d) => formatDifference(spec("nmse"), d))).toEqual(["0", "+0.250", "−0.250"]);
  expect([0, 1e-5].map((d) => formatDifference(spec("cosine"), d))).toEqual(["0", "+1.00e−5"]);
  expect([0, 1.5].map((d) => formatDifference(spec("sqnrDb"), d))).toEqual(["0", "+1.50"]);
  expect([-2, 1000].map((d) => formatDifference(spec("saturated"), d))).toEqual(["−2", "+1,000"]);
});

describe("the better side", () => {
  /** The same judgement whichever way round the sides are. */
  const better = (key: string, a: Metrics, b: Metrics) => {
    const side = betterSide(spec(key), a, b);
    const turned = { a: "b", b: "a" } as const;
    expect(betterSide(spec(key), b, a)).toBe(side && turned[side]);
    return side;
  };

  it.each<[Exclude<keyof Metrics, "bitsBreakdown">, number, number]>([
    ["sqnrDb", 21, 20],
    ["bitsPerWeight", 4.25, 4.5],
    ["nmse", 0.01, 0.02],
    ["mse", 0.1, 0.2],
    ["maxAbs", 1, 2],
    ["meanAbs", 0.1, 0.2],
    // The cosine itself is higher where one less it is lower.
    ["cosine", 0.99, 0.9],
    ["bias", -0.01, 0.02],
    ["bias", 0.01, -0.02],
    ["saturated", 0, 1],
    ["flushed", 0, 1],
    ["dead", 0, 1],
  ])("of %s is that of %d before %d", (key, good, bad) => {
    expect(better(key, metrics({ [key]: good }), metrics({ [key]: bad }))).toBe("a");
    expect(better(key, metrics({ [key]: good }), metrics({ [key]: good }))).toBeNull();
  });

  it("is none of what is neither good nor bad, absent, not a number or equal as it is shown", () => {
    expect(better("nonFinite", metrics({ nonFinite: 0 }), metrics())).toBeNull();
    expect(better("codeEntropy", metrics({ codeEntropy: 1 }), metrics())).toBeNull();
    for (const none of [null, Number.NaN]) {
      for (const key of ["nmse", "bias", "cosine", "sqnrDb", "maxAbs"]) {
        expect(better(key, metrics({ [key]: none }), metrics())).toBeNull();
      }
    }
    expect(better("sqnrDb", metrics({ sqnrDb: 20.001 }), metrics())).toBeNull();
    expect(better("bias", metrics({ bias: -0.01 }), metrics({ bias: 0.01 }))).toBeNull();
  });

  it("is the one without any error, which has no ratio", () => {
    const exact = metrics({ mse: 0, nmse: 0, sqnrDb: null, cosine: 1, bias: 0, maxAbs: 0, meanAbs: 0 });
    for (const key of ["sqnrDb", "nmse", "mse", "maxAbs", "meanAbs", "cosine", "bias"]) {
      expect(better(key, exact, metrics())).toBe("a");
    }
    expect(better("sqnrDb", exact, exact)).toBeNull();
    // No signal, but an error: no ratio, and no best.
    expect(better("sqnrDb", metrics({ sqnrDb: null }), metrics({ sqnrDb: -40 }))).toBeNull();
  });

  it("is none of errors where results are missing on either side; bits and broken results can be told apart", () => {
    const broken = metrics({ broken: 2, sqnrDb: 90, nmse: 0, mse: 0, bitsPerWeight: 2 });
    for (const { name: key } of metricSpecs) {
      const whole = key === "bitsPerWeight" || key === "broken";
      expect(areComparable(spec(key), broken, metrics())).toBe(whole);
      expect(areComparable(spec(key), metrics(), broken)).toBe(whole);
      expect(areComparable(spec(key), metrics(), metrics())).toBe(true);
      expect(better(key, broken, metrics())).toBe(key === "broken" ? "b" : null);
    }
    expect(better("bitsPerWeight", broken, metrics({ bitsPerWeight: 1 }))).toBe("b");
    expect(better("broken", broken, metrics({ broken: 3 }))).toBeNull();
  });
});
