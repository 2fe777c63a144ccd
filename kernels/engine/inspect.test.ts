import { describe, expect, it } from "vitest";
import { normalValues, planOf, quantizeText } from "../testing/matrix.ts";

const f = Math.fround;
const recipes = [
  "f32",
  "e4m3",
  "e2m1@away",
  "int4/8",
  "int4(half)/4:f16",
  "int4(signmax)/8",
  "int3(asym)/8:f16",
  "int4(asym,zp=e4m3)/8",
  "int8(frac=6)/8~mx(floor):e8m0",
  "mxfp4",
  "nvfp4",
  "nf4/8",
  "bnb_nf4",
  "bnb_fp4",
  "torchao_nvfp4",
  "binary/8",
  "ternary/8~absmean(0.8)",
  "codebook(-1,-0.35,0,0.35,1)/8:e4m3/row",
  "int4@sr(seed=3)/8",
  "e2m1@down/8~pct(80)",
  "int4/4x4:uint8/row:f16",
  "rht(8,seed=2)+int4/8",
  "e5m2(sat=inf)",
  "e2m1(nonfinite=poison)/8:e8m0",
];

/** Ordinary values, a zero block, a tiny block beside large ones, values beyond ranges, NaN and Inf. */
function values(rows: number, cols: number): Float32Array {
  const x = normalValues(rows * cols, 11);
  x.fill(0, 8, 16);
  x.fill(1e-12, 20, 24);
  x[0] = 1e5;
  x[17] = -7e4;
  x[30] = 0;
  x[33] = Number.NaN;
  x[42] = Infinity;
  return x;
}

describe("an inspected element", () => {
  const [rows, cols] = [5, 16];
  const x = values(rows, cols);
  it.each(recipes)("of %s is what the rows say, and its parts agree", async (recipe) => {
    const quantized = await quantizeText(recipe, x, rows, cols);
    const plan = planOf(recipe, rows, cols);
    const { result, codes } = await quantized.rows(0, rows);
    for (let i = 0; i < x.length; i++) {
      const [row, col] = [Math.floor(i / cols), i % cols];
      const it = await quantized.inspect(row, col);
      expect([it.row, it.col, it.x, it.result, it.code]).toEqual([row, col, x[i], result[i], codes ? codes[i] : null]);
      expect(it.xBits.replaceAll(" ", "")).toHaveLength(32);
      if (codes && it.codeBits) expect(Number.parseInt(it.codeBits.replaceAll(" ", ""), 2)).toBe(it.code);
      if (it.state === "non-finite") continue;

      expect(it.error).toBe(f(x[i] - result[i]));
      if (plan.transforms.length === 0) {
        expect(it.input).toBe(x[i]);
        expect(it.quantized).toBe(it.result);
      }
      if (Number.isFinite(it.result)) expect(f(it.level * it.scale) + 0).toBe(it.quantized + 0);
      let scale = 1;
      for (const level of it.scales.toReversed()) scale = f(scale * level.value);
      // bitsandbytes adds the mean of the scales.
      if (!recipe.startsWith("bnb")) expect(it.scale).toBe(scale);
      it.scales.forEach((level, depth) => {
        expect(level.value).toBe(quantized.scales[depth].values[level.block]);
        expect(level.code).toBe(quantized.scales[depth].codes?.[level.block] ?? null);
        expect(level.codeBits!.replaceAll(" ", "")).toMatch(/^[01]+$/);
      });
      if (it.scales[0]?.extent) {
        const [r0, r1, c0, c1] = it.scales[0].extent;
        expect(r0 <= row && row < r1 && c0 <= col && col < c1).toBe(true);
        const block = [];
        for (let r = r0; r < r1; r++) block.push(...x.subarray(r * cols + c0, r * cols + c1));
        const finite = block.filter(Number.isFinite);
        if (plan.transforms.length === 0) expect(it.blockAmax).toBe(Math.max(0, ...finite.map(Math.abs)));
      }
      if (it.scale !== 0 && plan.element.arith === "exact") expect(it.quotient).toBe(it.input / it.scale);
      expect(it.below).toBeLessThanOrEqual(it.above);
      if (it.below < it.above) {
        expect(it.below).toBeLessThan(it.quotient);
        expect(it.quotient).toBeLessThan(it.above);
      }
      if (it.state === "ordinary" || it.state === "flushed") expect([it.below, it.above]).toContain(it.level);
      if (it.state === "flushed") expect([it.level === 0, x[i] !== 0 || it.input !== 0]).toEqual([true, true]);
      if (it.state === "zero block") expect(it.input).toBe(0);
      if (it.state === "dead block") expect([it.scale, it.quantized]).toEqual([0, expect.closeTo(0, 60)]);
      expect(it.tie).toBe(it.below !== it.above && it.quotient === (it.below + it.above) / 2);
    }
    const states = await Promise.all(Array.from(x, (_, i) => quantized.inspect(Math.floor(i / cols), i % cols)));
    const count = (state: string) => states.filter((s) => s.state === state).length;
    if (!recipe.includes("sat=inf")) expect(count("saturated")).toBe(quantized.report.metrics.saturated);
  });
});
