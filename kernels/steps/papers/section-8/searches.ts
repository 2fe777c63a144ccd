/** Searches for an allocation. */
import { gaussian, studentT } from "../inputs.ts";
import type { Paper } from "../paper.ts";

const from = (file: string, name: string) => `kernels/allocation/testing/${file}.ts: ${name}`;

export const searches: readonly Paper[] = [
  {
    section: "8.5",
    title: "AMAQ: adaptive mixed-bit activation quantization for collaborative parameter efficient fine-tuning",
    where: "arXiv 2510.05468",
    recipes: [],
    claims: [
      {
        says: "water-filling gains 2.13 dB over equal bits on 4,096 channels of log-normal variances",
        computed: from("amaq", "waterGain"),
        is: 2.13,
        within: 0.05,
      },
      {
        says: "which is 10 log10 of the variances' arithmetic over their geometric mean",
        computed: from("amaq", "waterOverMeans"),
        is: 1,
        within: 1e-9,
      },
      {
        says: "learned widths leave what water-filling leaves, to 1 %",
        computed: from("amaq", "learnedOverWater"),
        is: 1,
        within: 0.01,
      },
      {
        says: "their mean is within 1 % of its target",
        computed: from("amaq", "learnedMean"),
        is: 1,
        within: 0.01,
      },
      {
        says: "rounded to whole bits they still gain over 4 bits for each channel",
        computed: from("amaq", "gainOnValues"),
        least: 1,
      },
    ],
  },
  {
    section: "8.6",
    title: "FLIQS: one-shot mixed-precision floating-point and integer quantization search",
    where: "arXiv 2308.03290",
    recipes: [
      { says: "integers", recipe: "int4/row" },
      { says: "floats", recipe: "e2m1/row" },
    ],
    claims: [
      {
        says: "the policy's allocation of 16 layers loses at the most 1 % more than that of dynamic programming",
        computed: from("fliqs", "lossAbove"),
        most: 0.01,
      },
      {
        says: "its entropy goes below 0.05",
        computed: from("fliqs", "lastEntropy"),
        most: 0.05,
      },
      {
        says: "its cost is within 2 % of the target",
        computed: from("fliqs", "lastCost"),
        is: 1,
        within: 0.02,
      },
    ],
  },
  {
    section: "8.13",
    title: "Mixed-precision quantization for language models: techniques and prospects",
    where: "arXiv 2510.16805",
    recipes: [
      { says: "by value: what is loud in full precision", recipe: "outliers(0.0137)+int4/row" },
      { says: "by group", recipe: "int4/32:f16" },
    ],
    claims: [
      {
        says: "a sweep of the price of a bit gives the lower convex hull of the exact frontier",
        computed: from("survey", "hullDifference"),
        most: 1e-12,
      },
      {
        says: "a finer unit never loses more, before it is said which part has which width",
        computed: from("survey", "finerOverCoarser"),
        most: 1,
      },
      {
        says: "widths by row lose less than by tensor where rows' gains differ, their indices counted",
        computed: from("survey", "rowsOverTensors"),
        most: 0.9,
      },
      {
        says: "1 % of values in FP16 add 0.2 bits",
        computed: from("survey", "onePercent"),
        is: 0.2,
        within: 0.01,
      },
      {
        says: "5 % of them less than 1 bit",
        computed: from("survey", "fivePercent"),
        is: 0.89,
        within: 0.01,
      },
      {
        says: "as many bits by group: 4.5",
        on: { weight: gaussian },
        recipe: "outliers(0.0137)+int4/row",
        over: "int4/32:f16",
        figure: "bitsPerWeight",
        is: 1,
        within: 0.003,
      },
      {
        says: "and by value more is lost of a Gaussian",
        on: { weight: gaussian },
        recipe: "outliers(0.0137)+int4/row",
        over: "int4/32:f16",
        figure: "nmse",
        least: 1,
      },
      {
        says: "but less of heavy tails",
        on: { weight: studentT(4) },
        recipe: "outliers(0.0137)+int4/row",
        over: "int4/32:f16",
        figure: "nmse",
        most: 0.9,
      },
    ],
  },
];
