import { describe, expect, it } from "vitest";
import { applyTransforms, invertTransforms } from "../backends/transforms.ts";
import { matrixOf, normalValues, planOf, quantizeText } from "../testing/matrix.ts";
import { hadamard, paleyMatrix } from "./hadamard.ts";

const energy = (x: Float32Array) => x.reduce((s, v) => s + v * v, 0);
const sizes = [2, 4, 8, 12, 16, 20, 24, 32, 40, 48, 64, 80, 96, 128, 160, 256, 320, 384];
const both = sizes.flatMap((n) => [
  { n, step: `ht(${n})`, random: null },
  { n, step: `rht(${n},seed=5)`, random: { seed: 5, stream: 256 } },
]);

describe("Paley's matrices", () => {
  it.each([12, 20])("of order %i have orthogonal rows of +-1", (n) => {
    const h = paleyMatrix(n);
    expect(new Set(h)).toEqual(new Set([-1, 1]));
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        let dot = 0;
        for (let k = 0; k < n; k++) dot += h[i * n + k] * h[j * n + k];
        expect(dot).toBe(i === j ? n : 0);
      }
    }
  });
});

describe("a Hadamard rotation", () => {
  it.each(both)("$step is an orthogonal matrix of equal magnitudes", ({ n, random }) => {
    const t = hadamard("ht", n, n, random);
    const rows: Float32Array[] = [];
    for (let i = 0; i < n; i++) {
      const e = new Float32Array(n);
      e[i] = 1;
      t.forward(e, 0, n, 0);
      expect(e.every((v) => Math.abs(v) === Math.fround(1 / Math.sqrt(n)))).toBe(true);
      rows.push(e);
    }
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        const dot = rows[i].reduce((s, v, k) => s + v * rows[j][k], 0);
        expect(Math.abs(dot - (i === j ? 1 : 0))).toBeLessThan(1e-6);
      }
    }
  });

  it.each(both)("$step keeps the energy, and its inverse gives the input back", ({ n, random }) => {
    const x = normalValues(3 * n, n);
    const t = hadamard("ht", n, 3 * n, random);
    const y = x.slice();
    for (let b = 0; b < 3; b++) t.forward(y, b * n, n, b * n);
    expect(energy(y) / energy(x)).toBeCloseTo(1, 5);
    expect(y).not.toEqual(x);
    for (let b = 0; b < 3; b++) t.inverse(y, b * n, n, b * n);
    y.forEach((v, i) => {
      expect(Math.abs(v - x[i])).toBeLessThan(4e-6);
    });
  });

  it("of a power of two is in Sylvester's order", () => {
    const t = hadamard("ht", 8, 8, null);
    for (let j = 0; j < 8; j++) {
      const e = new Float32Array(8);
      e[j] = 1;
      t.forward(e, 0, 8, 0);
      const parity = (a: number) => a.toString(2).replaceAll("0", "").length % 2;
      e.forEach((v, i) => {
        expect(Math.sign(v)).toBe(parity(i & j) ? -1 : 1);
      });
    }
  });

  it("has signs of its own for each seed, each place among the steps and each column", () => {
    const image = (recipe: string) => {
      const plan = planOf(recipe, 1, 128);
      return Array.from(applyTransforms(plan, new Float32Array(128).fill(1), 1));
    };
    const one = image("rht(64,seed=1)+f32");
    expect(image("rht(64,seed=1)+f32")).toEqual(one);
    expect(image("rht(64,seed=2)+f32")).not.toEqual(one);
    expect(one.slice(64)).not.toEqual(one.slice(0, 64));
    // The second of two equal steps does not undo the first.
    const twice = image("rht(64,seed=1)+rht(64,seed=1)+f32");
    expect(twice.some((v) => Math.abs(v - 1) > 0.1)).toBe(true);
  });

  it.each([
    ["ht(48)+int4/16", 100, "ht(48) does not divide the rows of 100 elements; 4 does"],
    ["rht(128,seed=1)+int4/16", 192, "rht(128) does not divide the rows of 192 elements; 64 does"],
    ["ht(2)+int4/16", 9, "ht(2) does not divide the rows of 9 elements"],
    ["ht(256)+int4/16", 128, "ht(256) does not divide the rows of 128 elements; 128 does"],
    ["ht(36)+int4/16", 72, "ht(36): a block is a power of two times 1, 12 or 20; 8 does"],
    ["ht(7)+int4/16", 14, "ht(7): a block is a power of two times 1, 12 or 20; 2 does"],
  ])("%s on rows of %i is refused", (recipe, cols, message) => {
    expect(() => planOf(recipe, 2, cols)).toThrow(expect.objectContaining({ name: "RecipeError", message }));
  });

  it("leaves out blocks that hold NaN or Inf, and only those", () => {
    const x = normalValues(64);
    x[3] = Number.NaN;
    x[40] = -Infinity;
    const plan = planOf("ht(8)+rht(16,seed=1)+f32", 1, 64);
    const y = applyTransforms(plan, x, 1);
    const whole = (from: number, to: number) => Array.from(x.subarray(from, to));
    expect(Array.from(y.subarray(0, 8))).toEqual(whole(0, 8));
    expect(Array.from(y.subarray(40, 48))).toEqual(whole(40, 48));
    // Their neighbours in the wider second rotation are turned by the first alone.
    expect(Array.from(y.subarray(8, 16))).not.toEqual(whole(8, 16));
    const back = invertTransforms(plan, { row0: 0, rows: 1, cols: 64, original: x, input: y }, y.slice());
    back.forEach((v, i) => {
      if (Number.isFinite(x[i])) expect(Math.abs(v - x[i])).toBeLessThan(1e-5);
      else expect(v).toBe(x[i]);
    });
  });

  it("counts the results of a block whose sums overflow as not finite", async () => {
    const x = normalValues(32);
    x.fill(3e38, 0, 16);
    const { report, rows } = await quantizeText("ht(16)+f32", x, 1, 32);
    expect((await rows(0, 1)).result.subarray(0, 16).every((v) => !Number.isFinite(v))).toBe(true);
    expect(report.notes).toEqual([
      "broken: 16 results are not finite where their values were; the other figures leave them out, so nothing can be compared with them",
    ]);
    expect([report.metrics.nonFinite, report.metrics.broken]).toEqual([0, 16]);
    expect(report.metrics.maxAbs).toBeLessThan(1e-6);
  });

  it("gives the same rows for any tiling", async () => {
    const x = normalValues(7 * 96);
    const whole = await quantizeText("rht(32,seed=3)+int4/16", x, 7, 96);
    const byRow = await quantizeText("rht(32,seed=3)+int4/16", x, 7, 96, 1);
    expect(byRow.scales).toEqual(whole.scales);
    expect((await byRow.rows(2, 6)).result).toEqual((await whole.rows(0, 7)).result.slice(2 * 96, 6 * 96));
  });

  it("lessens the error where a few values are large", async () => {
    const x = normalValues(16 * 256);
    for (let i = 0; i < x.length; i += 64) x[i] *= 30;
    const source = matrixOf(x, 16, 256);
    const plain = await quantizeText("int4/128", await source.read(0, 16), 16, 256);
    const turned = await quantizeText("rht(128,seed=1)+int4/128", x, 16, 256);
    expect(turned.report.metrics.sqnrDb!).toBeGreaterThan(plain.report.metrics.sqnrDb! + 3);
  });
});
