import { describe, expect, it } from "vitest";
import type { Plan } from "../plan/plan.ts";
import { planOf } from "../testing/matrix.ts";
import { outsideOf, resolveScales } from "./resolve.ts";
import { searchBlocks } from "./search.ts";
import { addStatistics, makeStatistics } from "./statistics.ts";

const f = Math.fround;

function statisticsOf(plan: Plan, values: number[]) {
  const x = Float32Array.from(values);
  const stats = makeStatistics(plan);
  addStatistics(plan, x, 0, plan.rows, stats);
  if (plan.wholeBlocks) searchBlocks(plan, x, 0, plan.rows, stats);
  return stats;
}

/** The scales of one row of values, or of more. */
function resolved(recipe: string, values: number[], rows = 1, wanted: "all" | "in force" = "all") {
  const plan = planOf(recipe, rows, values.length / rows);
  return resolveScales(plan, statisticsOf(plan, values), wanted);
}
const lists = (list: ArrayLike<number> | null) => (list ? [...Array.from(list)] : null);

describe("one level of scales", () => {
  it("is each block's largest magnitude over the largest level, rounded once", () => {
    const { levels, effective, zeroPoints, dead, reciprocal } = resolved("int4/2:e4m3", [1, -7, 10, 3, 0, 0]);
    // 10/7 lies between 1.375 and 1.5, nearer to 1.375.
    expect(lists(levels[0].values)).toEqual([1, 1.375, 0]);
    expect(lists(levels[0].ideal)).toEqual([1, 10 / 7, 0]);
    // E4M3 has one at 0 0111 000 and 1.375 three steps on.
    expect(lists(levels[0].codes)).toEqual([0x38, 0x3b, 0]);
    expect(lists(effective)).toEqual([1, 1.375, 0]);
    expect([zeroPoints.length, reciprocal.length, dead]).toEqual([0, 0, 0]);
  });

  it("in float32 has no codes; what is tiny leaves a dead block", () => {
    const { levels, effective } = resolved("int4/2", [1, -5, 0, 0]);
    expect([levels[0].codes, lists(effective)]).toEqual([null, [f(5 / 7), 0]]);
    expect(resolved("int4/2:e4m3", [1e-6, 0, 1, 1, 0, 0, 1e-7, 0]).dead).toBe(2);
  });

  it("of a direct cast is 1", () => {
    expect(resolved("e4m3", [1, 2])).toEqual({
      ...{ levels: [], effective: Float32Array.of(1), reciprocal: Float32Array.of(1) },
      ...{ zeroPoints: new Int32Array(0), dead: 0 },
    });
  });

  it("keeps the sign under the signed maximum", () => {
    const { levels } = resolved("int4(signmax)/2:f16", [1, -8, 4, 2]);
    expect(lists(levels[0].values)).toEqual([1, -0.5]);
  });

  it("of affine formats spans both ends, with zero between them, and has zero points", () => {
    const { effective, zeroPoints } = resolved("int4(asym)/2", [-5, 10, 3, 30, -15, -1, 0, 0]);
    expect(lists(effective)).toEqual([1, 2, 1, 0]);
    expect(lists(zeroPoints)).toEqual([5, 0, 15, 0]);
  });

  it("of clipped blocks goes by the clips, at both ends", () => {
    const values = [-30, -3, 1, 6, 12, 90, 1, 1];
    // The 60th percentile of eight values is the fifth: of the values 1, of the negatives -1, and zero stays inside.
    const affine = resolved("int4(asym)/8~pct(60)", values);
    expect([lists(affine.effective), lists(affine.zeroPoints)]).toEqual([[f(1 / 15)], [0]]);
    const both = resolved("int4(asym)/8~pct(87.5)", values);
    expect([lists(both.effective), lists(both.zeroPoints)]).toEqual([[1], [3]]);
    expect(lists(resolved("int4/8~pct(87.5)", values).effective)).toEqual([f(30 / 7)]);
  });

  it("of ~mx is a power of two", () => {
    const { levels, effective } = resolved("mxfp4", [...new Array(31).fill(1), 7, ...new Array(32).fill(8)]);
    expect([lists(effective), lists(levels[0].ideal)]).toEqual([
      [1, 2],
      [1, 2],
    ]);
    expect(lists(levels[0].codes)).toEqual([127, 128]);
  });
});

describe("scales of scales", () => {
  it("stand before those inside, which are rounded against them", () => {
    // The tensor's: 6 * 448 over 6 * 448 is 1; of the blocks 448 and 224.
    const plain = resolved("nvfp4", [...new Array(16).fill(2688), ...new Array(16).fill(1344)]);
    expect(plain.levels.map(({ values }) => lists(values))).toEqual([[448, 224], [1]]);
    expect(plain.levels.map(({ ideal }) => lists(ideal))).toEqual([[448, 224], [1]]);
    expect(lists(plain.effective)).toEqual([448, 224]);
    const less = resolved("nvfp4", [...new Array(16).fill(26.88), ...new Array(16).fill(5)]);
    const whole = f(f(26.88) / 2688);
    expect(lists(less.levels[1].values)).toEqual([whole]);
    expect(less.levels[0].values[0]).toBe(448);
    expect(less.levels[0].ideal[1]).toBe(5 / 6 / whole);
    expect(less.effective[1]).toBe(f(less.levels[0].values[1] * whole));
  });

  it("belong to the blocks that lie in theirs", () => {
    // Blocks of one row and two columns; scales of scales by row, then by two rows of one column of scales.
    const values = [7, 0, 14, 0, 28, 0, 56, 0];
    // The float32 next to 2/255 is a little larger: 127.5 is no tie.
    const byRow = resolved("int4/2:uint8/row", values, 2);
    expect(lists(byRow.levels[1].values)).toEqual([f(2 / 255), f(8 / 255)]);
    expect(lists(byRow.levels[0].values)).toEqual([127, 255, 127, 255]);
    const tiles = resolved("int4/2:uint8/2x1", values, 2);
    expect(lists(tiles.levels[1].values)).toEqual([f(4 / 255), f(8 / 255)]);
    expect(lists(tiles.levels[0].values)).toEqual([64, 64, 255, 255]);
    expect(lists(tiles.effective)).toEqual([64 * f(4 / 255), 64 * f(8 / 255), 4, 8].map(f));
  });

  it("that are zero leave zeros inside, and dead blocks where there were values", () => {
    const { levels, effective, dead } = resolved("int4/2:uint8/tensor:e4m3", [1e-3, 0, 0, 0]);
    expect(levels.map(({ values }) => lists(values))).toEqual([[0, 0], [0]]);
    expect([lists(levels[0].ideal), lists(effective), dead]).toEqual([[0, 0], [0, 0], 1]);
  });

  it("of affine formats go by the ranges", () => {
    const { levels, zeroPoints } = resolved("int4(asym)/2:uint8/tensor", [-15, 0, 0, 30]);
    expect(levels.map(({ values }) => lists(values))).toEqual([[127, 255], [f(2 / 255)]]);
    expect(lists(zeroPoints)).toEqual([15, 0]);
  });

  it("of the signed maximum are above zero under unsigned ends, and carry signs inside", () => {
    const { levels } = resolved("int4(signmax)/2:int8/tensor", [-8, 0, 4, 0]);
    expect(lists(levels[1].values)).toEqual([f(1 / 127)]);
    expect(lists(levels[0].values)).toEqual([127, -64]);
  });

  it("may be powers of two", () => {
    const { levels } = resolved("int4/2:uint8/tensor~mx(ceil):bf16", [7 * 300, 0, 7, 0]);
    // 300 over 255, whose exponents are 8 and 7: rounded up, 4.
    expect(lists(levels[1].values)).toEqual([4]);
    expect(lists(levels[0].values)).toEqual([75, 0]);
  });

  it("that are offset have their mean taken off first, and added again", () => {
    const plan = planOf("nf4/2:dynamic8(offset=mean)/flat(4)", 1, 8);
    const stats = statisticsOf(plan, [1, 0, 2, 0, 3, 0, 6, 0]);
    const { levels, effective } = resolveScales(plan, stats);
    const outside = outsideOf(plan, stats)!;
    expect([outside.over(0), outside.over(3), outside.offset]).toEqual([3, 3, 3]);
    expect(lists(levels[1].values)).toEqual([3]);
    expect(lists(levels[0].ideal)).toEqual([-2 / 3, -1 / 3, 0, 1]);
    expect(effective).toEqual(levels[0].values.map((value) => f(f(value * 3) + 3)));
  });
});

it("scales in force alone are the same, without the levels", () => {
  for (const recipe of ["nvfp4", "int4/4:f16", "int4(asym)/4"]) {
    const values = Array.from({ length: 32 }, (_, i) => Math.sin(i));
    const [all, few] = [resolved(recipe, values), resolved(recipe, values, 1, "in force")];
    expect(few).toEqual({ ...all, levels: [] });
  }
});

it("a level is resolved by itself under what lies outside, as with it", () => {
  for (const recipe of ["nvfp4", "int4/4:uint8/row:f16", "nf4/2:dynamic8(offset=mean)/flat(4)", "nvfp4~mse"]) {
    const values = Array.from({ length: 64 }, (_, i) => Math.sin(i * i));
    const plan = planOf(recipe, 2, 32);
    const stats = statisticsOf(plan, values);
    const whole = resolveScales(plan, stats);
    const inner = resolveScales({ ...plan, levels: plan.levels.slice(0, 1) }, stats, "all", outsideOf(plan, stats));
    expect(inner.effective).toEqual(whole.effective);
    expect(inner.levels).toEqual(whole.levels.slice(0, 1));
  }
});

it("nothing lies outside of one level without offset", () => {
  const plan = planOf("int4/4", 1, 8);
  expect(outsideOf(plan, makeStatistics(plan))).toBeNull();
  const nvfp4 = planOf("nvfp4", 1, 16);
  const outside = outsideOf(nvfp4, statisticsOf(nvfp4, new Array(16).fill(2688)))!;
  expect([outside.over(0), outside.offset]).toEqual([1, 0]);
});

it("blocks that hold NaN or Inf become NaN where that is asked for", () => {
  const { levels, effective, dead } = resolved("e2m1(nonfinite=poison)/2:e4m3", [1, Number.NaN, 6, 1, Infinity, 0]);
  expect([lists(effective), lists(levels[0].values)]).toEqual(new Array(2).fill([Number.NaN, 1, Number.NaN]));
  // E4M3 has its NaN at 0x7f.
  expect([lists(levels[0].codes), dead]).toEqual([[0x7f, 0x38, 0x7f], 0]);
  expect(lists(resolved("e2m1/2:e4m3", [1, Number.NaN, 6, 1]).effective)).toEqual([0.171875, 1]);
});

it.each<[string, number]>([
  ["int4(zero=1)/2:e4m3", 1],
  ["int4(zero=min)/2:e4m3", 2 ** -9],
  ["int4(zero=min)/2", 2 ** -149],
  ["int4/2:e4m3", 0],
])("blocks of zeros have the scale that %s says: %f", (recipe, scale) => {
  const { levels, effective, dead } = resolved(recipe, [0, 0, 7, 7, 0, Number.NaN]);
  expect([lists(effective), lists(levels[0].values)]).toEqual(new Array(2).fill([scale, 1, 0]));
  if (levels[0].codes) expect(lists(levels[0].codes)).toEqual([scale === 1 ? 0x38 : scale > 0 ? 1 : 0, 0x38, 0]);
  expect(dead).toBe(0);
});

it("blocks of zeros under scales of scales have theirs times that outside", () => {
  const { levels, effective } = resolved("int4(zero=1)/2:uint8/tensor", [0, 0, 7 * 255, 7, 0, 0]);
  expect([lists(levels[0].values), lists(effective)]).toEqual([
    [1, 255, 1],
    [1, 255, 1],
  ]);
});

it("scales that go by the signed maximum have an outer scale of the other sign, under which the largest is the lowest code", () => {
  const { levels, effective } = resolved("int4/2:int8(signmax)/2", [7, 0, 3.5, 1, -14, 0, 2, 0]);
  expect(lists(levels[1].values)).toEqual([-1 / 128, -1 / 64]);
  expect(lists(levels[0].values)).toEqual([-128, -64, -128, -18]);
  expect(lists(levels[0].codes)).toEqual([0x80, 0xc0, 0x80, 0xee]);
  expect(lists(effective)).toEqual([1, 0.5, 2, 18 / 64]);
  // What is scaled goes by its own sign already: the outer scales are of the same size.
  const twice = resolved("int4(signmax)/2:int8(signmax)/2", [-8, 0, 4, 1]);
  expect(lists(twice.effective)).toEqual([1, -0.5]);
});
