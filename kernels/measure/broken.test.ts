import { readFileSync } from "node:fs";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { Backend } from "../backends/backend.ts";
import { referenceBackend } from "../backends/reference/backend.ts";
import { createWasmBackend } from "../backends/wasm/index.ts";
import { createWasmSweep } from "../backends/wasm/sweep.ts";
import { createWebgpuBackend } from "../backends/webgpu/backend.ts";
import { type Given, planGiven, quantizeGiven } from "../engine/given.ts";
import { quantizeMatrix } from "../engine/quantize.ts";
import { Frontier, referenceSweep, sweepMatrix } from "../sweep/index.ts";
import { dawnDevice } from "../testing/dawn.ts";
import { matrixOf, normalValues, planOf, quantizeText } from "../testing/matrix.ts";
import { axisNames, metricOf } from "./metrics/index.ts";
import { costOf, isBroken } from "./metrics/reading.ts";
import type { Metrics, Report } from "./report.ts";

/** 8 x 256 values of which 106 lie beyond 448: a version-1 npy file, whose header takes 128 bytes. */
const file = readFileSync(new URL("./overflow.npy", import.meta.url));
const overflow = new Float32Array(file.buffer.slice(file.byteOffset + 128, file.byteOffset + file.byteLength));
const [ROWS, COLS] = [8, 256];

let backends: Backend[];
beforeAll(async () => {
  backends = [referenceBackend, await createWasmBackend(), await createWebgpuBackend(await dawnDevice())];
}, 120_000);

const options = (backend: Backend) => ({ backend, checkpoint: async () => {}, now: () => 0 });

function metricsBy(backend: Backend, recipe: string, values: Float32Array, rows: number, cols: number, later = false) {
  const plan = planOf(recipe, rows, cols);
  const source = matrixOf(values, rows, cols);
  return quantizeMatrix(source, plan, { ...options(backend), scalesLater: later });
}

/** Figures over the elements whose value and result are finite, in float64. */
function oracle(x: Float32Array, y: Float32Array) {
  const sums = { n: 0, broken: 0, error: 0, signal: 0, dot: 0, energy: 0, abs: 0, max: 0 };
  x.forEach((v, i) => {
    if (!Number.isFinite(v)) return;
    if (!Number.isFinite(y[i])) {
      sums.broken++;
      return;
    }
    const e = Math.fround(v - y[i]);
    sums.n++;
    sums.error += e * e;
    sums.signal += v * v;
    sums.dot += v * y[i];
    sums.energy += y[i] * y[i];
    sums.abs += Math.abs(e);
    sums.max = Math.max(sums.max, Math.abs(e));
  });
  return sums;
}

function expectFigures(metrics: Omit<Metrics, "codeEntropy" | "bitsBreakdown">, x: Float32Array, y: Float32Array) {
  const want = oracle(x, y);
  const close = (a: number | null, b: number | null, scale: number) =>
    expect(a === b || Math.abs(a! - b!) <= 2e-6 * scale, `${a}, wanted ${b}`).toBe(true);
  expect(metrics.broken).toBe(want.broken);
  if (want.n === 0) {
    const { mse, nmse, sqnrDb, maxAbs, meanAbs, cosine, bias } = metrics;
    expect([mse, nmse, sqnrDb, maxAbs, meanAbs, cosine, bias]).toEqual(new Array(7).fill(null));
    return;
  }
  close(metrics.mse, want.error / want.n, want.error / want.n);
  close(metrics.meanAbs, want.abs / want.n, want.abs / want.n);
  expect(metrics.maxAbs).toBe(want.max);
  if (want.signal === 0) return;
  close(metrics.nmse, want.error / want.signal, want.error / want.signal);
  close(metrics.bias, 1 - want.dot / want.signal, 1 + Math.sqrt(want.energy / want.signal));
  if (want.energy > 0) close(metrics.cosine, want.dot / Math.sqrt(want.signal * want.energy), 1);
}

const total = (values: Float64Array) => values.reduce((sum, v) => sum + v, 0);

/** Profiles and map hold the same elements as the figures. */
function expectWholes({ metrics, rowProfile, colProfile, blockProfile, map }: Report) {
  for (const of of [rowProfile, colProfile, blockProfile, map]) {
    if (!of || !metrics.nmse) continue;
    expect(total(of.error) / total(of.signal) / metrics.nmse).toBeCloseTo(1, 5);
  }
}

describe("beyond E4M3", () => {
  const recipes = ["e4m3(sat=inf)", "e4m3", "e5m2", "e4m3/row"];

  it("are 106 broken results, and one set of values under every figure, on every backend", async () => {
    for (const backend of backends) {
      for (const later of [false, true]) {
        const { report, rows } = await metricsBy(backend, recipes[0], overflow, ROWS, COLS, later);
        const { metrics } = report;
        expect(metrics.broken).toBe(106);
        expect(metrics.nmse! * 1e4).toBeCloseTo(5.82, 2);
        expect(metrics.sqnrDb).toBeCloseTo(32.35, 2);
        expect(metrics.cosine).toBeCloseTo(0.99972, 4);
        expect(report.notes.join()).toContain("broken: 106 results are not finite");
        expectFigures(metrics, overflow, (await rows(0, ROWS)).result);
        expectWholes(report);
      }
    }
  });

  it("win no place on a sweep's frontier", async () => {
    const plans = recipes.map((text) => planOf(text, ROWS, COLS));
    for (const backend of [referenceSweep, await createWasmSweep()]) {
      const able = plans.every((plan) => backend.refuses(plan) === null) ? backend : referenceSweep;
      const sweeps = { backend: able, pace: async () => {}, phases: 0 };
      const outcomes = await sweepMatrix(matrixOf(overflow, ROWS, COLS), plans, sweeps);
      for (const [i, { metrics }] of outcomes.entries()) {
        const full = await quantizeText(recipes[i], overflow, ROWS, COLS);
        expect(metrics.broken).toBe(full.report.metrics.broken);
        expectFigures(metrics, overflow, (await full.rows(0, ROWS)).result);
      }
      for (const metric of axisNames) {
        // No calibration is given here.
        if (metricOf(metric).needs.includes("calibration")) continue;
        const frontier = new Frontier<string>();
        outcomes.forEach(({ metrics }, i) => {
          frontier.add(recipes[i], metrics.bitsPerWeight, costOf(metricOf(metric), metrics));
        });
        expect(frontier.items).not.toContain(recipes[0]);
        expect(frontier.items.length).toBeGreaterThan(0);
      }
    }
  });
});

describe("what has nothing left", () => {
  it("has no figures: q4_0 whose scales are beyond float16", async () => {
    const values = normalValues(4 * 64, 3).map((v) => 1e8 * (2 + v * 0.1));
    const { report } = await quantizeText("q4_0", values, 4, 64);
    const { mse, nmse, sqnrDb, maxAbs, meanAbs, cosine, bias, broken } = report.metrics;
    expect(broken).toBe(4 * 64);
    expect([mse, nmse, sqnrDb, maxAbs, meanAbs, cosine, bias]).toEqual(new Array(7).fill(null));
    const [{ metrics }] = await sweepMatrix(matrixOf(values, 4, 64), [planOf("q4_0", 4, 64)], {
      backend: referenceSweep,
      pace: async () => {},
      phases: 0,
    });
    expect(metrics).toMatchObject({ broken: 4 * 64, mse: null, nmse: null });
  });
});

describe("neighbours of NaN", () => {
  it("are broken where their block is poisoned, and are not where it is skipped", async () => {
    const values = normalValues(4 * 64, 5);
    values[70] = Number.NaN;
    for (const backend of backends) {
      const poisoned = (await metricsBy(backend, "mxfp4(nonfinite=poison)", values, 4, 64)).report.metrics;
      expect([poisoned.nonFinite, poisoned.broken]).toEqual([1, 31]);
      const skipped = (await metricsBy(backend, "mxfp4", values, 4, 64)).report.metrics;
      expect([skipped.nonFinite, skipped.broken]).toEqual([1, 0]);
      expect(isBroken(poisoned) && !isBroken(skipped)).toBe(true);
    }
  });
});

describe("results of another program", () => {
  it("are held against their values alone where they are finite, whatever they are", async () => {
    const value = fc.oneof(
      fc.integer({ min: -1e6, max: 1e6 }).map((n) => n / 64),
      fc.constantFrom(Number.NaN, Infinity, -Infinity),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(value, { minLength: 24, maxLength: 24 }),
        fc.array(value, { minLength: 24, maxLength: 24 }),
        async (before, after) => {
          const [x, y] = [Float32Array.from(before), Float32Array.from(after)];
          const its: Given = { matrix: matrixOf(y, 3, 8), bitsPerWeight: 4, what: "as stored" };
          const plan = planGiven(planOf("given", 3, 8), its);
          const { report } = await quantizeGiven(matrixOf(x, 3, 8), plan, its, options(referenceBackend));
          expectFigures(report.metrics, x, y);
          expectWholes(report);
        },
      ),
    );
  });
});
