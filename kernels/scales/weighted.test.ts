/** Searches whose errors are weighted by the mean squares of input channels. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { trialsFor } from "../backends/wasm/trials-for.ts";
import type { Importance } from "../ggml/encode.ts";
import { normalValues, planOf } from "../testing/matrix.ts";
import { resolveScales } from "./resolve.ts";
import { searchBlocks } from "./search.ts";
import { searchKey } from "./searches.ts";
import { addStatistics, makeStatistics } from "./statistics.ts";
import { costOf } from "./trials.ts";

const [rows, cols] = [4, 24];

/** What a search finds, with these weights of columns (of each row's group). */
function found(recipe: string, values: Float32Array, importance: Importance | null) {
  const plan = planOf(recipe, rows, cols);
  const stats = makeStatistics(plan, importance);
  addStatistics(plan, values, 0, rows, stats);
  // In two parts where blocks allow it: rows are counted from the first of a part.
  const step = plan.grid.flat || plan.grid.blockRows > 2 ? rows : 2;
  for (let row = 0; row < rows; row += step) {
    searchBlocks(plan, values.subarray(row * cols, (row + step) * cols), row, step, stats);
  }
  const { stored, zero, clip, clipLow } = stats;
  return { stored, zero, clip, clipLow, effective: resolveScales(plan, stats).effective };
}

const columns = (weights: ArrayLike<number>): Importance => ({ values: Float32Array.from(weights), rowsEach: rows });

const bases = "int4 int4(half) int4(signmax) int3(asym) e2m1 nf4 codebook(-1,1) e4m3(sat=nan) int3@up".split(" ");
const blocks = ["8", "row", "col", "tensor", "2x8", "flat(10)"];
const storages = ["f32", "f16", "e8m0", "e4m3", "int8", "e4m3/row"];
const searches = ["mse", "shrink"];

/** Recipes with a search, as text before and after where its weights stand. */
const recipes = fc
  .record({
    base: fc.constantFrom(...bases),
    block: fc.constantFrom(...blocks),
    search: fc.constantFrom(...searches),
    p: fc.constantFrom(2, 1, 2.4, 0.5),
    storage: fc.constantFrom(...storages),
  })
  .map(({ base, block, search, p, storage }) => {
    const of = (weights: string) => `${base}/${block}~${search}(p=${p},grid=9,least=0.3${weights}):${storage}`;
    return { plain: of(""), weighted: of(",weights=inputs") };
  })
  .filter(({ plain }) => {
    try {
      return planOf(plain, rows, cols) !== null;
    } catch {
      return false;
    }
  });

const tensors = fc.record({ seed: fc.integer({ min: 1, max: 1e6 }), odd: fc.boolean() }).map(({ seed, odd }) => {
  const values = normalValues(rows * cols, seed);
  if (!odd) return values;
  return values.map((v, i) => [v, 20 * v, 0, Number.NaN, v * 1e-30, Number.POSITIVE_INFINITY][(i * seed) % 11] ?? v);
});

describe("weights of columns", () => {
  it("find exactly what none find where all are one, or all of a block are zero", () => {
    fc.assert(
      fc.property(recipes, tensors, ({ plain, weighted }, values) => {
        const expected = found(plain, values, null);
        expect(found(weighted, values, columns(new Float32Array(cols).fill(1)))).toEqual(expected);
        expect(found(weighted, values, columns(new Float32Array(cols)))).toEqual(expected);
      }),
      { numRuns: 150, seed: 5 },
    );
  });

  it("are no part of what a power of two of them finds differently", () => {
    fc.assert(
      fc.property(recipes, tensors, fc.integer({ min: 1, max: 99 }), ({ weighted }, values, seed) => {
        const weights = normalValues(cols, seed).map((v) => v * v);
        const once = found(weighted, values, columns(weights));
        expect(found(weighted, values, columns(weights.map((w) => w * 2 ** 20)))).toEqual(once);
      }),
      { numRuns: 60, seed: 6 },
    );
  });

  it.each([
    ["int4/8", 7, 2],
    ["int4/8", 7, 1],
    ["int3/row", 3, 2],
    ["int4/2x8", 7, 2],
    ["int4/col", 7, 2],
  ])("find the least weighted cost over every stored scale: %s", (text, most, p) => {
    let moved = 0;
    for (let seed = 1; seed <= 6; seed++) {
      const values = normalValues(rows * cols, seed);
      // Two groups of rows, as of two experts.
      const weights = normalValues(2 * cols, 100 + seed).map((v) => Math.exp(2 * v));
      const recipe = `${text}~mse(p=${p},weights=inputs):e4m3`;
      const plan = planOf(recipe, rows, cols);
      const { stored } = found(recipe, values, { values: weights, rowsEach: 2 });
      const plain = found(recipe.replace(",weights=inputs", ""), values, null).stored;
      const { blockRows, blockCols, gridCols } = plan.grid;
      const cost = (block: number, scale: number) => {
        let sum = 0;
        for (let i = 0; i < values.length; i++) {
          const [r, c] = [Math.floor(i / cols), i % cols];
          if (Math.floor(r / blockRows) * gridCols + Math.floor(c / blockCols) !== block) continue;
          const q = scale === 0 ? 0 : values[i] / scale;
          const even = 2 * Math.round(q / 2);
          const code = Math.abs(q - even) <= 0.5 ? even : Math.round(q);
          const e = values[i] - Math.fround(Math.max(-most, Math.min(most, code)) * scale);
          sum += weights[Math.floor(r / 2) * cols + c] * Math.abs(Math.fround(e)) ** p;
        }
        return sum;
      };
      const scales = [...plan.levels[0].ladder!.levels].filter((v) => v >= 0);
      for (const [block, scale] of stored.entries()) {
        const least = Math.min(...scales.map((s) => cost(block, s)));
        expect(cost(block, scale)).toBeLessThanOrEqual(least * (1 + 1e-12));
        if (scale !== plain[block]) moved++;
      }
    }
    expect(moved).toBeGreaterThan(0);
  });

  it("give a column that alone counts what it would have by itself", () => {
    const values = normalValues(rows * cols, 3);
    const alone = new Float32Array(cols);
    alone[5] = 1e-20;
    const { effective } = found("int4/8~mse(weights=inputs):e4m3", values, columns(alone));
    const block = Float32Array.of(values[5]);
    const cost = (scale: number) => {
      const code = Math.max(-7, Math.min(7, Math.round(block[0] / scale)));
      return costOf(block, Float32Array.of(code * scale), 1, { p: 2, shift: 0 });
    };
    const levels = planOf("int4/8~mse:e4m3", rows, cols).levels[0].ladder!.levels.filter((v) => v > 0);
    expect(cost(effective[0])).toBe(levels.reduce((least, scale) => Math.min(least, cost(scale)), Infinity));
  });
});

it("a weighted cost multiplies each term, and stops where the limit is passed", () => {
  const x = Float32Array.of(1, 2, 3, 4, 5);
  const weights = Float32Array.of(1, 0, 2, 0.5, 3);
  const zeros = new Float32Array(5);
  expect(costOf(x, zeros, 5, { p: 2, shift: 0, weights })).toBe(1 + 18 + 8 + 75);
  expect(costOf(x, zeros, 5, { p: 1, shift: 0, weights })).toBe(1 + 6 + 2 + 15);
  expect(
    costOf(new Float32Array(64).fill(1), new Float32Array(64), 64, {
      ...{ p: 2, shift: 0, limit: 10, weights: new Float32Array(64).fill(2) },
    }),
  ).toBe(10);
});

it("weights that are not known are refused, never left out", () => {
  const values = normalValues(rows * cols, 3);
  for (const search of searches) {
    expect(() => found(`int4/8~${search}(weights=inputs)`, values, null)).toThrow(
      `${search} needs a calibration: the mean square of each input channel (a file of activations, a Gram matrix or an imatrix has it)`,
    );
  }
});

it("what is found with weights is shared with no search that has none, and tried by the reference alone", async () => {
  for (const search of searches) {
    const [plain, weighted] = ["", "(weights=inputs)"].map((w) => planOf(`int4/8~${search}${w}`, rows, cols));
    expect(searchKey(weighted)).not.toBe(searchKey(plain));
    expect(searchKey(planOf(`int4/8~${search}(weights=none)`, rows, cols))).toBe(searchKey(plain));
    expect(await trialsFor(weighted, "wasm")).toBeUndefined();
    expect([plain.uses, weighted.uses]).toEqual([undefined, "channels"]);
  }
  expect(await trialsFor(planOf("int4/8~mse", rows, cols), "wasm")).toBeDefined();
});
