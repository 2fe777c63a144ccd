import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normalValues, quantizeText } from "../../testing/matrix.ts";
import { largestPlaces } from "../places.ts";

const run = async (recipe: string, values: Float32Array, rows: number, cols: number) => {
  const quantized = await quantizeText(recipe, values, rows, cols);
  return { ...(await quantized.rows(0, rows)), metrics: quantized.report.metrics, quantized };
};

it("the largest magnitudes are those of a sort, the earlier one among equals", () => {
  const close = fc.constantFrom(0, -0, 1, -1, 1.0000001, 2, -2, 1e30, Number.NaN, Infinity, -Infinity, 2 ** -140);
  const value = fc.oneof(close, fc.float());
  fc.assert(
    fc.property(fc.array(value, { maxLength: 80 }), fc.nat(80), (list, most) => {
      const values = Float32Array.from(list);
      const finite = [...values.keys()].filter((i) => Number.isFinite(values[i]));
      const count = Math.min(most, finite.length);
      const sorted = finite.sort((a, b) => Math.abs(values[b]) - Math.abs(values[a]) || a - b);
      expect([...largestPlaces(values, count)]).toEqual(sorted.slice(0, count).sort((a, b) => a - b));
    }),
  );
});

describe("outliers", () => {
  const [rows, cols] = [8, 128];
  const x = normalValues(rows * cols, 3).map((v, i) => (i % 97 === 5 ? v * 40 : v));

  it("keeps none and changes nothing at a share of zero", async () => {
    const [none, plain] = [
      await run("outliers(0)+int4/32:f16", x, rows, cols),
      await run("int4/32:f16", x, rows, cols),
    ];
    expect(none.codes).toEqual(plain.codes);
    expect(none.result).toEqual(plain.result);
    expect(none.metrics.bitsPerWeight).toBe(plain.metrics.bitsPerWeight);
  });

  it("keeps everything as it is stored at a share of one", async () => {
    const { result, metrics } = await run("outliers(1,values=f32)+int4/32", x, rows, cols);
    expect(result).toEqual(x);
    // Each value in 32 bits, its place among 1024 in 10, beside codes and scales of zeros.
    expect(metrics.bitsPerWeight).toBe(4 + 1 + 32 + 10);
  });

  it("quantizes the rest as a matrix that has zeros in their places, and adds them again", async () => {
    const kept = largestPlaces(x, Math.round(0.02 * x.length));
    const rest = x.slice();
    for (const i of kept) rest[i] = 0;
    const [split, plain] = [await run("outliers(0.02)+nf4/32", x, rows, cols), await run("nf4/32", rest, rows, cols)];
    expect(split.codes).toEqual(plain.codes);
    const places = new Set(kept);
    split.result.forEach((y, i) => {
      if (places.has(i)) expect(Math.abs(y / x[i] - 1)).toBeLessThan(2 ** -11);
      else expect(y).toBe(plain.result[i]);
    });
    expect(split.metrics.bitsPerWeight - plain.metrics.bitsPerWeight).toBeCloseTo(
      (kept.length * (16 + 10)) / x.length,
      12,
    );
    expect(split.metrics.sqnrDb!).toBeGreaterThan((await run("nf4/32", x, rows, cols)).metrics.sqnrDb! + 3);
  });

  it("leaves values that are not finite in the rest, and shows an outlier on its way back", async () => {
    const values = x.slice();
    values.set([Number.NaN, Infinity], 7);
    const { metrics, quantized } = await run("outliers(0.05)+int4/32", values, rows, cols);
    expect([metrics.nonFinite, metrics.broken]).toEqual([2, 0]);
    const seen = await quantized.inspect(0, 5);
    expect(seen.input).toBe(0);
    expect(seen.steps).toEqual([{ name: "outliers", value: seen.result }]);
  });

  it("of a matrix without finite values keeps nothing", async () => {
    const { metrics } = await run("outliers(0.5)+int4/4", new Float32Array(8).fill(Number.NaN), 2, 4);
    expect([metrics.nonFinite, metrics.nmse]).toEqual([8, null]);
  });
});
