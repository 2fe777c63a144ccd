/**
 * What is recorded: some 400 recipes of every family, over matrices that are ordinary, hostile, ragged and not finite. Names and
 * values are fixed, so that a figure that differs from the recorded one has moved and not its question.
 */
import { floatFromBits } from "../../exact/bits.ts";
import { blockQuantizers } from "../../ggml/names.ts";
import { aliases } from "../../notation/aliases.ts";
import { lcgValues } from "../matrix.ts";
import type { TestMatrix } from "../runs.ts";

const words = (text: string) => text.split(" ");
const each = (lists: string[][], join: (...parts: string[]) => string): string[] =>
  lists
    .reduce<string[][]>((rows, list) => rows.flatMap((row) => list.map((item) => [...row, item])), [[]])
    .map((row) => join(...row));

const ELEMENTS = words(
  "int2 int3 int4 int8 int4(half) int4(full) int3(signmax) int4(asym) int8(asym) int8(frac=6) uint4 bipolar3 " +
    "e2m1 e4m3 e3m2 e2m3 e5m2 e4m3fnuz e3m4ieee e0m3 e2m3(bias=2) e4m4(bias=-30) f16 bf16 nf4 af4 bnbfp4 ternary",
);
const CODEBOOKS = ["codebook(-1,-0.35,0,0.35,1)", "codebook(0.5,1,3)"];
const ROUNDINGS = words("away inward trunc up down odd coin(seed=3) sr(seed=1) sr(bits=32,seed=7) sr(bits=1,seed=9)");
const SCALES = words(
  ":f16 :bf16 :e8m0 :e8m0@up :e4m3 :ue4m3 :ue5m3 :e5m2 :uint8/row :uint8/row:f16 :e4m3/tensor :int8/tensor:bf16",
);
const RULES = words(
  "~pct(99) ~pct(50) ~rms(2.9) ~absmean(2) ~mse ~mse(p=2.4,grid=40) ~mse(p=1,grid=30,least=0.5) ~shrink(p=2.4,grid=40) ~std(2.9)",
);
const MX_RULES = words("~mx(floor) ~mx(ceil) ~mx(even)");
const BLOCKS = words("/1 /3 /7x5 /12 /64 /1000 /row /col /tensor /flat(33) /flat(100)");
const ROTATIONS = words(
  "ht(4)+ rht(4,seed=3)+ ht(12)+ rht(20,seed=4)+ rht(64,seed=5)+ rht(256,seed=1)+ ht(4)+rht(16,seed=2)+",
);
const CASTS = words(
  "f32 tf32 bf16 f16 e4m3 e4m3fnuz e4m3b11fnuz e4m3ieee e3m4ieee e5m2 e5m2fnuz e8m0 e2m3 e3m2 e2m1 int8 nf4 ue4m3",
);
const OPTIONS = [
  ...words("e4m3(sat=nan) e4m3(sat=inf) e5m2(sat=inf) e5m2(sat=nan) f16(sat=inf) e8m0(sat=nan) e4m3ieee(sat=inf)"),
  ...words("e4m3(sat=nan)/row~pct(90) e5m2(sat=inf)/32~pct(60) e3m2(top=nan,sat=nan)/32~pct(70) e8m2/4~pct(50)"),
  ...words("int4(nonfinite=poison)/16 e4m3(nonfinite=poison)/32 nvfp4(nonfinite=poison)"),
  ...words("int4(zero=1)/32 e2m1(zero=min)/16:e4m3/tensor e2m1/16:e4m3(least=0.015625) int4/16:int8(offset=mean)/row"),
  ...words("e2m1(arith=torchao)/16:e4m3/tensor nf4(arith=bnb)/64 int4(asym,zp=e4m3)/32 int4(asym,zp=f32)/32:f16"),
];

/** Steps that look at values or mend results, and vectors. */
const LAYERS = words(
  "perm+int4/16 perm+e2m1@sr(seed=2)/16:e4m3/tensor outliers(0.01)+int4/32:f16 rht(4,seed=1)+outliers(0.02,values=bf16)+nf4/12 " +
    "int4/32+lowrank(2) perm+q4_k mxfp4+lowrank(3,factors=(int8/row)) vq(4,16,seed=1) outliers(0.02)+vq(2,32) " +
    "perm+rht(4,seed=2)+outliers(0.01)+int4(asym)/20+lowrank(1)",
);

/** Every recipe of the record, without repetition. */
export const recordedRecipes: readonly string[] = [
  ...new Set([
    ...CASTS,
    ...aliases.map(({ name }) => name),
    ...blockQuantizers.map(({ name }) => name),
    ...each([[...ELEMENTS, ...CODEBOOKS], words("/32 /row")], (element, block) => element + block),
    ...each([ELEMENTS, ["/16:e8m0", "/24:f16"]], (element, block) => element + block),
    ...each([words("int4 int4(asym) e2m1 nf4"), ROUNDINGS], (element, rounding) => `${element}@${rounding}/32:f16`),
    ...each([words("e5m2 f16 int8"), ROUNDINGS], (element, rounding) => `${element}@${rounding}`),
    ...each([words("int4 int4(asym) e2m1 e3m2"), SCALES], (element, scale) => `${element}/16${scale}`),
    ...each([words("int4 int4(asym) e2m1 nf4"), RULES], (element, rule) => `${element}/32${rule}`),
    ...each(
      [words("e2m1 int4"), RULES, words(":e8m0 :e4m3/tensor")],
      (element, rule, scale) => `${element}/16${rule}${scale}`,
    ),
    ...each(
      [words("e2m1 e4m3 int8(frac=6)"), MX_RULES, words(":e8m0 :f16")],
      (e, rule, scale) => `${e}/32${rule}${scale}`,
    ),
    ...each([words("int4 int4(asym) e2m1"), BLOCKS], (element, block) => element + block),
    ...each([ROTATIONS, words("int4/32 nvfp4 mxfp4 e4m3/row")], (rotation, rest) => rotation + rest),
    ...OPTIONS,
    ...LAYERS,
  ]),
].filter((text) => !/^(int4\(asym\)|uint4).*~(rms|absmean)/.test(text));

const SPECIAL = [0, 0x80000000, 1, 0x80000001, 0x7fffff, 0x800000, 0x7f7fffff, 0xff7fffff, 0x7f000000, 0x3f800001];

/** Middles of small integers and of E2M1, a binade at a time, beside values at both ends of the range and faint rows. */
function hostile(rows: number, cols: number): Float32Array {
  const x = lcgValues(rows * cols, 77);
  return x.map((value, i) => {
    const row = Math.floor(i / cols);
    if (row === 1) return value * 2 ** -70;
    if (row === 2) return Math.round(value * 4) / 4;
    if (row === 3) return i % 96 < 32 ? 0 : value * 2 ** ((i % 32) - 16);
    return i % 9 === 4 ? floatFromBits(SPECIAL[(i >> 3) % SPECIAL.length]) : value;
  });
}

const NOT_FINITE = [Number.NaN, Infinity, -Infinity];

/** The matrices, by name. Rows of 256 hold whole blocks of every kind; rows of 60 hold none but of 1, 3 and 12. */
export const recordedMatrices: Readonly<Record<string, TestMatrix>> = {
  ordinary: { rows: 4, cols: 256, values: lcgValues(4 * 256, 1).map((x) => Math.fround(x * 0.02)) },
  hostile: { rows: 4, cols: 256, values: hostile(4, 256) },
  ragged: {
    rows: 5,
    cols: 60,
    values: lcgValues(5 * 60, 3).map((x, i) => (i % 50 === 7 ? x * 40 : Math.round(x * 256) / 256)),
  },
  "not finite": {
    rows: 3,
    cols: 256,
    values: lcgValues(3 * 256, 9).map((x, i) => (i % 41 === 5 || (i >= 64 && i < 96) ? NOT_FINITE[i % 3] : x)),
  },
};
