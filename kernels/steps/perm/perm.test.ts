import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matrices } from "../../testing/cases.ts";
import { normalValues, planOf, quantizeText } from "../../testing/matrix.ts";
import { clusterRanks } from "./clusters.ts";

const all = async (recipe: string, values: Float32Array, rows: number, cols: number) => {
  const quantized = await quantizeText(recipe, values, rows, cols);
  const { codes, result } = await quantized.rows(0, rows);
  return { codes, result, metrics: quantized.report.metrics, quantized };
};

/** Every eighth column is loud, and two of them most of all. */
function loud(rows: number, cols: number): Float32Array {
  return normalValues(rows * cols, 5).map((x, i) => {
    const col = i % cols;
    return col === 3 || col === cols - 2 ? 50 * x : col % 8 === 0 ? 20 * x : x;
  });
}

describe("perm", () => {
  it.each(["int4/row", "int4(asym)/row:f16", "int8@sr(seed=3)/row", "e4m3", "nf4@coin(seed=1)/tensor"])(
    "changes nothing where no block can change: %s, codes and results to the bit",
    async (recipe) => {
      await fc.assert(
        fc.asyncProperty(matrices, async ({ rows, cols, values }) => {
          const [moved, plain] = [
            await all(`perm+${recipe}`, values, rows, cols),
            await all(recipe, values, rows, cols),
          ];
          expect(moved.codes).toEqual(plain.codes);
          expect(moved.result).toEqual(plain.result);
          expect({ ...moved.metrics, bitsPerWeight: 0, bitsBreakdown: [] }).toEqual({
            ...plain.metrics,
            bitsPerWeight: 0,
            bitsBreakdown: [],
          });
        }),
        { numRuns: 25 },
      );
    },
  );

  it("puts loud columns into one block, and counts its indices", async () => {
    const [rows, cols] = [16, 64];
    const x = loud(rows, cols);
    const [moved, plain] = [await all("perm+int4/16", x, rows, cols), await all("int4/16", x, rows, cols)];
    expect(moved.metrics.meanAbs!).toBeLessThan(0.7 * plain.metrics.meanAbs!);
    expect(moved.metrics.bitsPerWeight - plain.metrics.bitsPerWeight).toBeCloseTo((cols * 6) / (rows * cols), 12);
    expect(moved.metrics.bitsBreakdown.at(-1)!.what).toBe("order of 64 columns");
  });

  it("shows the block and the scale in which a value was quantized, beside the value itself", async () => {
    const [rows, cols] = [4, 64];
    const x = loud(rows, cols);
    const { quantized, codes, result } = await all("perm+int4/16", x, rows, cols);
    for (const col of [0, 3, 31, 62]) {
      const seen = await quantized.inspect(2, col);
      expect([seen.x, seen.input, seen.result]).toEqual([x[2 * cols + col], x[2 * cols + col], result[2 * cols + col]]);
      expect(seen.code).toBe(codes![2 * cols + col]);
      expect(seen.steps).toEqual([{ name: "perm", value: seen.result }]);
    }
    // The two loudest columns come first.
    expect((await quantized.inspect(2, 3)).block % 4).toBe(0);
    expect((await quantized.inspect(2, 62)).block % 4).toBe(0);
  });

  it("is undone inside a rotation as outside of it", async () => {
    const [rows, cols] = [8, 64];
    const x = loud(rows, cols);
    for (const recipe of ["perm+rht(16,seed=1)+f32", "rht(16,seed=1)+perm+f32"]) {
      const { result } = await all(recipe, x, rows, cols);
      result.forEach((y, i) => {
        expect(Math.abs(y - x[i])).toBeLessThan(1e-5 * 50);
      });
    }
  });

  it("is written with its seedless name", () => {
    expect(planOf("perm(by=amax)+int4/16", 2, 32).text).toBe("perm+int4/16");
  });
});

describe("what columns are ordered by", () => {
  it("is their variance, where a mean would hide it", async () => {
    const [rows, cols] = [32, 8];
    // The mean of column 2 is far off, its values hardly differ.
    const x = normalValues(rows * cols, 3).map((v, i) =>
      i % cols === 2 ? 100 + 0.01 * v : i % cols === 5 ? 9 * v : v,
    );
    const { quantized } = await all("perm(variance)+int4/4", x, rows, cols);
    expect((await quantized.inspect(0, 5)).block % 2).toBe(0);
    expect((await quantized.inspect(0, 2)).block % 2).toBe(1);
  });

  it("is groups of like ends, the farthest first, and inside a group their place", () => {
    const min = Float32Array.of(-1, -9, -1.1, -0.1, -9.2, -0.2);
    const max = Float32Array.of(1, 9, 0.9, 0.1, 8.8, 0.1);
    expect(Array.from(clusterRanks({ min, max }, 3))).toEqual([1, 2, 1, 0, 2, 0]);
    expect(Array.from(clusterRanks({ min, max }, 100))).toHaveLength(6);
    expect(Array.from(clusterRanks({ min: new Float32Array(4), max: new Float32Array(4) }, 2))).toEqual([1, 1, 1, 1]);
  });

  it("is what their inputs are, where the recipe says so", async () => {
    const x = normalValues(4 * 8, 1);
    await expect(all("perm(inputs)+int4/4", x, 4, 8)).rejects.toThrow("perm needs a calibration");
    expect(planOf("perm(clusters,k=4)+int4/4", 2, 8).text).toBe("perm(clusters,k=4)+int4/4");
  });
});
