/** A few recipes to begin with, from the formats of accelerators to what checkpoints use. */
export const examples: readonly { recipe: string; describe: string }[] = [
  { recipe: "nvfp4", describe: "4-bit floats in blocks of 16, two levels of scale" },
  { recipe: "mxfp4", describe: "4-bit floats in blocks of 32, power-of-two scales" },
  { recipe: "int4/128:f16", describe: "4-bit integers in blocks of 128, as weight-only quantizers store them" },
  { recipe: "nf4/64", describe: "16 levels placed for normally distributed weights" },
  { recipe: "rht(32)+int4/64", describe: "4-bit integers after a random Hadamard rotation, which spreads outliers" },
  { recipe: "e4m3/row", describe: "8-bit floats, one scale a row" },
];
