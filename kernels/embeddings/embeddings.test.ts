import { describe, expect, it } from "vitest";
import { normalValues, quantizeText } from "../testing/matrix.ts";
import { measureRetrieval, principal, type RetrievalOptions, type Vectors } from "./index.ts";

const held = (values: Float32Array, cols: number): Vectors => ({
  rows: values.length / cols,
  cols,
  read: async (from, to) => values.slice(from * cols, to * cols),
});

const [rows, cols] = [600, 64];
/** Clusters whose spectrum falls off, as embeddings have. */
const table = (() => {
  const [centres, noise] = [normalValues(40 * cols, 5), normalValues(rows * cols, 6)];
  return noise.map((x, i) => {
    const [row, col] = [Math.floor(i / cols), i % cols];
    return (centres[(row % 40) * cols + col] + 0.8 * x) * (1 + col) ** -0.5;
  });
})();
const through = async (text: string, values = table, width = cols) =>
  held(
    (await (await quantizeText(text, values, values.length / width, width)).rows(0, values.length / width)).result,
    width,
  );

const options: RetrievalOptions = { by: "cosine", k: [1, 10], queries: 100, seed: 1, quantizedQueries: true };
const recallOf = async (quantized: Vectors, more: Partial<RetrievalOptions> = {}) =>
  (await measureRetrieval(held(table, cols), quantized, { ...options, ...more })).recall;

it("finds every neighbour in the table as it is, by any nearness", async () => {
  for (const by of ["cosine", "dot", "distance"] as const) {
    const found = await measureRetrieval(held(table, cols), held(table, cols), { ...options, by });
    expect(found.recall.map(({ mean }) => mean)).toEqual([1, 1]);
    expect(found.rankCorrelation).toBeCloseTo(1, 12);
  }
});

it("is what sorting every pair gives", async () => {
  const quantized = await through("int3/row");
  const [found] = await recallOf(quantized, { k: [5], by: "distance", queries: rows });
  const after = await quantized.read(0, rows);
  const order = (values: Float32Array, q: number) =>
    Array.from({ length: rows }, (_, i) => {
      let sum = 0;
      for (let c = 0; c < cols; c++) sum += (values[i * cols + c] - values[q * cols + c]) ** 2;
      return { i, sum };
    })
      .filter(({ i }) => i !== q)
      .sort((a, b) => a.sum - b.sum)
      .slice(0, 5)
      .map(({ i }) => i);
  let shared = 0;
  for (let q = 0; q < rows; q++) {
    const now = new Set(order(after, q));
    shared += order(table, q).filter((i) => now.has(i)).length;
  }
  expect(found.mean).toBeCloseTo(shared / rows / 5, 9);
});

it("orders formats as their errors do, and tells raw 8-bit codes from what they stand for", async () => {
  const [, e4m3] = await recallOf(await through("e4m3"));
  const [, e5m2] = await recallOf(await through("e5m2"));
  expect(e4m3.mean).toBeGreaterThan(e5m2.mean);
  expect(e4m3.standardError).toBeGreaterThan(0);
  const quantized = await quantizeText("int8(asym)/col", table, rows, cols);
  const { result, codes } = await quantized.rows(0, rows);
  const [, stood] = await recallOf(held(result, cols));
  const [, raw] = await recallOf(held(Float32Array.from(codes!), cols));
  expect(stood.mean).toBeGreaterThan(0.97);
  expect(raw.mean).toBeLessThan(0.8);
});

it("keeps the strongest components: all of them lose nothing but the mean, few hold the larger share", async () => {
  const whole = await principal(held(table, cols), cols);
  expect(whole.share).toBeCloseTo(1, 9);
  const [, all] = await recallOf(held(whole.values, cols), { by: "distance" });
  expect(all.mean).toBeGreaterThan(0.999);
  const half = await principal(held(table, cols), cols / 2);
  expect(half.share).toBeGreaterThan(0.8);
  const [, fewer] = await recallOf(held(half.values, cols / 2), { by: "distance" });
  const [, both] = await recallOf(await through("e4m3/row", half.values, cols / 2), { by: "distance" });
  expect(fewer.mean).toBeLessThan(1);
  expect(both.mean).toBeLessThanOrEqual(fewer.mean + 0.01);
  await expect(principal(held(table, cols), 0)).rejects.toThrow("0 of 64 components cannot be kept");
});

describe("what cannot be compared", () => {
  it("is left out and counted: vectors without a direction, or not finite", async () => {
    const broken = table.slice();
    broken.fill(0, 0, cols);
    broken[cols] = Number.NaN;
    const { leftOut, recall } = await measureRetrieval(held(broken, cols), held(broken, cols), options);
    expect(leftOut).toBe(2);
    expect(recall[0].mean).toBe(1);
  });
  it("is said where too few vectors are left", async () => {
    await expect(recallOf(await through("int4/row"), { k: [600] })).rejects.toThrow(
      "600 neighbours are asked for, and 600 vectors of 600 can be compared",
    );
  });
});
