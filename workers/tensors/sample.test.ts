import fc from "fast-check";
import { expect, test } from "vitest";
import type { MatrixSource } from "../../kernels/matrix/source.ts";
import { sampleRows } from "./sample.ts";

/** Every value is the number of its row. */
function numbered(rows: number, cols: number): MatrixSource {
  return {
    name: "t",
    shape: [rows, cols],
    view: { split: 1, transpose: false },
    rows,
    cols,
    notes: ["as it is"],
    read: async (row0, row1) =>
      Float32Array.from({ length: (row1 - row0) * cols }, (_, i) => row0 + Math.floor(i / cols)),
  };
}

test("a small matrix is its own sample", () => {
  const matrix = numbered(300, 4);
  expect(sampleRows(matrix, 1200)).toBe(matrix);
  expect(sampleRows(numbered(100, 1000), 5)).toMatchObject({ rows: 100 });
});

test("tiles run from the first to the last, and say so", async () => {
  const sample = sampleRows(numbered(10_000, 3), 3 * 128 * 3);
  expect([sample.rows, sample.cols, sample.shape]).toEqual([384, 3, [384, 3]]);
  expect(sample.notes).toEqual(["as it is", "figures are of 384 of 10,000 rows: 3 tiles of 128, spread evenly"]);
  const rows = Array.from(await sample.read(0, 384)).filter((_, i) => i % 3 === 0);
  expect([rows[0], rows[127], rows[128], rows[256], rows[383]]).toEqual([0, 127, 4992, 9856, 9983]);
});

test("any rows of a sample are those of the whole sample, each taken once", () =>
  fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 129, max: 3000 }),
      fc.integer({ min: 1, max: 4 }),
      fc.nat(12_000),
      fc.nat(),
      fc.nat(),
      async (rows, cols, elements, a, b) => {
        const sample = sampleRows(numbered(rows, cols), elements);
        const whole = await sample.read(0, sample.rows);
        const [from, to] = [a % (sample.rows + 1), b % (sample.rows + 1)].sort((x, y) => x - y);
        expect(await sample.read(from, to)).toEqual(whole.slice(from * cols, to * cols));
        const taken = Array.from(whole).filter((_, i) => i % cols === 0);
        expect(taken.every((row, i) => row < rows && (i === 0 || row > taken[i - 1]))).toBe(true);
      },
    ),
    { numRuns: 60 },
  ));
