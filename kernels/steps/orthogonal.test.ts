import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyTransforms } from "../backends/transforms.ts";
import { normalValues, planOf } from "../testing/matrix.ts";
import { dctMatrix } from "./dct/cosine.ts";
import { dstMatrix } from "./dst/sine.ts";
import { randomOrthogonal } from "./orth/random.ts";

const MATRICES: Record<string, (n: number) => Float64Array> = {
  dct: dctMatrix,
  dst: dstMatrix,
  orth: (n) => randomOrthogonal(n, 7, 256),
};

describe.each(Object.keys(MATRICES))("%s", (name) => {
  it.each([2, 3, 8, 12, 100])("of order %i has orthonormal rows", (n) => {
    const c = MATRICES[name](n);
    for (let a = 0; a < n; a++) {
      for (let b = 0; b < n; b++) {
        let dot = 0;
        for (let j = 0; j < n; j++) dot += c[a * n + j] * c[b * n + j];
        expect(Math.abs(dot - (a === b ? 1 : 0))).toBeLessThan(1e-13);
      }
    }
  });

  it("comes back to a millionth of the largest value of the block", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (seed) => {
        const [rows, cols] = [3, 32];
        const x = normalValues(rows * cols, seed);
        const plan = planOf(`${name}(16)+f32`, rows, cols);
        const y = applyTransforms(plan, x, rows);
        for (let b = 0; b < rows * cols; b += 16) plan.transforms[0].inverse(y, b, 16, b % cols);
        const amax = x.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
        y.forEach((v, i) => {
          expect(Math.abs(v - x[i])).toBeLessThan(1e-6 * amax);
        });
      }),
      { numRuns: 30 },
    );
  });
});

describe("the sine transform", () => {
  it("has sines as near as an engine's", () => {
    for (const n of [2, 5, 64]) {
      dstMatrix(n).forEach((value, i) => {
        const m = (Math.floor(i / n) + 1) * ((i % n) + 1);
        expect(Math.abs(value - Math.sqrt(2 / (n + 1)) * Math.sin((Math.PI * m) / (n + 1)))).toBeLessThan(1e-13);
      });
    }
  });
});

describe("a random rotation", () => {
  it("differs by seed and by its place in the recipe, and is the same for the same", () => {
    const q = randomOrthogonal(16, 1, 256);
    expect(randomOrthogonal(16, 1, 256)).toEqual(q);
    expect(randomOrthogonal(16, 2, 256)).not.toEqual(q);
    expect(randomOrthogonal(16, 1, 257)).not.toEqual(q);
  });

  it("has entries of Haar's spread: squares of mean 1/n and of fourth moments 3/(n(n+2))", () => {
    const n = 24;
    let [squares, fourths, sum, count] = [0, 0, 0, 0];
    for (let seed = 0; seed < 60; seed++) {
      for (const value of randomOrthogonal(n, seed, 256)) {
        squares += value ** 2;
        fourths += value ** 4;
        sum += value;
        count++;
      }
    }
    expect(squares / count).toBeCloseTo(1 / n, 10);
    expect(fourths / count).toBeCloseTo(3 / (n * (n + 2)), 4);
    expect(Math.abs(sum / count)).toBeLessThan(0.004);
  });
});
