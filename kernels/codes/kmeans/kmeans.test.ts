import { describe, expect, it } from "vitest";
import { solve } from "../../steps/solving/recipes-for-test.ts";
import { normalValues, planOf, quantizeText } from "../../testing/matrix.ts";
import { levelsOf } from "./lloyd.ts";

const x = normalValues(2 ** 16, 5);
const report = async (recipe: string, values = x, rows = 128) =>
  (await quantizeText(recipe, values, rows, values.length / rows)).report;

describe("levels on a line", () => {
  it("are the means of the values nearest to them", () => {
    const levels = levelsOf(x, 8, null);
    const [sums, counts] = [new Float64Array(8), new Float64Array(8)];
    for (const v of x) {
      let near = 0;
      for (let c = 1; c < 8; c++) if (Math.abs(v - levels[c]) < Math.abs(v - levels[near])) near = c;
      sums[near] += v;
      counts[near]++;
    }
    for (let c = 0; c < 8; c++) expect(levels[c]).toBeCloseTo(sums[c] / counts[c], 4);
  });

  it("are the values themselves where there are no more of them", () => {
    expect(levelsOf(Float32Array.of(3, -1, 3, 2), 3, null)).toEqual(Float64Array.of(-1, 2, 3));
    expect(levelsOf(Float32Array.of(3, 3), 4, null)).toEqual(Float64Array.of(3, 3, 3, 3));
    expect(levelsOf(new Float32Array(0), 2, null)).toEqual(new Float64Array(2));
  });

  it("follow weights as they would follow values that are there as often", () => {
    const some = x.slice(0, 300);
    const often = Float32Array.from([...some].flatMap((v, i) => Array(1 + (i % 3)).fill(v)));
    const [a, b] = [levelsOf(some, 4, (i) => 1 + (i % 3)), levelsOf(often, 4, null)];
    for (let c = 0; c < 4; c++) expect(a[c]).toBeCloseTo(b[c], 2);
  });
});

describe("kmeans", () => {
  it("reaches Lloyd and Max's error on a Gaussian, and the uniform best does not", async () => {
    // Max's (1960): 0.11748 at 2 bits, 0.0095010 at 4; the best even steps lose 0.01154.
    expect((await report("kmeans(4)")).metrics.nmse).toBeCloseTo(0.1175, 3);
    expect(Math.abs((await report("kmeans(16)")).metrics.nmse! - 0.0095)).toBeLessThan(0.0002);
    expect((await report("int4/tensor~mse")).metrics.nmse).toBeGreaterThan(0.0105);
  });

  it("counts levels where they are stored, for the tensor or for each row", async () => {
    expect((await report("kmeans(4)")).metrics.bitsPerWeight).toBe(2 + 64 / 2 ** 16);
    expect((await report("kmeans(4,per=row)")).metrics.bitsPerWeight).toBe(2 + 64 / 512);
    const uneven = x.map((v, i) => v * 2 ** (Math.floor(i / 512) % 5));
    expect((await report("kmeans(4,per=row)", uneven)).metrics.nmse!).toBeLessThan(
      (await report("kmeans(4)", uneven)).metrics.nmse! / 1.5,
    );
  });

  it("weighs by inputs where that is asked, and says what it misses", async () => {
    const [rows, cols] = [16, 64];
    const w = normalValues(rows * cols, 3).map((v, i) => v * (i % cols < 8 ? 0.1 : 1));
    const meanSquare = Float64Array.from({ length: cols }, (_, c) => (c < 8 ? 1e4 : 1));
    const known = {
      ...{ cols, tokens: 9, leftOut: 0, gram: null, mean: null, meanAbs: null, min: null, max: null },
      meanSquare,
    };
    const calibration = {
      ...known,
      quantiles: null,
      rows: null,
      cross: null,
      output: null,
      source: { kind: "imatrix", name: "m", digest: "" },
      notes: [],
    } as never;
    const loud = async (recipe: string) => {
      const { result } = await solve(recipe, w, cols, calibration);
      return w.reduce((sum, v, i) => sum + meanSquare[i % cols] * (v - result[i]) ** 2, 0);
    };
    expect(await loud("kmeans(4,weights=inputs)")).toBeLessThan(0.5 * (await loud("kmeans(4)")));
    await expect(solve("kmeans(4,weights=inputs)", w, cols, null)).rejects.toThrow("kmeans(weights=inputs)");
  });

  it("says where it stores more than it codes, and keeps what is not finite", async () => {
    const few = x.slice(0, 32);
    const said = await report("kmeans(64,book=f32)", few, 2);
    expect([said.metrics.mse, said.notes]).toEqual([
      0,
      ["the codebook has 64 levels, and the tensor 32 values: it stores more than it codes"],
    ]);
    few[3] = Number.NaN;
    expect((await report("kmeans(4)", few, 2)).metrics.broken).toBe(0);
    expect(planOf("kmeans(16)", 4, 4).text).toBe("kmeans");
  });
});

describe("books for a Gaussian", () => {
  const scaled = (name: string, last: number) => `${name}/tensor~std(${last})`;

  it("lose what they are known to lose: lloyd the least squares, medians the least magnitudes", async () => {
    const [l1, m1] = [
      (await report(scaled("lloyd1", 0.797884561))).metrics,
      (await report(scaled("medians1", 0.67448975))).metrics,
    ];
    // By integration: magnitudes 0.4729 against 0.4824, squares 0.379 against 0.363. The sample's own spread is 0.4 %.
    expect(Math.abs(m1.meanAbs! - 0.4729)).toBeLessThan(0.004);
    expect(Math.abs(l1.meanAbs! - 0.4824)).toBeLessThan(0.004);
    expect(Math.abs(m1.nmse! - 0.379)).toBeLessThan(0.004);
    expect(Math.abs(l1.nmse! - 0.3634)).toBeLessThan(0.004);
    expect(Math.abs((await report(scaled("lloyd2", 1.51041761))).metrics.nmse! - 0.11748)).toBeLessThan(0.0015);
    expect(Math.abs((await report(scaled("lloyd5", 3.26073249))).metrics.nmse! - 0.0025047)).toBeLessThan(0.0001);
  });
});
