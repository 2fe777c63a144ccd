import { describe, expect, it } from "vitest";
import { referenceBackend } from "../../backends/reference/backend.ts";
import { type Calibration, startReduction } from "../../calibration/index.ts";
import { quantizeMatrix } from "../../engine/quantize.ts";
import { RecipeError } from "../../grammar/errors.ts";
import { dense } from "../../linalg/index.ts";
import { parseRecipe } from "../../notation/index.ts";
import { matrixOf, normalValues, planOf } from "../../testing/matrix.ts";
import { invert } from "../learning/invert.ts";
import { throughScales } from "../learning/outputs.ts";
import { F32 } from "../side.ts";
import type { StepJob } from "../step.ts";
import type { FlatParams } from "./index.ts";
import { dualOf, gradientsOf, type Kronecker, mapRows, throughInverse } from "./map.ts";
import { work } from "./work.ts";

const [rows, cols, tokens] = [24, 64, 96];
const w = normalValues(rows * cols, 2);
const loud = (seed: number) => normalValues(tokens * cols, seed).map((x, i) => (i % cols < 3 ? 20 * x : x));

async function calibrationOf(x: Float32Array): Promise<Calibration> {
  const reduction = await startReduction(cols);
  await reduction.add(x);
  return reduction.finish({ kind: "activations", name: "X.npy", digest: "" });
}

async function run(recipe: string, known?: Calibration, checkpoint = async () => {}) {
  const quantized = await quantizeMatrix(matrixOf(w, rows, cols), planOf(recipe, rows, cols), {
    ...{ backend: referenceBackend, checkpoint, now: () => 0 },
    calibration: known ?? (await calibrationOf(loud(3))),
    activations: { recipe: parseRecipe("int4/row"), definitions: [], scales: "dynamic" },
  });
  return { quantized, report: quantized.report };
}
const jointOf = async (recipe: string) => (await run(recipe)).report.activations!.joint!;

const params = (own: Partial<FlatParams> = {}): FlatParams => ({
  ...{ n: [8, 8], steps: 4, rate: 0.01, inputs: null, factors: F32, start: "best", seed: 0, ...own },
});
const quiet = (own: Partial<StepJob>): StepJob => ({
  ...{ calibration: null, checkpoint: async () => {}, rest: async (operand) => operand, ...own },
  store: async (name, { rows: r, cols: c, values }) => ({ name, rows: r, cols: c, values, recipe: "f32", bits: 0 }),
  ...own,
});

const random = (n: number, seed: number) => Float64Array.from(normalValues(n, seed));

describe("the inverse of a small matrix", () => {
  it("times the matrix is one", () => {
    const n = 9;
    const a = random(n * n, 4);
    const b = invert(a, n)!;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += a[i * n + k] * b[k * n + j];
        expect(sum).toBeCloseTo(i === j ? 1 : 0, 10);
      }
    }
  });

  it("is none where the matrix is singular, or not finite", () => {
    expect(invert(Float64Array.of(1, 2, 2, 4), 2)).toBeNull();
    expect(invert(new Float64Array(4), 2)).toBeNull();
    expect(invert(Float64Array.of(1, Number.NaN, 0, 1), 2)).toBeNull();
    expect(invert(Float64Array.of(0, 1, 1, 0), 2)).toEqual(Float64Array.of(0, 1, 1, 0));
  });
});

describe("gradients", () => {
  const map: Kronecker = { c: random(6, 1).map((x) => 1 + x * x), p: [random(4, 2), random(9, 3)], n: [2, 3] };
  const [x, g] = [dense(5, 6, random(30, 5)), dense(5, 6, random(30, 6))];
  const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, v, i) => sum + v * b[i], 0);
  const near = (found: number, wanted: number) =>
    expect(Math.abs(found - wanted)).toBeLessThan(1e-6 * Math.max(1, Math.abs(wanted)));
  const moved = (k: number, i: number, by: number): Kronecker => {
    const p: Kronecker["p"] = [map.p[0].slice(), map.p[1].slice()];
    p[k][i] += by;
    return { ...map, p };
  };

  it("of a map's factors and diagonal are finite differences", async () => {
    const found = await gradientsOf(await mapRows(x, map, {}), g, map, {});
    const at = async (m: Kronecker) => dot((await mapRows(x, m, {})).out.values, g.values);
    for (const k of [0, 1]) {
      for (let i = 0; i < map.p[k].length; i++) {
        near(found.p[k][i], ((await at(moved(k, i, 1e-4))) - (await at(moved(k, i, -1e-4)))) / 2e-4);
      }
    }
    for (let i = 0; i < 6; i++) {
      const by = (f: number) => ({ ...map, c: map.c.map((c, j) => (j === i ? c * f : c)) });
      near(found.c[i], ((await at(by(1 + 1e-5))) - (await at(by(1 - 1e-5)))) / 2e-5);
    }
  });

  it("through the inverse, too", async () => {
    const dual = dualOf(map)!;
    const own = await gradientsOf(await mapRows(x, dual, {}), g, dual, {});
    const at = async (m: Kronecker) => dot((await mapRows(x, dualOf(m)!, {})).out.values, g.values);
    for (const k of [0, 1]) {
      const found = throughInverse(dual.p[k], own.p[k], map.n[k]);
      for (let i = 0; i < map.p[k].length; i++) {
        const wanted = ((await at(moved(k, i, 1e-5))) - (await at(moved(k, i, -1e-5)))) / 2e-5;
        expect(Math.abs(found[i] - wanted)).toBeLessThan(1e-5 * Math.max(1, Math.abs(wanted)));
      }
    }
  });

  it("pass through the scales of blocks: along the values themselves they are what comes back", () => {
    // q(t x) = t q(x), whose derivative by t is q(x).
    const values = random(12, 7);
    const q = values.map((v) => v + 0.1 * Math.sin(9 * v));
    const gradient = dense(2, 6, random(12, 8));
    const before = gradient.values.slice();
    throughScales(gradient, values, q, 3);
    near(dot(gradient.values, values), dot(before, q));
    expect(gradient.values.filter((v, i) => v !== before[i])).toHaveLength(4);
    const none = dense(2, 6, before.slice());
    throughScales(none, values, q, 0);
    expect(none.values).toEqual(before);
  });
});

describe("flat", () => {
  it("leaves outputs what they are before anything is rounded", async () => {
    const fitted = await work.fit(
      params(),
      { rows, cols, values: w },
      quiet({ calibration: await calibrationOf(loud(3)) }),
    );
    const moved = work.forward(fitted, { row0: 0, rows, cols, values: w });
    const back = work.inverse(fitted, { row0: 0, rows, cols, values: moved });
    for (const [i, v] of back.entries()) expect(Math.abs(v - w[i])).toBeLessThan(1e-5);
    const dual = work.dual!(fitted);
    if (dual.kind !== "rows") throw new Error("flat maps rows");
    const x = Float64Array.from(loud(8).subarray(0, cols));
    const through = x.slice();
    dual.apply(through, 0, cols, 0);
    for (let r = 0; r < rows; r++) {
      let [before, behind] = [0, 0];
      for (let c = 0; c < cols; c++) {
        before += w[r * cols + c] * x[c];
        behind += moved[r * cols + c] * through[c];
      }
      expect(Math.abs(before - behind)).toBeLessThan(1e-4);
    }
    dual.undo!(through, 0, cols);
    for (const [c, v] of through.entries()) expect(Math.abs(v - x[c])).toBeLessThan(1e-9);
  });

  it("is below smoothing, rotations and both, and below where it begins", async () => {
    const others = await Promise.all(["", "smooth+", "ht(64)+", "smooth+ht(64)+"].map((s) => jointOf(`${s}int4/row`)));
    const { report } = await run("flat(30,inputs=(int4/row))+int4/row");
    const learned = report.activations!.joint!;
    for (const other of others) expect(learned).toBeLessThan(0.9 * other);
    expect(learned).toBeLessThan(0.9 * (await jointOf("flat(0,inputs=(int4/row))+int4/row")));
    expect(report.notes.join()).toMatch(/flat began from .* from [\d.]+ to [\d.]+/);
    // Two factors of 8 x 8 and a diagonal, 16 bits each.
    expect(report.metrics.bitsPerWeight).toBeCloseTo(4 + 32 / cols + (16 * (64 + 64 + cols)) / (rows * cols), 10);
  });

  it("is the same a second time", async () => {
    const recipe = "flat(3,inputs=(int4/row),start=random,seed=4)+int4/row";
    const [one, two] = [await run(recipe), await run(recipe)];
    expect(one.report.metrics).toEqual(two.report.metrics);
    expect((await run(recipe.replace("seed=4", "seed=5"))).report.metrics).not.toEqual(one.report.metrics);
  });

  it("keeps the best map that it met where its steps are too large, and says so", async () => {
    const { report } = await run("flat(20,rate=1,inputs=(int4/row))+int4/row");
    expect(report.notes.join()).toMatch(/flat stopped at step|flat found nothing better|flat began from/);
    expect(report.activations!.joint!).toBeLessThanOrEqual(
      1.001 * (await jointOf("flat(0,inputs=(int4/row))+int4/row")),
    );
  });

  it("refuses factors that are singular as they are stored", async () => {
    const job = quiet({
      calibration: await calibrationOf(loud(3)),
      store: async (name, { rows: r, cols: c }) => ({
        ...{ name, rows: r, cols: c, values: new Float32Array(r * c), recipe: "none", bits: 0 },
      }),
    });
    await expect(work.fit(params(), { rows, cols, values: w }, job)).rejects.toThrow(/singular in the format/);
  });

  it("refuses a factor that does not divide, inputs that are not known, and stops when asked", async () => {
    expect(() => planOf("flat(n=7)+int4/row", rows, cols)).toThrow(RecipeError);
    const known = await calibrationOf(loud(3));
    await expect(run("flat+int4/row", { ...known, rows: null })).rejects.toThrow(
      /flat needs whole rows of activations/,
    );
    let asked = 0;
    const stop = async () => {
      if (++asked > 40) throw new DOMException("stop", "AbortError");
    };
    await expect(run("flat+int4/row", known, stop)).rejects.toThrow("stop");
  });

  it("leaves rows that hold NaN as they are, and learns from the others", async () => {
    const holed = w.slice();
    holed[3] = Number.NaN;
    const fitted = await work.fit(
      params(),
      { rows, cols, values: holed },
      quiet({ calibration: await calibrationOf(loud(3)) }),
    );
    const moved = work.forward(fitted, { row0: 0, rows, cols, values: holed });
    expect(moved.subarray(0, cols)).toEqual(holed.subarray(0, cols));
    expect(moved.subarray(cols).every((x) => x - x === 0)).toBe(true);
  });
});
