import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Quantized } from "../../../kernels/engine/types.ts";
import { prepareRecipe, quantizeMatrix, referenceBackend } from "../../../kernels/index.ts";
import type { MatrixSource } from "../../../kernels/matrix/source.ts";
import { parseRecipe } from "../../../kernels/notation/index.ts";
import { histogram } from "../histogram/histogram.ts";
import { readWindow } from "./window.ts";

const unpaced = async () => {};

function matrixOf(rows: number, cols: number, values: Float32Array): MatrixSource {
  return {
    ...{ name: "m", shape: [rows, cols], view: { split: 1, transpose: false }, rows, cols, notes: [] },
    read: async (row0, row1) => values.subarray(row0 * cols, row1 * cols),
  };
}

const wave = (rows: number, cols: number) =>
  Float32Array.from({ length: rows * cols }, (_, i) => Math.sin(i * 0.7) * (1 + (i % 13)));

async function quantized(recipe: string, rows: number, cols: number, values = wave(rows, cols)): Promise<Quantized> {
  const plan = prepareRecipe(parseRecipe(recipe), [], rows, cols);
  const options = { backend: referenceBackend, checkpoint: unpaced, now: () => 0 };
  return quantizeMatrix(matrixOf(rows, cols, values), plan, options);
}

/** Root mean square of the errors in rows [r0, r1) and columns [c0, c1), walked one by one. */
async function rmsOf(q: Quantized, r0: number, r1: number, c0: number, c1: number): Promise<number> {
  const { input, result } = await q.rows(r0, r1);
  let sum = 0;
  for (let r = 0; r < r1 - r0; r++) {
    for (let c = c0; c < c1; c++) sum += Math.fround(input[r * q.plan.cols + c] - result[r * q.plan.cols + c]) ** 2;
  }
  return Math.sqrt(sum / ((r1 - r0) * (c1 - c0)));
}

describe("a window of elements", () => {
  it("gives signed errors, codes and values where the cells suffice", async () => {
    const q = await quantized("int4/8:f16", 20, 30);
    const region = { row0: 3, row1: 7, col0: 5, col1: 12, outRows: 100, outCols: 100 };
    const reply = await readWindow(q, region, unpaced);
    expect(reply).toMatchObject({ elements: true, outRows: 4, outCols: 7, row0: 3, col1: 12 });
    const { input, result, codes } = await q.rows(3, 7);
    for (let r = 0; r < 4; r++) {
      for (let c = 0; c < 7; c++) {
        const from = r * 30 + 5 + c;
        const error = Math.fround(input[from] - result[from]);
        expect(reply.values![r * 7 + c]).toBe(input[from]);
        expect(reply.signed![0][r * 7 + c]).toBe(error);
        expect(reply.rms[0][r * 7 + c]).toBe(Math.abs(error));
        expect(reply.codes![0]![r * 7 + c]).toBe(codes![from]);
      }
    }
    const one = await q.inspect(4, 6);
    expect(one.error).toBe(reply.signed![0][7 + 1]);
    expect(one.code).toBe(reply.codes![0]![7 + 1]);
  });

  it("has no codes for float32 itself", async () => {
    const q = await quantized("f32", 4, 4);
    const reply = await readWindow(q, { row0: 0, row1: 4, col0: 0, col1: 4, outRows: 4, outCols: 4 }, unpaced);
    expect(reply.codes).toEqual([null]);
    expect([...reply.rms[0]]).toEqual(new Array(16).fill(0));
  });
});

describe("a window of cells", () => {
  it("has in each cell the root mean square of its elements' errors", async () => {
    const q = await quantized("int3/16", 64, 96);
    const reply = await readWindow(q, { row0: 8, row1: 56, col0: 16, col1: 80, outRows: 12, outCols: 8 }, unpaced);
    expect(reply).toMatchObject({ elements: false, outRows: 12, outCols: 8, signed: null, codes: null, values: null });
    for (const [i, j] of [
      [0, 0],
      [5, 3],
      [11, 7],
    ]) {
      const expected = await rmsOf(q, 8 + i * 4, 12 + i * 4, 16 + j * 8, 24 + j * 8);
      expect(reply.rms[0][i * 8 + j]).toBeCloseTo(expected, 6);
    }
  });

  it("covers every element once, whatever the sizes", async () => {
    const q = await quantized("int3/16", 23, 41);
    const whole = await rmsOf(q, 0, 23, 0, 41);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 50 }), async (outRows, outCols) => {
        const region = { row0: 0, row1: 23, col0: 0, col1: 41, outRows, outCols };
        const reply = await readWindow(q, region, unpaced);
        const counts = new Float64Array(reply.outRows * reply.outCols);
        for (let r = 0; r < 23; r++) {
          for (let c = 0; c < 41; c++) {
            counts[Math.floor((r * reply.outRows) / 23) * reply.outCols + Math.floor((c * reply.outCols) / 41)]++;
          }
        }
        const sum = reply.rms[0].reduce((total, rms, i) => total + rms * rms * counts[i], 0);
        expect(Math.sqrt(sum / (23 * 41))).toBeCloseTo(whole, 5);
      }),
      { numRuns: 40 },
    );
  });

  it("leaves out elements that are not finite, and marks cells that have no others", async () => {
    const values = wave(8, 8);
    values.fill(Number.NaN, 0, 4);
    values.fill(Number.POSITIVE_INFINITY, 8, 10);
    const q = await quantized("int4/8", 8, 8, values);
    const reply = await readWindow(q, { row0: 0, row1: 8, col0: 0, col1: 8, outRows: 4, outCols: 4 }, unpaced);
    expect(reply.rms[0][0]).toBeNaN();
    expect(reply.rms[0].slice(4).every(Number.isFinite)).toBe(true);
  });

  it("takes the whole of a large matrix from the report's map", async () => {
    const q = await quantized("int4/64", 2304, 2048);
    const region = { row0: 0, row1: 2304, col0: 0, col1: 2048, outRows: 128, outCols: 128 };
    const walked = { ...q, rows: () => Promise.reject(new Error("walked")) };
    const reply = await readWindow(walked, region, unpaced);
    const expected = await rmsOf(q, 0, 18, 0, 16);
    expect(reply.rms[0][0]).toBeCloseTo(expected, 5);
    // A part for which the map is too coarse is walked.
    await expect(readWindow(walked, { ...region, col1: 300, outCols: 300 }, unpaced)).rejects.toThrow("walked");
  });

  it("refuses a window that is not inside the matrix", async () => {
    const q = await quantized("int4/8", 8, 8);
    const region = { row0: 2, row1: 9, col0: 0, col1: 8, outRows: 4, outCols: 4 };
    await expect(readWindow(q, region, unpaced)).rejects.toThrow(
      "The window of rows 2 to 9 and columns 0 to 8 does not lie in the 8 x 8 matrix.",
    );
  });
});

describe("a histogram of the values", () => {
  it("counts each value in the bin that holds it", async () => {
    const finite = fc.float({ noNaN: true, min: -8, max: 8 });
    const range = fc.tuple(finite, finite).filter(([a, b]) => b - a > 1e-3);
    await fc.assert(
      fc.asyncProperty(
        fc.array(finite, { minLength: 1, maxLength: 200 }),
        range,
        fc.integer({ min: 1, max: 64 }),
        async (list, [lo, hi], bins) => {
          const values = Float32Array.from(list);
          const h = await histogram(matrixOf(1, values.length, values), lo, hi, bins, unpaced);
          expect(h.counts.length).toBeLessThanOrEqual(bins + 1);
          expect(h.lo).toBeLessThanOrEqual(lo);
          expect(h.hi).toBeGreaterThanOrEqual(hi);
          const width = (h.hi - h.lo) / h.counts.length;
          h.counts.forEach((count, i) => {
            const [from, to] = [h.lo + i * width, h.lo + (i + 1) * width];
            expect(count).toBe(list.filter((x) => x >= from && x < to).length);
          });
          expect(h.below).toBe(list.filter((x) => x < h.lo).length);
          expect(h.above).toBe(list.filter((x) => x >= h.hi).length);
        },
      ),
    );
  });

  it("leaves out what is not finite and refuses an empty range", async () => {
    const source = matrixOf(1, 4, Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY, 0.5, -0.5));
    expect(await histogram(source, -1, 1, 2, unpaced)).toEqual({
      lo: -1,
      hi: 1,
      counts: Uint32Array.of(1, 1),
      below: 0,
      above: 0,
    });
    await expect(histogram(source, 1, 1, 4, unpaced)).rejects.toThrow(
      "A histogram needs a range and bins; from 1 to 1 with 4 bins is none.",
    );
  });
});
