import { describe, expect, it } from "vitest";
import { scaledPow } from "../../exact/scaled-pow.ts";
import { parseRecipe } from "../../notation/index.ts";
import { prepareRecipe } from "../../prepare/prepare.ts";
import { searchBlocks } from "../../scales/search.ts";
import { searchesLater } from "../../scales/searches.ts";
import { addStatistics, makeStatistics } from "../../scales/statistics.ts";
import { costOf, type Trials } from "../../scales/trials.ts";
import { normalValues } from "../../testing/matrix.ts";
import { wasmTrials } from "./trials.ts";

/** What a search finds over a matrix, tile by tile. */
function found(recipe: string, x: Float32Array, rows: number, cols: number, trials?: Trials) {
  const plan = prepareRecipe(parseRecipe(recipe), [], rows, cols);
  const stats = makeStatistics(plan);
  addStatistics(plan, x, 0, rows, stats);
  expect(searchesLater(plan)).toBe(plan.levels.length > 1 || plan.levels[0].offset === "mean");
  searchBlocks(plan, x, 0, rows, stats, trials);
  return { stored: stats.stored, zero: stats.zero };
}

/** Bell-shaped values, large and small ones, zeros, powers of two. */
function hardValues(n: number, seed: number): Float32Array {
  return normalValues(n, seed).map((v, i) => {
    const kind = Math.floor(i / 60) % 7;
    if (kind === 1) return v * 1e30;
    if (kind === 2) return v * 1e-38;
    if (kind === 3) return Math.round(v * 3) / 2;
    if (kind === 4) return Math.abs(v);
    if (kind === 5) return i % 60 === 7 ? Number.NaN : i % 60 === 9 ? -Infinity : v;
    return kind === 6 ? 0 : v;
  });
}

const elements =
  "int4 int4(half) int4(signmax) int4(asym) int3(asym,zp=e4m3) int8 int8(frac=6) ternary e2m1 e4m3 e5m2 e3m2@away f16 nf4 bnbfp4 e2m1@trunc int4@up nf4@odd e4m3(sat=nan) e5m2(sat=inf) int4@sr(seed=1) codebook(-1,1)".split(
    " ",
  );
const blocks = ["/1", "/6", "/16", "/32", "/60", "/3x20", "/row", "/col", "/tensor", "/flat(33)", "/flat(700)"];
const scales = [":f32", ":f16", ":bf16@up", ":e8m0", ":e4m3", ":e4m3/tensor", ":uint8/row:f16"];

describe("the trials of a search in wasm", () => {
  it("find what the reference finds, whatever the format, the block, the storage and the power", async () => {
    const trials = await wasmTrials();
    let compared = 0;
    for (const [i, element] of elements.entries()) {
      const [base, rounding] = element.split("@");
      for (const [j, block] of blocks.entries()) {
        const scale = scales[(i + 3 * j) % scales.length];
        const p = [2, 2.4, 1, 0.3, 8][(i + j) % 5];
        const recipe = `${base}${rounding ? `@${rounding}` : ""}${block}~mse(p=${p},grid=12)${scale}`;
        const [rows, cols] = [9, 120];
        const x = hardValues(rows * cols, i);
        try {
          prepareRecipe(parseRecipe(recipe), [], rows, cols);
        } catch {
          continue;
        }
        expect(found(recipe, x, rows, cols, trials), recipe).toEqual(found(recipe, x, rows, cols));
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(200);
  }, 120_000);

  it("are not confused by a search that comes in between", async () => {
    const trials = await wasmTrials();
    const [rows, cols] = [8, 64];
    const x = normalValues(rows * cols, 5);
    const at = (recipe: string) => {
      const plan = prepareRecipe(parseRecipe(recipe), [], rows, cols);
      const stats = makeStatistics(plan);
      addStatistics(plan, x, 0, rows, stats);
      return (row: number) => {
        searchBlocks(plan, x.subarray(row * cols, (row + 1) * cols), row, 1, stats, trials);
        return stats.stored;
      };
    };
    const [one, other] = [at("int4/16~mse"), at("nf4/64~mse(p=2.4):e4m3")];
    let last: Float32Array[] = [];
    for (let row = 0; row < rows; row++) last = [one(row), other(row)];
    expect(last[0]).toEqual(found("int4/16~mse", x, rows, cols).stored);
    expect(last[1]).toEqual(found("nf4/64~mse(p=2.4):e4m3", x, rows, cols).stored);
  });

  it("have the costs of the reference to the bit", async () => {
    const trials = await wasmTrials();
    for (const [n, p] of [1, 3, 17, 255, 256, 257, 513, 2050].flatMap((n) =>
      [1, 2, 0.1, 2.4, 3, 16].map((p) => [n, p]),
    )) {
      // Every value becomes zero, so that its error is itself.
      const plan = prepareRecipe(parseRecipe(`int4/row~mse(p=${p})`), [], 1, n);
      const { values, list } = trials.start(plan, n, 1);
      trials.owner = null;
      const x = normalValues(n, n).map((v, i) => (i % 5 === 2 ? v * 1e-6 : v));
      values.set(x);
      list.scale[0] = 1e6;
      trials.begin(n, 1);
      expect([n, p, trials.run(1, Infinity)]).toEqual([n, p, 0]);
      expect(trials.cost).toBe(costOf(x, new Float32Array(n), n, { p, shift: 1 }));
    }
  });
});

describe("scaledPow", () => {
  it("is the power, and scales with powers of two", () => {
    for (let i = 1; i < 4000; i++) {
      const x = Math.fround(1.0007 ** (i * 13 - 26000) * (i % 2 ? 1 : -1));
      const p = 0.1 + (i % 97) / 12;
      const shift = (i % 41) - 20;
      if (x === 0) continue;
      const wanted = (Math.abs(x) * 2 ** -shift) ** p;
      if (wanted < 1e-300 || wanted > 1e300) continue;
      expect(Math.abs(scaledPow(x, p, shift) / wanted - 1)).toBeLessThan(1e-13);
      expect(scaledPow(x * 4, p, shift + 2)).toBe(scaledPow(x, p, shift));
    }
    expect([scaledPow(0, 0.1, 5), scaledPow(1, 2.4, 0)]).toEqual([0, 1]);
    expect([scaledPow(1e-30, 16, 0), scaledPow(1e38, 16, 0)]).toEqual([0, Infinity]);
    expect([scaledPow(Infinity, 2.4, 0), scaledPow(Number.NaN, 2.4, 0)]).toEqual([Number.NaN, Number.NaN]);
  });
});
