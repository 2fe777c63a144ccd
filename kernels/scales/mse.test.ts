import { describe, expect, it } from "vitest";
import { makeEncoder } from "../codes/scalar/encoder.ts";
import { ladderOf } from "../formats/ladder.ts";
import { parseRecipe } from "../notation/index.ts";
import { prepareRecipe } from "../prepare/prepare.ts";
import { normalValues, quantizeText } from "../testing/matrix.ts";

const [rows, cols, n] = [4, 96, 16];

/** Values of many kinds: bell-shaped, with outliers, of one sign, on a few levels, tiny, and a block of zeros. */
function valuesOf(seed: number): Float32Array {
  const x = normalValues(rows * cols, seed);
  const kinds: ((v: number, i: number) => number)[] = [
    (v) => v,
    (v, i) => (i % n === 3 ? 25 * v : v),
    (v) => Math.abs(v) + 0.5,
    (v) => Math.round(v),
    (v) => v * 1e-3,
    () => 0,
    (v) => -Math.abs(v),
    (v) => (v > 0 ? 1 : -1),
  ];
  return x.map((v, i) => kinds[(Math.floor(i / n) + seed) % kinds.length](v, i));
}

/** Sum of |e|^p over all finite values, in double precision. */
async function costOf(recipe: string, x: Float32Array, p: number): Promise<number> {
  const { result } = await (await quantizeText(recipe, x, rows, cols)).rows(0, rows);
  return result.reduce((sum, y, i) => sum + Math.abs(Math.fround(x[i] - y)) ** p, 0);
}

const elements =
  "int4 int4(half) int4(full) int4(signmax) int3(asym) int4(asym,zp=e4m3) int8 ternary e2m1 e4m3 e3m2 nf4 e2m1@away int4@inward e2m1@trunc int3@up e2m1@down nf4@odd e2m1(sat=nan) codebook(-1,1) bipolar2".split(
    " ",
  );
const scales =
  "f32 f16 bf16 e8m0 e8m0@up e4m3 e4m3@trunc ue4m3 ue5m3 e5m2 uint8 e4m3/tensor uint8/row:f16 f16/row bf16@up/tensor e4m3(least=0.015625)/tensor dynamic8(offset=mean)/flat(8) e8m0/tensor int8/row".split(
    " ",
  );

const canBe = (recipe: string) => {
  try {
    return prepareRecipe(parseRecipe(recipe), [], rows, cols);
  } catch {
    return null;
  }
};

describe("~mse", () => {
  const pairs = elements.flatMap((element) => scales.map((scale) => [element, scale] as const));

  it.each(scales)("is never worse than the rules that it can replace, with scales in %s", async (scale) => {
    let compared = 0;
    for (const [i, element] of elements.entries()) {
      const [base, rounding = ""] = element.split("@");
      const of = (rule: string) => `${base}${rounding && `@${rounding}`}/${n}${rule}:${scale}`;
      if (!canBe(of("~mse"))) continue;
      const x = valuesOf(i);
      const p = [2, 2.4, 1, 3.5, 0.7][i % 5];
      const found = await costOf(of(`~mse(p=${p},grid=20)`), x, p);
      // Other rules may have the outer scale another way: there only the plain one is replaced.
      const rules = scale.includes("/") ? [""] : ["", "~mx(floor)", "~mx(ceil)", "~mx(even)", "~mx(rceil)"];
      for (const rule of rules) {
        if (!canBe(of(rule))) continue;
        const plain = await costOf(of(rule), x, p);
        if (Number.isNaN(plain)) continue;
        compared++;
        expect(found, `${of("~mse")} p=${p} beside ${of(rule)}`).toBeLessThanOrEqual(plain * (1 + 1e-12));
      }
    }
    expect(compared).toBeGreaterThan(5);
  });

  it("finds the best of all codes of a scale of 8 bits: nothing that is passed over could have won", async () => {
    let blocks = 0;
    for (const [i, [element, scale]] of pairs.entries()) {
      if (element.includes("asym") || /mean|@|f32|f16/.test(scale)) continue;
      const [base, rounding = ""] = element.split("@");
      const p = [2, 2.4, 1, 0.5][i % 4];
      const recipe = `${base}${rounding && `@${rounding}`}/${n}~mse(p=${p}):${scale}`;
      const plan = canBe(recipe);
      if (!plan) continue;
      const x = valuesOf(i);
      const quantized = await quantizeText(recipe, x, rows, cols);
      const [stored, outer] = quantized.scales;
      const encoder = makeEncoder(plan.element);
      const results = new Float32Array(n);
      const cost = (values: Float32Array, s: number) => {
        encoder.run(values, 0, n, { scale: s, reciprocal: 1, zeroPoint: 0 }, 0, results, null);
        return values.reduce((sum, v, k) => sum + Math.abs(Math.fround(v - results[k])) ** p, 0);
      };
      const { levels } = ladderOf(plan.levels[0].format as never);
      const least = plan.levels[0].least;
      const signed = plan.levels[0].divisor < 0;
      for (let b = 0; b < stored.values.length; b += 3) {
        const values = x.slice(b * n, (b + 1) * n);
        if (values.every((v) => v === 0)) continue;
        const over = outer ? outer.values[outer.values.length === 1 ? 0 : Math.floor(b / (cols / n))] : 1;
        const codes = levels.filter((v) => v !== 0 && (signed || v > 0) && Math.abs(v) >= least);
        const costs = Array.from(codes, (v) => cost(values, Math.fround(v * over))).filter((c) => !Number.isNaN(c));
        const found = cost(values, Math.fround(stored.values[b] * over));
        expect(found, `${recipe}, block ${b}`).toBeLessThanOrEqual(Math.min(...costs) * (1 + 1e-9));
        blocks++;
      }
    }
    expect(blocks).toBeGreaterThan(500);
  });

  it("looks above the largest magnitude, where power-of-two scales have their gain", async () => {
    const x = normalValues(256 * 256, 1);
    const db = async (recipe: string) => (await quantizeText(recipe, x, 256, 256)).report.metrics.sqnrDb!;
    const searched = await db("e2m1/32~mse:e8m0");
    expect(await db("mxfp4~mse")).toBe(searched);
    expect(searched).toBeGreaterThan((await db("mxfp4")) + 0.2);
    expect(searched).toBeGreaterThan((await db("e2m1/32~shrink:e8m0")) + 1);
    expect(await db("nvfp4~mse")).toBeGreaterThan((await db("nvfp4~shrink")) + 0.5);
  });

  it("takes a larger scale where only that meets the values", async () => {
    // All values lie on 4 of the format's levels; the plain rule puts the largest on 6.
    const x = Float32Array.from({ length: 32 }, (_, i) => [4, 1, -2, 0.5][i % 4]);
    for (const scale of ["f32", "e8m0", "e4m3"]) {
      const { report } = await quantizeText(`e2m1/32~mse:${scale}`, x, 1, 32);
      expect(report.metrics.mse).toBe(0);
    }
  });

  it("changes nothing where nothing is gained", async () => {
    for (const recipe of ["int8(full)/16", "int4(asym)/16:f16", "e4m3/16:e8m0", "int4/16:e4m3/tensor"]) {
      const zeros = new Float32Array(32);
      const scalesOf = async (text: string, of: Float32Array) =>
        (await quantizeText(text, of, 1, 32)).scales.map((s) => s.values);
      expect(await scalesOf(recipe.replace("/16", "/16~mse"), zeros)).toEqual(await scalesOf(recipe, zeros));
    }
    const exact = Float32Array.from({ length: 32 }, (_, i) => (i % 16) - 8);
    const plain = (await quantizeText("int4(signmax)/16", exact, 1, 32)).scales[0].values;
    expect((await quantizeText("int4(signmax)/16~mse", exact, 1, 32)).scales[0].values).toEqual(plain);
  });

  it("leaves chance out: the scales are those of rounding to nearest", async () => {
    const x = valuesOf(3);
    const scalesOf = async (recipe: string) => (await quantizeText(recipe, x, rows, cols)).scales[0].values;
    expect(await scalesOf("e2m1@sr(seed=1)/16~mse:e4m3")).toEqual(await scalesOf("e2m1/16~mse:e4m3"));
  });

  it("leaves NaN and Inf out of what a scale costs", async () => {
    const x = valuesOf(0);
    const holed = x.slice();
    holed[5] = Number.NaN;
    holed[7] = Infinity;
    const without = x.slice();
    for (const i of [5, 7]) without[i] = 0;
    const scalesOf = async (of: Float32Array) =>
      (await quantizeText("e2m1/16~mse:e4m3", of, rows, cols)).scales[0].values;
    expect(await scalesOf(holed)).toEqual(await scalesOf(without));
  });

  it("does not depend on how the matrix is cut into tiles, with scales of scales too", async () => {
    const x = valuesOf(2);
    for (const recipe of ["e2m1/16~mse:e4m3/tensor", "int4/2x8~mse", "nf4/flat(24)~mse:f16"]) {
      const of = async (tile?: number) => (await quantizeText(recipe, x, rows, cols, tile)).scales.map((s) => s.values);
      expect(await of(1)).toEqual(await of());
    }
  });

  it("says what it cannot search", () => {
    const plan = (recipe: string) => prepareRecipe(parseRecipe(recipe), [], rows, cols);
    expect(() => plan("int4/16~mse(least=1)")).toThrow("least= below 1");
    expect(() => plan("int4/16~mse(grid=4096,least=0.9,most=4)")).toThrow("4096 at most");
  });
});
