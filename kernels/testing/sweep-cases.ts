/** Recipes of every kind that a sweep on a GPU may be given: those it does not take say so themselves. */
const FORMATS = (
  "int2 int4 int8(frac=3) e2m1 e4m3 e5m2 int4(asym) int8(asym) nf4 int4(half) " +
  "codebook(-1,-0.35,0,0.35,1) e3m4 int3(full) ternary"
).split(" ");
const BLOCKS = "16 32 48 128 row col tensor 4x16".split(" ");
const SCALES = ["", ":f16", ":e4m3", ":e8m0", ":e8m0@up", ":e4m3/tensor"];
const PRESETS = "mxfp4 mxfp8 mxint8 mxfp4~mx(even) mxfp6~mx(ceil) nvfp4 e4m3 int4/16:bf16".split(" ");

export const SWEEP_RECIPES: readonly string[] = [
  ...FORMATS.flatMap((format) => BLOCKS.flatMap((block) => SCALES.map((scale) => `${format}/${block}${scale}`))),
  ...PRESETS,
];
