import { describe, expect, it } from "vitest";
import { dense, transposed } from "./dense.ts";
import { product, random } from "./for-test.ts";
import { truncatedSvd } from "./truncated-svd.ts";

/** A matrix with these singular values, from two orthonormal bases. */
async function withSingular(rows: number, cols: number, values: number[]) {
  const left = (await truncatedSvd(random(rows, values.length, 1), values.length)).left;
  const { right } = await truncatedSvd(random(values.length, cols, 2), values.length);
  const scaled = dense(
    rows,
    values.length,
    left.values.map((x, i) => x * values[i % values.length]),
  );
  return product(scaled, right);
}

describe("truncated SVD", () => {
  it.each([
    [40, 25, 5],
    [25, 40, 25],
    [6, 6, 6],
    [1, 9, 3],
    [200, 150, 10],
  ])("of %i x %i at rank %i has orthonormal vectors, and nothing of rank %i is nearer", async (rows, cols, rank) => {
    const a = random(rows, cols, rows + cols);
    const { singular, left, right } = await truncatedSvd(a, rank);
    const k = Math.min(rank, rows, cols);
    expect(singular.length).toBe(k);
    for (const gram of [product(transposed(left), left), product(right, transposed(right))]) {
      gram.values.forEach((x, i) => {
        expect(Math.abs(x - (Math.floor(i / k) === i % k ? 1 : 0))).toBeLessThan(1e-10);
      });
    }
    // Eckart and Young: the error of rank k is what the singular values beyond leave, here counted from the whole energy.
    const approx = product(
      dense(
        rows,
        k,
        left.values.map((x, i) => x * singular[i % k]),
      ),
      right,
    );
    const energy = a.values.reduce((s, x) => s + x * x, 0);
    const error = a.values.reduce((s, x, i) => s + (x - approx.values[i]) ** 2, 0);
    expect(Math.abs(error + singular.reduce((s, x) => s + x * x, 0) - energy)).toBeLessThan(1e-9 * energy);
  });

  it("finds singular values that are known, close ones among them", async () => {
    const known = [10, 5, 4.999, 1, 1e-3];
    const { singular } = await truncatedSvd(await withSingular(60, 50, known), 5);
    singular.forEach((s, i) => {
      expect(Math.abs(s - known[i])).toBeLessThan(1e-9 * 10);
    });
  });

  it("of zeros is zeros", async () => {
    const { singular, left, right } = await truncatedSvd(dense(5, 7), 3);
    for (const list of [singular, left.values, right.values]) expect(list.every((x) => x === 0)).toBe(true);
  });

  it("ends when it is cancelled", async () => {
    const stop = async () => {
      throw new DOMException("cancelled", "AbortError");
    };
    await expect(truncatedSvd(random(30, 30, 3), 4, { pace: stop })).rejects.toThrow("cancelled");
  });
});
