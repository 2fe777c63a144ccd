/** Every term of the page that a newcomer may not know, explained once. Figures, tables and charts read it here. */

export interface Explained {
  name: string;
  /** In one clause: what it is. */
  short: string;
  /** What it tells, and what to make of it. */
  long: string;
}

export const terms = {
  sqnrDb: {
    name: "SQNR",
    short: "signal to quantization noise, -10 log10 NMSE",
    long: "How far the error lies below the values, in decibels: 6 dB more is half the error, about what one more bit a weight brings.",
  },
  bitsPerWeight: {
    name: "Bits/weight",
    short: "everything stored, over the number of elements",
    long: "Codes, scales, zero points and offsets together. Where they go stands at the end of the table.",
  },
  nmse: {
    name: "NMSE",
    short: "sum of squared error over sum of squares",
    long: "The share of the values' energy that is lost: 0.01 is one per cent. It does not depend on the size of the values.",
  },
  mse: {
    name: "MSE",
    short: "mean squared error",
    long: "In squared units of the values, so that it says nothing across tensors of other sizes.",
  },
  maxAbs: {
    name: "Max |e|",
    short: "largest error of an element",
    long: "One element decides it. Large beside the mean it tells of a value that was clipped.",
  },
  meanAbs: {
    name: "Mean |e|",
    short: "mean magnitude of the error",
    long: "Less ruled by a few large errors than the mean squared error.",
  },
  cosine: {
    name: "1 - cosine",
    short: "one less the cosine between input and result",
    long: "The change of direction alone: scaling all values by one factor leaves it at 0. Smaller is better.",
  },
  bias: {
    name: "Bias",
    short: "1 - <x,y>/<x,x>, how much the result shrinks",
    long: "0.01 means that the result, held against the input, is one per cent too small as a whole; below zero it is too large.",
  },
  saturated: {
    name: "Saturated",
    short: "codes at the end of the range for values beyond it",
    long: "These values were clipped. Scales from the largest magnitude clip none but by their own rounding; searched scales clip on purpose.",
  },
  flushed: {
    name: "Flushed",
    short: "non-zero values that got the code of zero",
    long: "They were too small for the scale of their block, and are lost. Many of them tell of a large value beside them.",
  },
  dead: {
    name: "Dead",
    short: "blocks with a non-zero value whose stored scale is zero",
    long: "Every value of such a block became zero, because the format of the scale could not hold so small a one.",
  },
  nonFinite: {
    name: "NaN, Inf",
    short: "not finite in the input",
    long: "They are in the tensor itself, and are left out of the sums and the scales.",
  },
  broken: {
    name: "Broken",
    short:
      "results that are NaN or Inf where values are finite; every other figure leaves them out, so nothing can be compared",
    long: "The recipe overflowed. A model with such weights gives no answers, so a recipe with broken results wins nothing here.",
  },
  codeEntropy: {
    name: "Entropy",
    short: "Shannon entropy of the codes",
    long: "Bits that each code carries on average. Well below the width of the code, codes are used unevenly, and could be packed into less.",
  },
  bulk: {
    name: "Bulk",
    short: "the narrowest range around zero that holds 99.9 % of the values",
    long: "A few far outliers would else stretch the axis until all other values share a few bins.",
  },
} as const satisfies Record<string, Explained>;

export type TermName = keyof typeof terms;
