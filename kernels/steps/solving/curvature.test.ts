import { describe, expect, it } from "vitest";
import { type Dense, dense, identity, inverse, multiply } from "../../linalg/index.ts";
import { normalValues, quantizeText } from "../../testing/matrix.ts";
import { inverseDiagonal, inverseMatrix, inverseTimes, mfacOf } from "./mfac.ts";
import { mkorInverse, rankOne } from "./mkor.ts";
import { calibrationOf, correlated, solve } from "./recipes-for-test.ts";

const pace = async () => {};
const random = (rows: number, cols: number, seed: number) =>
  dense(rows, cols, Float64Array.from(normalValues(rows * cols + 1, seed).subarray(0, rows * cols)));
const apart = (a: Dense, b: Dense) => a.values.reduce((most, v, i) => Math.max(most, Math.abs(v - b.values[i])), 0);
const largest = (a: Dense) => a.values.reduce((most, v) => Math.max(most, Math.abs(v)), 0);

describe("M-FAC", () => {
  it("is the dense solution: 7e-12 for 40 parameters, 8 gradients, lambda 1e-2", async () => {
    const g = random(8, 40, 3);
    const fisher = await multiply(g, g, { transposeA: true });
    for (let i = 0; i < fisher.values.length; i++) fisher.values[i] /= 8;
    for (let i = 0; i < 40; i++) fisher.values[i * 41] += 1e-2;
    const wanted = await inverse(fisher);
    const mfac = await mfacOf(g, 1e-2, pace);
    expect(apart(await inverseMatrix(mfac, pace), wanted) / largest(wanted)).toBeLessThan(7e-12);
    const x = random(40, 1, 4);
    const solved = await multiply(wanted, x);
    inverseTimes(mfac, x.values).forEach((v, i) => {
      expect(Math.abs(v - solved.values[i])).toBeLessThan(7e-12 * largest(solved));
    });
    inverseDiagonal(mfac).forEach((v, i) => {
      expect(v / wanted.values[i * 41]).toBeCloseTo(1, 11);
    });
  });
});

describe("MKOR", () => {
  const n = 24;
  const updates = random(60, n, 5);
  const means = Array.from({ length: 60 }, (_, k) => updates.values.subarray(k * n, (k + 1) * n));

  it("is the direct inverse to 1e-6 in float64", async () => {
    const factor = identity(n);
    const kept = identity(n);
    for (const a of means) {
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) factor.values[i * n + j] = 0.95 * factor.values[i * n + j] + 0.05 * a[i] * a[j];
      }
      rankOne(kept, a, 0.95);
    }
    const wanted = await inverse(factor);
    expect(apart(kept, wanted) / largest(wanted)).toBeLessThan(1e-6);
  });

  it("keeps its direction with factors in bfloat16: a cosine above 0.999", async () => {
    const options = { gamma: 0.99, most: 1e3, blend: 0.9 };
    const [left, right] = await Promise.all(
      [means, means.toReversed()].map(async (own) => (await mkorInverse(own, n, 1, options, pace)).inverse),
    );
    const rounded = async ({ values }: Dense) => {
      const found = await quantizeText("bf16", Float32Array.from(values), n, n);
      return dense(n, n, Float64Array.from((await found.rows(0, n)).result));
    };
    const gradient = random(n, n, 6);
    const direction = async (l: Dense, r: Dense) => (await multiply(await multiply(l, gradient), r)).values;
    const [a, b] = [await direction(left, right), await direction(await rounded(left), await rounded(right))];
    const dot = (p: Float64Array, q: Float64Array) => p.reduce((sum, v, i) => sum + v * q[i], 0);
    const cosine = dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
    expect(cosine).toBeGreaterThan(0.999);
    expect(cosine).toBeLessThan(1);
  });

  it("is blended with the identity where it grows large", async () => {
    const zeros = Array.from({ length: 40 }, () => new Float64Array(n));
    const { inverse: kept, blended } = await mkorInverse(zeros, n, 1, { gamma: 0.5, most: 100, blend: 0.5 }, pace);
    expect(blended).toBeGreaterThan(0);
    expect(largest(kept)).toBeLessThanOrEqual(100);
  });
});

describe("gptq by another curvature", () => {
  const [rows, cols] = [16, 48];
  const w = normalValues(rows * cols, 7);
  const known = calibrationOf(correlated(200, cols, 4), cols);
  const of = (recipe: string) => solve(recipe, w, cols, known);

  it("is by M-FAC's of all tokens what it is by their Gram matrix", async () => {
    const [gram, mfac] = [await of("gptq+int4/16"), await of("gptq(hessian=mfac)+int4/16")];
    expect(mfac.codes).toEqual(gram.codes);
    expect(mfac.report.notes.join()).toMatch(/M-FAC's, of 200 tokens/);
    const [ordered, also] = [await of("gptq(order=gram)+int4/16"), await of("gptq(order=gram,hessian=mfac)+int4/16")];
    expect(also.codes).toEqual(ordered.codes);
  });

  it("is by MKOR's better than nearest, and worse than by all of the Gram matrix", async () => {
    const nmse = async (recipe: string) => (await of(recipe)).report.metrics.outputNmse!;
    const mkor = await nmse("gptq(hessian=mkor)+int4/16");
    expect(mkor).toBeLessThan(0.8 * (await nmse("int4/16")));
    expect(mkor).toBeGreaterThan(await nmse("gptq+int4/16"));
  });

  it("asks for tokens, and for damping above zero", async () => {
    const without = solve("gptq(hessian=mkor)+int4/16", w, cols, { ...known, rows: null });
    await expect(without).rejects.toThrow(/gptq needs whole rows of activations/);
    await expect(of("gptq(0,hessian=mfac)+int4/16")).rejects.toThrow(/divides by damp/);
  });
});
