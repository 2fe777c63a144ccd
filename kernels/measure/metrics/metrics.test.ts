import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { referenceBackend } from "../../backends/reference/backend.ts";
import { type Given, planGiven, quantizeGiven } from "../../engine/given.ts";
import { referenceSweep, sweepMatrix } from "../../sweep/index.ts";
import { matrixOf, planOf, quantizeText } from "../../testing/matrix.ts";
import { joined } from "../measured.ts";
import {
  axisNames,
  type Figures,
  figuresOf,
  type MetricName,
  metricNamed,
  metricNames,
  metrics,
  sweepFiguresOf,
  sweepMetricNames,
} from "./index.ts";

const [ROWS, COLS] = [3, 8];
const options = { backend: referenceBackend, checkpoint: async () => {}, now: () => 0 };
const special = fc.constantFrom(0, -0, Number.NaN, Infinity, -Infinity, 3e38, -3e38, 1e-42);
const value = fc.oneof(
  { arbitrary: fc.integer({ min: -1e6, max: 1e6 }).map((n) => n / 64), weight: 4 },
  { arbitrary: special, weight: 1 },
);
const matrix = fc.oneof(
  fc.array(value, { minLength: ROWS * COLS, maxLength: ROWS * COLS }),
  fc.constant(new Array<number>(ROWS * COLS).fill(0)),
);

/** Pairs of value and result that figures are taken over: both finite, and the error, too. */
function pairsOf(x: Float32Array, y: Float32Array): [number, number, number][] {
  return [...x].flatMap((v, i): [number, number, number][] => {
    const e = Math.fround(v - y[i]);
    return Number.isFinite(v) && Number.isFinite(e) ? [[v, y[i], e]] : [];
  });
}

const total = (list: readonly number[]) => list.reduce((sum, v) => sum + v, 0);
/** Where sums of terms are taken in another order, with one of them. */
type Figure = [wanted: number | null, scale?: number];

/** What each metric of errors is by its definition, in float64. */
const definitions: Partial<Record<MetricName, (x: Float32Array, y: Float32Array) => Figure>> = {
  mse(x, y) {
    const pairs = pairsOf(x, y);
    return [pairs.length > 0 ? total(pairs.map(([, , e]) => e * e)) / pairs.length : null];
  },
  nmse(x, y) {
    const pairs = pairsOf(x, y);
    const signal = total(pairs.map(([v]) => v * v));
    return [signal > 0 ? total(pairs.map(([, , e]) => e * e)) / signal : null];
  },
  sqnrDb(x, y) {
    const [ratio] = definitions.nmse!(x, y);
    return [ratio === null || ratio === 0 ? null : (-10 * Math.log(ratio)) / Math.log(10), 10];
  },
  maxAbs(x, y) {
    const pairs = pairsOf(x, y);
    return [pairs.length > 0 ? Math.max(...pairs.map(([, , e]) => Math.abs(e))) : null];
  },
  meanAbs(x, y) {
    const pairs = pairsOf(x, y);
    return [pairs.length > 0 ? total(pairs.map(([, , e]) => Math.abs(e))) / pairs.length : null];
  },
  cosine(x, y) {
    const pairs = pairsOf(x, y);
    const lengths = [0, 1].map((k) => Math.sqrt(total(pairs.map((pair) => pair[k] ** 2))));
    const inner = total(pairs.map(([v, w]) => (v / lengths[0]) * (w / lengths[1])));
    return [lengths.every((length) => length > 0) ? inner : null, 1];
  },
  bias(x, y) {
    const pairs = pairsOf(x, y);
    const signal = total(pairs.map(([v]) => v * v));
    const terms = pairs.map(([v, w]) => (v * w) / signal);
    return [signal > 0 ? 1 - total(terms) : null, 1 + total(terms.map(Math.abs))];
  },
  nonFinite: (x) => [[...x].filter((v) => !Number.isFinite(v)).length],
  broken: (x, y) => [[...x].filter((v) => Number.isFinite(v)).length - pairsOf(x, y).length],
};

describe("each metric of errors", () => {
  it("is its definition, whatever is not finite, zero or broken", async () => {
    await fc.assert(
      fc.asyncProperty(matrix, matrix, async (before, after) => {
        const [x, y] = [Float32Array.from(before), Float32Array.from(after)];
        const its: Given = { matrix: matrixOf(y, ROWS, COLS), bitsPerWeight: 4, what: "as stored" };
        const plan = planGiven(planOf("given", ROWS, COLS), its);
        const { report } = await quantizeGiven(matrixOf(x, ROWS, COLS), plan, its, options);
        for (const [name, define] of Object.entries(definitions)) {
          const got = report.metrics[name as MetricName];
          const [want, scale = Math.abs(want ?? 0)] = define(x, y);
          if (want === null || got === null || got === undefined) expect(got, name).toBe(want);
          else expect(Math.abs(got - want), `${name}: ${got}, wanted ${want}`).toBeLessThanOrEqual(2e-6 * scale);
        }
      }),
    );
  });
});

describe("each count", () => {
  it("is its definition for a direct cast: beyond 448, to zero, and the codes that are used", async () => {
    await fc.assert(
      fc.asyncProperty(matrix, async (values) => {
        const x = Float32Array.from(values);
        const { report, rows } = await quantizeText("e4m3", x, ROWS, COLS);
        const { result, codes } = await rows(0, ROWS);
        const finite = [...x.keys()].filter((i) => Number.isFinite(x[i]));
        const { saturated, flushed, codeEntropy, bitsPerWeight, dead } = report.metrics;
        expect(saturated).toBe(finite.filter((i) => Math.abs(x[i]) > 448).length);
        expect(flushed).toBe(finite.filter((i) => x[i] !== 0 && result[i] === 0).length);
        const used = new Map<number, number>();
        for (const i of finite) used.set(codes![i], (used.get(codes![i]) ?? 0) + 1);
        const shares = [...used.values()].map((n) => n / finite.length);
        expect(codeEntropy).toBeCloseTo(total(shares.map((p) => -p * Math.log2(p))), 10);
        expect([bitsPerWeight, dead]).toEqual([8, 0]);
      }),
    );
  });

  it("of dead blocks is of those whose stored scale became zero", async () => {
    const x = Float32Array.of(1e-3, 0, 0, 0, 0, 0, 0, 0, 6, 1, 1, 1, 1e-4, 1, 1e-3, Number.NaN);
    const { report } = await quantizeText("int2/4:e2m1", x, 4, 4);
    expect(report.metrics.dead).toBe(1);
  });
});

describe("several tensors", () => {
  it("have the figures of one that holds them all", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(matrix, { minLength: 1, maxLength: 3 }), async (tensors) => {
        const of = async (values: number[]) => {
          const rows = values.length / COLS;
          const source = matrixOf(Float32Array.from(values), rows, COLS);
          const sweep = { backend: referenceSweep, pace: async () => {}, phases: 0 };
          return (await sweepMatrix(source, [planOf("int3/8:e5m2", rows, COLS)], sweep))[0].measured;
        };
        const parts = sweepFiguresOf(joined(await Promise.all(tensors.map(of))));
        const whole = sweepFiguresOf(await of(tensors.flat()));
        for (const name of sweepMetricNames) {
          const [a, b] = [parts[name] ?? null, whole[name] ?? null];
          if (a === null || b === null) expect(a, name).toBe(b);
          else
            expect(Math.abs(a - b), `${name}: ${a}, wanted ${b}`).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(b)));
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe("the list", () => {
  const sums = { count: 4, nonFinite: 0, brokenResults: 0, signal: 4, error: 1, absError: 1, maxAbs: 1 };
  const measured = {
    ...{ sums: { ...sums, dot: 4, energy: 5, saturated: 1, flushed: 0 }, codes: Uint32Array.of(2, 2), dead: 0 },
    ...{ ranged: true, elements: 4, bitsPerWeight: 4, outputs: null },
  };

  it("names every metric once, and finds it by its name", () => {
    expect(new Set(metricNames).size).toBe(metricNames.length);
    for (const metric of metrics) expect(metricNamed(metric.name)).toBe(metric);
    expect(metricNamed("toString")).toBeUndefined();
  });

  it("gives figures in its order, those of a calibration only where there is one", () => {
    const calibrated = metrics.filter(({ needs }) => needs.includes("calibration")).map(({ name }) => name);
    const plain = metricNames.filter((name) => !calibrated.includes(name));
    expect(Object.keys(figuresOf(measured))).toEqual(plain);
    expect(Object.keys(figuresOf({ ...measured, outputs: { error: 1, signal: 2 } }))).toEqual(metricNames);
  });

  it("leaves histograms out of sweeps, and what is neither better nor worse off their axes", () => {
    const figures: Partial<Figures> = sweepFiguresOf(measured);
    expect(Object.hasOwn(figures, "codeEntropy")).toBe(false);
    expect(sweepMetricNames).not.toContain("codeEntropy");
    expect(axisNames).not.toContain("nonFinite");
    for (const name of axisNames) expect(sweepMetricNames).toContain(name);
  });
});
