import { expect, test } from "vitest";
import { formatBytes } from "../bytes/format-bytes.ts";
import { summarize } from "./summary.ts";
import { memoryTensor } from "./tensor.ts";

const tensor = (values: Float32Array) =>
  memoryTensor(
    { name: "t", dtype: "F32", shape: [values.length], elements: values.length, view: { split: 0, transpose: false } },
    values,
  );
const nothing = async () => {};

test("statistics of a few values, NaN and Inf left out", async () => {
  const summary = await summarize(tensor(Float32Array.of(1, -3, 0, NaN, 2, Infinity, 0)), nothing);
  expect(summary).toMatchObject({ elements: 7, amax: 3, min: -3, max: 2, mean: 0, nonFinite: 2, zeros: 2 });
  expect(summary.std).toBeCloseTo(Math.sqrt(14 / 5), 14);
  expect(summary.kurtosis).toBeCloseTo(98 / 5 / (14 / 5) ** 2, 14);
  expect(summary.sketch).toHaveLength(24);
  expect(summary.sketch.reduce((a, b) => a + b)).toBe(5);
});

test("constant, all-NaN and far-from-zero tensors", async () => {
  expect(await summarize(tensor(new Float32Array(9).fill(5)), nothing)).toMatchObject({
    mean: 5,
    std: 0,
    kurtosis: null,
  });
  expect(await summarize(tensor(new Float32Array(9).fill(NaN)), nothing)).toMatchObject({
    amax: 0,
    mean: NaN,
    std: NaN,
    kurtosis: null,
    nonFinite: 9,
  });
  const far = await summarize(tensor(Float32Array.from({ length: 2 ** 20 }, (_, i) => 2 ** 23 + (i % 2))), nothing);
  expect(far.mean).toBe(2 ** 23 + 0.5);
  expect(far.std).toBeCloseTo(0.5, 12);
  expect(far.kurtosis).toBeCloseTo(1, 12);
});

test("it can be cancelled between pieces and reports how far it is", async () => {
  const seen: number[] = [];
  const cancel = async (done: number) => {
    seen.push(done);
    if (done > 2 ** 20) throw new DOMException("", "AbortError");
  };
  await expect(summarize(tensor(new Float32Array(2 ** 20)), cancel)).rejects.toThrow(
    expect.objectContaining({ name: "AbortError" }),
  );
  expect(seen).toEqual([0, 1, 2, 3, 4, 5].map((n) => n * 2 ** 18));
});

test("byte counts for people", () => {
  expect([0, 999, 1000, 9949, 9950, 999_499, 999_500, 1.5e9, 4e10].map(formatBytes)).toEqual([
    "0 bytes",
    "999 bytes",
    "1.0 kB",
    "9.9 kB",
    "10 kB",
    "999 kB",
    "1.0 MB",
    "1.5 GB",
    "40 GB",
  ]);
});
