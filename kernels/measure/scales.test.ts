import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { Backend } from "../backends/backend.ts";
import { referenceBackend } from "../backends/reference/backend.ts";
import { createWasmBackend } from "../backends/wasm/index.ts";
import { createWasmSweep } from "../backends/wasm/sweep.ts";
import { createWebgpuBackend } from "../backends/webgpu/backend.ts";
import { quantizeMatrix } from "../engine/quantize.ts";
import { floatFromBits } from "../exact/bits.ts";
import type { Profile } from "../report/report.ts";
import { referenceSweep, sweepMatrix } from "../sweep/index.ts";
import { dawnDevice } from "../testing/dawn.ts";
import { matrixOf, normalValues, planOf } from "../testing/matrix.ts";
import type { Report } from "./report.ts";

let backends: Backend[];
beforeAll(async () => {
  backends = [referenceBackend, await createWasmBackend(), await createWebgpuBackend(await dawnDevice())];
}, 120_000);

interface Matrix {
  rows: number;
  cols: number;
  values: Float32Array;
}

async function runOn(backend: Backend, recipe: string, { rows, cols, values }: Matrix, scalesLater = false) {
  const source = matrixOf(values, rows, cols);
  const options = { backend, checkpoint: async () => {}, now: () => 0, scalesLater };
  const quantized = await quantizeMatrix(source, planOf(recipe, rows, cols), options);
  return { report: quantized.report, result: (await quantized.rows(0, rows)).result };
}

const TOLERANCE = 1e-6;
const near = (got: number | null, want: number | null, magnitude: number) =>
  got === want || Math.abs((got ?? Number.NaN) - (want ?? Number.NaN)) <= TOLERANCE * magnitude;

/** Sums of what values and results give, in float64, by any entry of a profile. */
function sumsBy(x: Float32Array, y: Float32Array, entries: number, entryOf: (i: number) => number) {
  const [error, signal] = [new Float64Array(entries), new Float64Array(entries)];
  x.forEach((v, i) => {
    const e = Math.fround(v - y[i]);
    if (v - v !== 0 || e - e !== 0) return;
    error[entryOf(i)] += e * e;
    signal[entryOf(i)] += v * v;
  });
  return { error, signal };
}

function differentProfile(name: string, got: Profile | Report["map"], want: ReturnType<typeof sumsBy>): string | null {
  for (const of of ["error", "signal"] as const) {
    for (let k = 0; k < want[of].length; k++) {
      if (!near(got[of][k], want[of][k], want[of][k])) return `${name} ${of}[${k}]: ${got[of][k]}, not ${want[of][k]}`;
    }
  }
  return null;
}

/** The first figure that parts from what float64 says of values and results; null where none does. */
function wrongFigure({ metrics: m, ...report }: Report, result: Float32Array, { cols, rows, values: x }: Matrix) {
  const whole = sumsBy(x, result, 1, () => 0);
  const [error, signal] = [whole.error[0], whole.signal[0]];
  let [dot, energy, abs, n] = [0, 0, 0, 0];
  x.forEach((v, i) => {
    const e = Math.fround(v - result[i]);
    if (v - v !== 0 || e - e !== 0) return;
    n++;
    dot += v * result[i];
    energy += result[i] ** 2;
    abs += Math.abs(e);
  });
  const all: [string, number | null, number | null, number][] = [
    ["mse", m.mse, error / n, error / n],
    ["meanAbs", m.meanAbs, abs / n, abs / n],
    ["nmse", m.nmse, signal > 0 ? error / signal : null, (2 * error) / signal],
    ["cosine", m.cosine, signal > 0 && energy > 0 ? dot / Math.sqrt(signal * energy) : null, 2],
    ["bias", m.bias, signal > 0 ? 1 - dot / signal : null, 2 * (1 + Math.sqrt(energy / signal))],
  ];
  for (const [name, got, want, magnitude] of n > 0 ? all : []) {
    if (!near(got, want, magnitude)) return `${name}: ${got}, not ${want}`;
  }
  const { cellRows, cellCols } = report.map;
  const cell = (i: number) =>
    Math.floor(Math.floor(i / cols) / cellRows) * report.map.cols + Math.floor((i % cols) / cellCols);
  return (
    differentProfile(
      "row",
      report.rowProfile,
      sumsBy(x, result, rows, (i) => Math.floor(i / cols)),
    ) ??
    differentProfile(
      "column",
      report.colProfile,
      sumsBy(x, result, cols, (i) => i % cols),
    ) ??
    differentProfile("cell", report.map, sumsBy(x, result, report.map.error.length, cell))
  );
}

async function expectTrue(backend: Backend, recipe: string, matrix: Matrix) {
  for (const later of [false, true]) {
    const { report, result } = await runOn(backend, recipe, matrix, later);
    const where = `${recipe}, ${backend.name}${later ? " at once" : ""}`;
    expect(`${where}: ${wrongFigure(report, result, matrix)}`).toBe(`${where}: null`);
  }
}

const normal = (rows: number, cols: number, factor: number, seed = 1): Matrix => ({
  rows,
  cols,
  values: normalValues(rows * cols, seed).map((v) => v * factor),
});

describe("a tensor of any size", () => {
  it("has the ratios of the same tensor at one: 64 x 256 normal values times 1e-21", async () => {
    for (const backend of backends) {
      const plain = (await runOn(backend, "int8/row", normal(64, 256, 1))).report;
      const int8 = (await runOn(backend, "int8/row", normal(64, 256, 1e-21))).report;
      expect(int8.metrics.nmse! / plain.metrics.nmse!).toBeCloseTo(1, 2);
      expect(int8.metrics.mse! / int8.metrics.nmse! / 1e-42).toBeCloseTo(1, 1);
      const nvfp4 = (await runOn(backend, "nvfp4", normal(64, 256, 1e-21))).report;
      expect(nvfp4.metrics.cosine).toBeLessThan(1);
      expect(nvfp4.metrics.cosine).toBeGreaterThan(0.99);
      expect([...int8.notes, ...nvfp4.notes].join()).not.toContain("float32");
    }
  });

  it("has exactly the same ratios times any power of two, on the reference", async () => {
    const plain = await runOn(referenceBackend, "int4/32", normal(8, 64, 1));
    for (const exponent of [-100, -60, 60, 120]) {
      const { metrics } = (await runOn(referenceBackend, "int4/32", normal(8, 64, 2 ** exponent))).report;
      const { nmse, sqnrDb, cosine, bias } = plain.report.metrics;
      expect(metrics).toMatchObject({ nmse, sqnrDb, cosine, bias });
      expect(metrics.mse).toBe(plain.report.metrics.mse! * 2 ** (2 * exponent));
    }
  });

  it("has the mean squared error of values near the end of float32, which only float64 holds", async () => {
    for (const backend of backends) {
      const { report } = await runOn(backend, "int4/32", normal(8, 64, 3e37));
      expect(report.metrics.mse).toBeGreaterThan(1e72);
      expect(report.metrics.nmse).toBeGreaterThan(1e-3);
      expect(report.metrics.nmse).toBeLessThan(1e-1);
      expect(report.notes.join()).not.toContain("squares");
    }
  });

  it.each([-149, -140, -126, -110, -90, -70, -50, -20, 20, 45, 60, 90, 125])("2^%i", async (exponent) => {
    const matrix = normal(9, 64, 2 ** exponent, exponent + 200);
    for (const backend of backends) {
      for (const recipe of ["int4/32", "nvfp4", "e4m3", "int4(asym)/16:f16", "nf4/64"])
        await expectTrue(backend, recipe, matrix);
    }
  });

  it("turned before and after", async () => {
    for (const exponent of [-140, -70, 90]) {
      for (const backend of backends) await expectTrue(backend, "rht(32,seed=1)+int4/32", normal(5, 64, 2 ** exponent));
    }
  });
});

describe("rows, columns and blocks of unlike size", () => {
  /** Row r times 2^by(r), column c times 2^across(c); what leaves float32 stays at its ends. */
  const uneven = (rows: number, cols: number, by: (r: number) => number, across: (c: number) => number): Matrix => ({
    rows,
    cols,
    values: normalValues(rows * cols, 7).map((v, i) => {
      const scaled = v * 2 ** by(Math.floor(i / cols)) * 2 ** across(i % cols);
      return Math.sign(scaled) * Math.min(Math.abs(scaled), 2 ** 126);
    }),
  });

  it("have figures of their own 2^-60 below the largest, to a part in a million", async () => {
    const matrix = uneven(
      8,
      64,
      (r) => -20 * r,
      () => 0,
    );
    for (const backend of backends) {
      for (const recipe of ["int8/row", "int4/16", "e8m7", "e4m3/row"]) await expectTrue(backend, recipe, matrix);
    }
  });

  it("have them over all of float32's range, in every row and column", async () => {
    const steep = uneven(
      16,
      64,
      (r) => 120 - 17 * r,
      (c) => -(c % 5),
    );
    const columns = uneven(
      8,
      64,
      () => 0,
      (c) => (c % 2 === 0 ? 0 : -4 * c + 60),
    );
    for (const backend of backends) {
      for (const matrix of [steep, columns]) {
        for (const recipe of ["int8/row", "int4/16", "f16", "e8m10"]) await expectTrue(backend, recipe, matrix);
      }
    }
  });
});

describe("any scales", () => {
  const RECIPES = ["int4/16", "int8/row", "nvfp4", "mxfp4", "e8m10", "e5m2", "codebook(-1,1)/32", "int4@sr(seed=1)/32"];
  const matrices = fc
    .record({
      rows: fc.integer({ min: 1, max: 6 }),
      exponents: fc.array(fc.integer({ min: -149, max: 127 }), { minLength: 1, maxLength: 3 }),
      bits: fc.array(fc.integer({ min: 0, max: 0xffffffff }), { minLength: 64, maxLength: 64 }),
      recipe: fc.constantFrom(...RECIPES),
    })
    .map(({ rows, exponents, bits, recipe }) => ({
      recipe,
      rows,
      cols: 64,
      // Mantissas and signs of any bits, each times one of the scales; some are zeros.
      values: Float32Array.from({ length: 64 * rows }, (_, i) => {
        const word = bits[(i * 7 + (i >> 6)) % 64];
        const part = floatFromBits(((word & 0x807fffff) | 0x3f800000) >>> 0);
        return word % 13 === 0 ? 0 : part * 2 ** exponents[(i >> 4) % exponents.length];
      }).map((v) => (Number.isFinite(v) ? v : 1)),
    }));

  it.each(["reference", "wasm"])("have the figures of float64 on %s", async (name) => {
    const backend = backends.find((b) => b.name === name)!;
    await fc.assert(
      fc.asyncProperty(matrices, ({ recipe, ...matrix }) => expectTrue(backend, recipe, matrix)),
      { numRuns: 70 },
    );
  });

  it("have the figures of float64 on the GPU", { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(matrices, ({ recipe, ...matrix }) => expectTrue(backends[2], recipe, matrix)),
      { numRuns: 25 },
    );
  });

  it("have them in sweeps", async () => {
    const sweeps = [referenceSweep, await createWasmSweep()];
    await fc.assert(
      fc.asyncProperty(matrices, async ({ recipe, rows, cols, values }) => {
        const plan = planOf(recipe, rows, cols);
        const { metrics } = (await runOn(referenceBackend, recipe, { rows, cols, values })).report;
        for (const backend of sweeps) {
          if (backend.refuses(plan) !== null) continue;
          const options = { backend, pace: async () => {}, phases: 0 };
          const [swept] = await sweepMatrix(matrixOf(values, rows, cols), [plan], options);
          for (const key of ["mse", "nmse", "meanAbs"] as const) {
            expect(near(swept.metrics[key], metrics[key], metrics[key] ?? 0), `${recipe} ${key}`).toBe(true);
          }
          expect(near(swept.metrics.cosine, metrics.cosine, 2), `${recipe} cosine`).toBe(true);
        }
      }),
      { numRuns: 70 },
    );
  });
});
