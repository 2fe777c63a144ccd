import { describe, expect, it } from "vitest";
import { matrixOf, normalValues, planOf, quantizeText } from "../testing/matrix.ts";
import { enteringRange, enteringSource } from "./entering.ts";

const unpaced = async () => {};

describe("the values that enter a quantizer", () => {
  it("are those that the inspector spells out, element by element", async () => {
    const [rows, cols] = [6, 64];
    const values = normalValues(rows * cols);
    values[70] = Number.NaN;
    for (const text of ["rht(32,seed=7)+int4/32", "ht(16)+rht(64,seed=1)+nvfp4", "int4/32"]) {
      const plan = planOf(text, rows, cols);
      const entering = await enteringSource(matrixOf(values, rows, cols), plan).read(0, rows);
      const quantized = await quantizeText(text, values, rows, cols);
      for (const [row, col] of [
        [0, 0],
        [1, 5],
        [1, 6],
        [3, 40],
        [5, 63],
      ]) {
        expect(entering[row * cols + col]).toBe((await quantized.inspect(row, col)).input);
      }
      expect(Number.isNaN(entering[70])).toBe(true);
    }
  });

  it("is the matrix itself where no step stands before the quantizer", () => {
    const source = matrixOf(normalValues(8), 2, 4);
    expect(enteringSource(source, planOf("int4/4", 2, 4))).toBe(source);
  });

  it("have a range of powers of two that holds them, known from a run or not", async () => {
    const values = Float32Array.from({ length: 16 }, () => 1);
    const plan = planOf("ht(16)+int4/16", 1, 16);
    const source = matrixOf(values, 1, 16);
    // All of it in one value of 4.
    expect(await enteringRange(source, plan, unpaced)).toEqual({ lo: -8, hi: 8, bins: 512 });
    expect(await enteringRange(matrixOf(new Float32Array(16), 1, 16), plan, unpaced)).toMatchObject({ lo: -1, hi: 1 });
  });
});
