/** What backends are compared on: recipes of every kind, and matrices that decide what an inexact machine gets wrong. */
import fc from "fast-check";
import { floatBits, floatFromBits } from "../exact/bits.ts";
import { affine, casts, matrices, scaled } from "./cases.ts";
import { lcgValues, planOf } from "./matrix.ts";
import type { TestMatrix } from "./runs.ts";

/** Every family of formats, scales, blocks, roundings, rules, presets and rotations; blocks that divide few rows, and none. */
export const RECIPES: readonly string[] = [
  ..."f32 e4m3 bf16@sr(seed=9) int8 nf4".split(" "),
  ..."int4/32 int4/128:f16 int8/row int4/col int8/tensor int4(asym)/32:f16 int4(signmax)/32:f16 int3(half)/20".split(
    " ",
  ),
  ..."mxfp4 mxfp4~mx(even) mxfp8 nvfp4 e2m1/16:ue5m3 e4m3/8x16 e5m2/flat(100) e3m2/7".split(" "),
  ..."nf4/64 af4/32:f16 ternary/172 dynamic8/flat(256) codebook(-1,-0.35,0,0.35,1)/64:f16".split(" "),
  ..."int4@sr(seed=1)/32 e2m1@away/32 e4m3@trunc/row nf4@coin(seed=2)/64 int8(asym)@odd/row".split(" "),
  ..."int4/32~pct(99) e4m3/row~rms(2.9) int4/32:uint8/row:f16 e4m3(sat=nan)/row~pct(90)".split(" "),
  ..."binary8p3se(sat=inf) binary6p3ue/32 dfp16 e2m1/16:e4m3(reach=256)/tensor int4/32:dyadic(7)@away/tensor".split(
    " ",
  ),
  ..."e2m1/16~fouroversix:e4m3(reach=256)/tensor int4/32~lsq(steps=9) mxfp4~quest(round) int4/32~expr(rms*2/qmax)".split(
    " ",
  ),
  ..."bnb_nf4 bnb_fp4 torchao_nvfp4 rht(4,seed=3)+int4/32".split(" "),
  ..."ht(16)+nvfp4 rht(64,seed=5)+mxfp4 rht(256,seed=1)+int4/128:f16 ht(12)+e4m3/row rht(512,seed=2)+nf4/64".split(" "),
];

/** Why a matrix of this shape has no such run, or null: rotations need rows of whole blocks. */
export function misfit(recipe: string, { rows, cols }: { rows: number; cols: number }, any = false): string | null {
  try {
    planOf(recipe, rows, cols);
    return null;
  } catch (error) {
    if (!any && !recipe.includes("+")) throw error;
    return (error as Error).message;
  }
}

/** Every bfloat16: NaNs, infinities, subnormals and both zeros among them. */
export const everyBf16: TestMatrix = {
  rows: 256,
  cols: 256,
  values: Float32Array.from({ length: 65536 }, (_, k) => floatFromBits((k << 16) >>> 0)),
};

/** Direct casts, for every bfloat16. */
export const CASTS: readonly string[] = (
  "e4m3(sat=inf) e4m3fnuz(sat=inf) e4m3b11fnuz(sat=inf) e4m3ieee(sat=inf) e3m4ieee(sat=inf) e5m2(sat=inf) " +
  "e5m2fnuz(sat=inf) e8m0(sat=nan) e2m3 e3m2 e2m1 bf16(sat=inf) f16(sat=inf)"
).split(" ");

/** The values that the golden packed tensors were made from. */
export const packedValues: TestMatrix = { rows: 8, cols: 1024, values: lcgValues(8 * 1024) };

/** The recipes of the golden packed tensors. */
export const PACKED: readonly string[] = [
  ...["e2m1", "e4m3", "e2m3", "e3m2"].flatMap((element) =>
    ["~mx(floor):e8m0", "~mx(even):e8m0", ":e8m0@up", "~mx(ceil):e8m0"].map((scale) => `${element}/32${scale}`),
  ),
  "nvfp4",
  "nf4(arith=bnb)/64",
];

/** Matrices that are made of what real ones should not be made of. */
export const uglyMatrices: [name: string, matrix: TestMatrix][] = [
  ["one element", { rows: 1, cols: 1, values: Float32Array.of(-0.3) }],
  [
    "all zeros of both signs",
    { rows: 3, cols: 40, values: Float32Array.from({ length: 120 }, (_, i) => (i % 3 ? 0 : -0)) },
  ],
  [
    "NaN, Inf, subnormals and huge values in rows that no block divides",
    {
      rows: 5,
      cols: 37,
      values: Float32Array.from(
        { length: 185 },
        (_, i) => [Number.NaN, Infinity, -Infinity, 1e-40, -1e-42, 3e38, -0, 0.1, -0.7, 2 ** -149][(i * 7) % 10],
      ),
    },
  ],
  [
    "a row so faint that its squares are subnormal",
    { rows: 4, cols: 64, values: lcgValues(256).map((x, i) => (i < 64 ? x * 2 ** -64 : x)) },
  ],
  [
    "any bits",
    {
      rows: 4,
      cols: 172,
      values: Float32Array.from({ length: 688 }, (_, i) => floatFromBits(Math.imul(i + 1, 2654435761) >>> 0)),
    },
  ],
];

/** Values beside the middles of small integers, whatever the scale: ties, and their neighbours. */
const halves: fc.Arbitrary<TestMatrix> = fc
  .record({
    rows: fc.integer({ min: 1, max: 5 }),
    cols: fc.integer({ min: 1, max: 80 }),
    exponent: fc.integer({ min: -140, max: 120 }),
  })
  .chain(({ rows, cols, exponent }) =>
    fc
      .array(fc.tuple(fc.integer({ min: -14, max: 14 }), fc.integer({ min: -1, max: 1 })), {
        minLength: rows * cols,
        maxLength: rows * cols,
      })
      .map((pairs) => ({
        rows,
        cols,
        values: Float32Array.from(pairs, ([half, off]) => {
          const value = Math.fround((half / 2) * 2 ** exponent);
          return value === 0 ? 0 : floatFromBits(floatBits(value) + off);
        }),
      })),
  );

const unrotated = fc.oneof(casts, scaled, affine).map(({ text }) => text);

/** Any recipe over a matrix of any finite bits, rotated where its rows can be. */
export const anyRun: fc.Arbitrary<{ recipe: string; matrix: TestMatrix }> = fc
  .tuple(
    unrotated,
    fc.oneof(matrices, halves),
    fc.constantFrom("", "", "ht(2)+", "rht(4,seed=6)+", "ht(12)+", "rht(16,seed=7)+"),
  )
  .map(([recipe, matrix, rotation]) => {
    const rotated = `${rotation}${recipe}`;
    return { recipe: misfit(rotated, matrix) === null ? rotated : recipe, matrix };
  });

const ELEMENTS = (
  "int2 int3 int4 int5 int8 int4(half) int4(full) int3(signmax) uint4 int4(asym) int8(asym) int8(frac=3) mxint8 " +
  "e2m1 e4m3 e3m2 e2m3 e5m2 e5m2(sat=inf) e3m4 e1m2 nf4 af4 bnbfp4 ternary codebook(-1,-0.35,0,0.35,1) e2m1@away int4@inward"
).split(" ");
const BLOCKS = "16 32 48 64 128 row col tensor 4x16".split(" ");
const SCALES =
  "|:f16|:bf16|:e4m3|:e8m0|:e8m0@up|:ue4m3|:ue5m3|:e5m2|:e4m3/tensor|:ue5m3/tensor|~mx(floor):e8m0|~mx(even):e8m0|~mx(ceil)".split(
    "|",
  );

/** Values between middles and levels of scales and elements, from a small generator. */
const fills: Record<string, (draw: () => number) => number> = {
  normal: (draw) => draw() + draw() + draw() + draw() - 2,
  cut: (draw) => floatFromBits(floatBits(Math.fround(draw() + draw() + draw() - 1.5)) & ~0xffff),
  fractions: (draw) => Math.floor(513 * draw() - 256) / 256,
  binades: (draw) => Math.fround((draw() - 0.5) * 2 ** Math.floor(40 * draw() - 20)),
  outliers: (draw) => Math.fround((draw() - 0.5) * (draw() < 0.02 ? 300 : 1)),
  odd: (draw) => [Number.NaN, Infinity, 0, -0, 2 ** -149, -(2 ** -127), draw(), -draw()][Math.floor(8 * draw())],
};

/** A recipe of blocks over a matrix that they divide, or nearly: what the kernels that take a whole tensor at once see. */
export const blockRun: fc.Arbitrary<{ recipe: string; matrix: TestMatrix }> = fc
  .record({
    element: fc.constantFrom(...ELEMENTS),
    block: fc.constantFrom(...BLOCKS),
    scale: fc.constantFrom(...SCALES),
    rotation: fc.constantFrom("", "", "", "ht(16)+", "rht(32,seed=3)+"),
    rows: fc.integer({ min: 1, max: 20 }),
    cols: fc.oneof(
      { weight: 4, arbitrary: fc.integer({ min: 1, max: 20 }).map((n) => 16 * n) },
      fc.integer({ min: 1, max: 300 }),
    ),
    fill: fc.constantFrom(...Object.keys(fills)),
    seed: fc.nat(2 ** 31 - 1),
    shift: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: -60, max: 60 })),
  })
  .map(({ element, block, scale, rotation, rows, cols, fill, seed, shift }) => {
    let state = seed;
    const draw = () => {
      state = (Math.imul(1664525, state) + 1013904223) >>> 0;
      return (state >>> 8) / 2 ** 24;
    };
    const values = Float32Array.from({ length: rows * cols }, () => fills[fill](draw) * 2 ** shift);
    const text = `${element}/${block}${scale}`;
    const recipe = [`${rotation}${text}`, text, `${element}/${block}`].find(
      (one) => misfit(one, { rows, cols }, true) === null,
    )!;
    return { recipe, matrix: { rows, cols, values } };
  });
