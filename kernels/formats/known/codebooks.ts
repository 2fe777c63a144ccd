import type { Args } from "../../grammar/args.ts";
import { RecipeError } from "../../grammar/errors.ts";
import type { CodebookFormat } from "../types.ts";
import { createDynamicMap } from "./dynamic-map.ts";
import { COMMON, type Family, type KnownFormat } from "./format.ts";

/** QLoRA's NormalFloat 4 (Dettmers et al. 2023, arXiv:2305.14314), the table of bitsandbytes. */
const nf4 = [
  -1, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635, -0.18477343022823334,
  -0.09105003625154495, 0, 0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224,
  0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1,
];

/** AbnormalFloat 4 for blocks of 64 (Yoshida 2023, arXiv:2306.06965), the table of bitsandbytes. */
const af4 = [
  -1, -0.69441008, -0.51243739, -0.3736951, -0.25607552, -0.14982478, -0.04934812, 0, 0.04273164, 0.12934483,
  0.21961274, 0.31675666, 0.42563882, 0.55496234, 0.72424863, 1,
];

/** bitsandbytes FP4: twelfths, the sign in bit 3, and codes that are not in the order of their values. */
const bnbfp4Magnitudes = [0, 0.0625, 8, 12, 4, 6, 2, 3].map((v) => v / 12);

/** A codebook of these levels by code. */
export const codebookOf = (name: string, levels: readonly number[]): CodebookFormat => ({
  kind: "codebook",
  name,
  bits: Math.ceil(Math.log2(levels.length)),
  values: Float32Array.from(levels),
});

const fixed = (name: string, describe: string, levels: () => readonly number[], family: Family = "codebooks") => ({
  entry: { name, describe, params: COMMON },
  family,
  build: () => codebookOf(name, levels()),
});

const bipolar = (bits: number): KnownFormat => {
  const n = 2 ** bits;
  const describe = `${bits}-bit bipolar: odd integers from -(2^${bits}-1) to 2^${bits}-1`;
  return fixed(
    `bipolar${bits}`,
    describe,
    () => Array.from({ length: n }, (_, code) => 2 * code - (n - 1)),
    "unsigned",
  );
};

export const bipolars: readonly KnownFormat[] = [1, 2, 3, 4, 5, 6, 7, 8].map(bipolar);

/** Levels of one's own, which ascend. */
function levelsOf(args: Args): number[] {
  const levels = args.numbers("values").map(Math.fround);
  if (levels.length < 2) throw new RecipeError("a codebook needs two levels at least");
  if (levels.length > 4096) throw new RecipeError("a codebook has 4096 levels at most");
  for (let i = 0; i < levels.length; i++) {
    if (!Number.isFinite(levels[i])) throw new RecipeError(`level ${i + 1} of the codebook is not a finite float32`);
    if (i > 0 && levels[i] <= levels[i - 1]) {
      throw new RecipeError(
        `the levels of a codebook ascend: level ${i + 1} (${levels[i]}) does not exceed ${levels[i - 1]}`,
      );
    }
  }
  return levels;
}

const codebook: KnownFormat = {
  entry: {
    name: "codebook",
    describe: "levels of one's own",
    params: [{ key: "values", kind: "values", positional: true, describe: "the levels, ascending" }, ...COMMON],
  },
  family: "codebooks",
  build: (args) => codebookOf("codebook", levelsOf(args)),
};

/** The levels above zero of the books with the least squared error on N(0, 1), by bits (Max 1960; Lloyd 1982). */
const lloyd = [
  [0.797884561],
  [0.452780035, 1.51041761],
  [0.245094179, 0.756005281, 1.34390928, 2.1519457],
  [0.12839503, 0.388048299, 0.656759119, 0.942340456, 1.2562312, 1.61804639, 2.06901723, 2.73258957],
  [
    0.0658896598, 0.19805183, 0.331378306, 0.466699523, 0.604933624, 0.747135704, 0.894565117, 1.04878332, 1.21180438,
    1.38634034, 1.57622808, 1.78723322, 2.0287284, 2.3177394, 2.69111958, 3.26073249,
  ],
];

/** Those with the least absolute error: each is the median of its cell: what "Revisiting the parameter efficiency of adapters from the perspective of precision redundancy" codes adapters with. */
const medians = [
  [0.67448975],
  [0.377754161, 1.26572033],
  [0.202623803, 0.625419726, 1.11372894, 1.79202504],
  [0.105550285, 0.319036008, 0.540072077, 0.775192072, 1.0340063, 1.33310671, 1.70773759, 2.26549064],
];

const mirrored = (name: string, what: string, books: readonly number[][]) =>
  books.map((book, i) =>
    fixed(`${name}${i + 1}`, `${i + 1}-bit book of the least ${what} error on a Gaussian`, () => [
      ...book.map((x) => -x).reverse(),
      ...book,
    ]),
  );

export const codebooks: readonly KnownFormat[] = [
  fixed("nf4", "NormalFloat 4: quantiles of a Gaussian (QLoRA)", () => nf4),
  fixed("bnbfp4", "bitsandbytes FP4: twelfths, not E2M1", () => [
    ...bnbfp4Magnitudes,
    ...bnbfp4Magnitudes.map((v) => -v),
  ]),
  fixed("af4", "AbnormalFloat 4 for blocks of 64", () => af4),
  fixed("dynamic8", "bitsandbytes dynamic 8-bit map", createDynamicMap),
  fixed("binary", "-1 and 1", () => [-1, 1]),
  fixed("ternary", "-1, 0 and 1", () => [-1, 0, 1]),
  ...mirrored("lloyd", "squared", lloyd),
  ...mirrored("medians", "absolute", medians),
  codebook,
];
