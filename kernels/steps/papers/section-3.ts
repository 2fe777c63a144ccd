/** Rounding. */
import { following, gaussian } from "./inputs.ts";
import type { Claim, Paper } from "./paper.ts";

const error = { figure: "nmse", within: 0.03 } as const satisfies Partial<Claim>;

const learned = { on: following } as const satisfies Partial<Claim>;

export const roundings: readonly Paper[] = [
  {
    section: "3.1",
    title: "Climate modelling in low-precision: effects of both deterministic & stochastic rounding",
    where: "arXiv 2104.15076",
    recipes: [
      { says: "ten significand bits, to nearest", recipe: "f16" },
      { says: "at random in proportion", recipe: "f16@sr(seed=0)" },
    ],
    claims: [],
    lab: true,
  },
  {
    section: "3.2",
    title: "Nearly lossless adaptive bit switching",
    where: "arXiv 2502.01199",
    recipes: [
      { says: "4 bits, one scale for both widths", recipe: "int4(full)/tensor~expr(0.3386*rms)" },
      { says: "8 bits under the scale that suits 4", recipe: "int8(full)/tensor~expr(0.3386*rms/16)" },
    ],
    claims: [
      {
        says: "4 bits: 0.01183",
        on: { weight: gaussian },
        recipe: "int4(full)/tensor~expr(0.3386*rms)",
        ...error,
        is: 0.01183,
      },
      {
        says: "2 bits: 0.1492",
        on: { weight: gaussian },
        recipe: "int2(full)/tensor~expr(1.0484*rms)",
        ...error,
        is: 0.1492,
      },
      {
        says: "cut off rather than rounded, three times the error at 4 bits",
        on: { weight: gaussian },
        recipe: "int4(full)@down/tensor~expr(0.3386*rms)",
        over: "int4(full)/tensor~expr(0.3386*rms)",
        figure: "nmse",
        least: 2.9,
      },
    ],
  },
  {
    section: "3.3",
    title: "Gradient-based post-training quantization: challenging the status quo",
    where: "arXiv 2308.07662",
    recipes: [
      { says: "rounding learned from a few inputs", recipe: "adaround+int4/row", calibration: "rows" },
      { says: "on uneven levels", recipe: "adaround+nf4/64", calibration: "rows" },
      { says: "the weights themselves, and steps", recipe: "l4q(by=weights)+int4/row", calibration: "rows" },
      { says: "rounding and ranges (AutoRound)", recipe: "signround(range=tuned)+int4/row", calibration: "rows" },
    ],
    claims: [
      {
        says: "outputs lose less",
        ...learned,
        figure: "outputNmse",
        recipe: "adaround(150)+int4/row",
        over: "int4/row",
        most: 0.8,
      },
      {
        says: "weights lose no less",
        ...learned,
        figure: "nmse",
        recipe: "adaround(150)+int4/row",
        over: "int4/row",
        least: 1,
      },
      {
        says: "nor on uneven levels",
        ...learned,
        figure: "outputNmse",
        recipe: "adaround(150)+nf4/64",
        over: "nf4/64",
        most: 0.8,
      },
      {
        says: "steps as a variable lessen it beside the weights",
        ...learned,
        figure: "outputNmse",
        recipe: "l4q(60,by=weights)+int4/row",
        over: "int4/row",
        most: 0.9,
      },
      {
        says: "ranges beside rounding",
        ...learned,
        figure: "outputNmse",
        recipe: "signround(60,range=tuned)+int4/row",
        over: "signround(60)+int4/row",
        most: 1,
      },
    ],
  },
];
