import { expect, test } from "vitest";
import { matrixOf } from "../../kernels/testing/matrix.ts";
import { sampleRows } from "../tensors/sample.ts";
import { openGiven } from "./given.ts";
import type { Target } from "./target.ts";

const [rows, cols, heads] = [4096, 2, 8];
const values = Float32Array.from({ length: rows * cols }, (_, i) => i);
/** Row i of a head in halves is row 2i of it in pairs, or 2 (i - half) + 1. */
const size = rows / heads;
const inHalves = Float32Array.from(values, (_, at) => {
  const row = Math.floor(at / cols);
  const i = row % size;
  const own = row - i + (i < size / 2 ? 2 * i : 2 * (i - size / 2) + 1);
  return values[own * cols + (at % cols)];
});
const open = async ({ sample }: Target) => {
  const whole = matrixOf(values, rows, cols);
  return sample === undefined ? whole : sampleRows(whole, sample);
};
const target = (sample?: number): Target => ({
  ...{ source: "a", tensor: "q", view: { split: 1, transpose: false } },
  given: [
    {
      ...{ source: "b", tensor: "attn_q", view: { split: 1, transpose: false }, bitsPerWeight: 4, what: "given" },
      rows: { heads, from: "pairs" },
    },
  ],
  ...(sample !== undefined && { sample }),
});

test("rows of heads are put back before a sample of them is taken", async () => {
  const [whole] = await openGiven(target(), open);
  expect(await whole!.matrix.read(0, rows)).toEqual(inHalves);
  const [part] = await openGiven(target(1024), open);
  const expected = sampleRows(matrixOf(inHalves, rows, cols), 1024);
  expect(expected.rows).toBeLessThan(rows);
  expect(await part!.matrix.read(0, part!.matrix.rows)).toEqual(await expected.read(0, expected.rows));
});
