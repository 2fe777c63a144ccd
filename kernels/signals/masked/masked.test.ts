import { describe, expect, test } from "vitest";
import { normalDraw } from "../../random/normal.ts";
import { spearman } from "../rank.ts";
import { maskedTerms, SHARE, work } from "./work.ts";

/** A layer and what rounding to a step leaves of it. */
function layer(seed: number, rows: number, cols: number, step: number) {
  const values = Float32Array.from({ length: rows * cols }, (_, i) => normalDraw(seed, 0, i));
  return { row0: 0, rows, cols, values, results: values.map((x) => Math.round(x / step) * step) };
}
const total = (terms: Float64Array): number => terms.reduce((a, b) => a + b, 0);

describe("masked sensitivity", () => {
  test("expects the share of the full error: over the share, that of all values", () => {
    const rows = layer(3, 200, 64, 0.5);
    const squares = rows.values.reduce((sum, x, i) => sum + (x - rows.results[i]) ** 2, 0);
    // Each mask's error is 64 tokens' by 200 rows: relative deviation 1.6 % a seed, 0.3 % of 32 together.
    const masked = Array.from({ length: 32 }, (_, seed) => total(maskedTerms(rows, { seed }).error));
    const mean = total(Float64Array.from(masked)) / masked.length;
    expect(mean / squares).toBeGreaterThan(0.985);
    expect(mean / squares).toBeLessThan(1.015);
    const full = Array.from({ length: 32 }, (_, seed) => total(maskedTerms(rows, { seed, share: 1 }).error));
    expect(mean / (total(Float64Array.from(full)) / full.length)).toBeCloseTo(1, 1);
  });

  test("orders 24 layers as the full error does, with 0.9 or more", async () => {
    const layers = Array.from({ length: 24 }, (_, i) => layer(i, 24, 32, 0.2 * 1.06 ** i));
    const masked = layers.map((one) => total(maskedTerms(one).error));
    const full = layers.map((one) => total(maskedTerms(one, { share: 1 }).error));
    const squares = layers.map(({ values, results }) => values.reduce((sum, x, i) => sum + (x - results[i]) ** 2, 0));
    expect(spearman(masked, full).value).toBeGreaterThanOrEqual(0.9);
    expect(spearman(masked, squares).value).toBeGreaterThanOrEqual(0.9);
  });

  test("is the same whether rows come together or apart, and only where something changed", async () => {
    const rows = layer(5, 6, 40, 0.3);
    const whole = maskedTerms(rows);
    for (let r = 0; r < 6; r += 2) {
      const [from, to] = [r * 40, (r + 2) * 40];
      const part = { ...rows, row0: r, values: rows.values.slice(from, to), results: rows.results.slice(from, to) };
      expect([...maskedTerms(part).error]).toEqual([...whole.error.slice(r, r + 2)]);
    }
    const same = await work.terms({ ...rows, results: rows.values, calibration: null });
    expect(total(same.error)).toBe(0);
    expect(total(same.signal)).toBeGreaterThan(0);
  });

  test("counts what broke, and leaves out what was no number before", () => {
    const values = Float32Array.of(1, Number.NaN, 3, Number.POSITIVE_INFINITY);
    const results = Float32Array.of(1, 0, Number.NaN, 0);
    const { broken, error } = maskedTerms({ row0: 0, rows: 1, cols: 4, values, results });
    expect(broken).toBe(1);
    expect([...error]).toEqual([0]);
    const { error: none } = maskedTerms({ row0: 0, rows: 0, cols: 0, values: values.slice(0, 0), results });
    expect(none.length).toBe(0);
    const nothing = { error: 0, signal: 0, elements: 0 };
    expect(
      (work as { value: (a: typeof nothing, b: typeof nothing) => number | null }).value(nothing, nothing),
    ).toBeNull();
    expect(SHARE).toBe(0.25);
  });
});
