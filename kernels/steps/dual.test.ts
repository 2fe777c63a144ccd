import { describe, expect, it } from "vitest";
import type { Dual } from "../calibration/dual.ts";
import { normalValues, planOf } from "../testing/matrix.ts";

const apply = (dual: Dual, x: Float64Array, cols: number): Float64Array => {
  if (dual.kind !== "rows") throw new Error("a streamed transform works on rows");
  const out = x.slice();
  for (let at = 0; at < x.length; at += cols) dual.apply(out, at, cols, 0);
  return out;
};

describe.each(["ht(64)", "ht(20)", "ht(24)", "rht(16,seed=3)", "rht(40,seed=1)", "dct(8)"])("%s", (step) => {
  it("leaves x W^T as it is where inputs go through its dual", () => {
    const cols = step.includes("24") ? 72 : step.includes("0") ? 80 : 64;
    const [rows, tokens] = [3, 5];
    const { transforms } = planOf(`${step}+f32`, rows, cols);
    const [w, x] = [normalValues(rows * cols, 1), Float64Array.from(normalValues(tokens * cols, 2))];
    const turned = w.slice();
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < cols; c += transforms[0].block) {
        transforms[0].forward(turned, r * cols + c, transforms[0].block, c);
      }
    }
    const along = apply(transforms[0].dual!, x, cols);
    for (let t = 0; t < tokens; t++) {
      for (let r = 0; r < rows; r++) {
        const product = (a: Float32Array, b: Float64Array) => {
          let sum = 0;
          for (let c = 0; c < cols; c++) sum += a[r * cols + c] * b[t * cols + c];
          return sum;
        };
        expect(Math.abs(product(turned, along) - product(w, x))).toBeLessThan(1e-4);
      }
    }
    expect(along).not.toEqual(x);
  });
});
