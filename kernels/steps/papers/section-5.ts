/** Outliers. */
import { loud, reader } from "./inputs.ts";
import type { Claim, Generated, Paper } from "./paper.ts";

const eightBits = {
  on: { weight: reader(64, 1), inputs: loud(512, 6, 20), activations: "int8/row" },
  figure: "joint",
} as const satisfies Partial<Claim>;
const apart = "columns(by=own)+int8/row";

const five = { on: { weight: loud(256, 5, 30, 3) }, figure: "sqnrDb" } as const satisfies Partial<Claim>;

/** Forty of 4,096 channels, which seed 8 puts into 25 of 32 blocks. */
const scattered: Generated = {
  name: "outliers",
  rows: 256,
  cols: 4096,
  seed: 8,
  params: { share: 40 / 4096, gain: 25 },
};
const mixed = "columns(by=own,block=128,values=(int8/128))+int4/128";
/** Of 4.25 bits and four more in 8-bit blocks; which columns these are, and the order, take some hundredths. */
const wide = { on: { weight: scattered }, figure: "bitsPerWeight", within: 0.03 } as const satisfies Partial<Claim>;
const blocks = { on: { weight: scattered }, figure: "nmse" } as const satisfies Partial<Claim>;

const offset = {
  on: {
    weight: reader(64, 1),
    inputs: { name: "normal", rows: 256, cols: 1024, seed: 5, params: { mean: 5 } },
    activations: "int8/row",
  },
  figure: "joint",
} as const satisfies Partial<Claim>;

export const outliers: readonly Paper[] = [
  {
    section: "5.1",
    title: "LLM.int8(): 8-bit matrix multiplication for transformers at scale",
    where: "arXiv 2208.07339",
    recipes: [
      { says: "one scale a tensor", recipe: "int8/tensor", activations: "int8/tensor" },
      { says: "vector-wise", recipe: "int8/row", activations: "int8/row" },
      { says: "outlier features in 16 bits", recipe: "columns+int8/row", activations: apart, calibration: "channels" },
    ],
    claims: [
      { says: "vector-wise: 1.9e-3", recipe: "int8/row", ...eightBits, is: 1.9e-3, within: 0.1 },
      {
        says: "outlier features in 16 bits: 3.6e-5",
        recipe: "columns+int8/row",
        ...{ ...eightBits, on: { ...eightBits.on, activations: apart } },
        ...{ is: 3.6e-5, within: 0.1 },
      },
      {
        says: "six of 1,024 features are found: 99.4 % stay in 8 bits",
        recipe: "columns+int8/row",
        on: { weight: reader(512, 1), inputs: loud(512, 6, 20) },
        figure: "bitsPerWeight",
        ...{ is: 8 + (8 * 6) / 1024 + 32 / 1024, within: 1e-4 },
      },
      { says: "smoothed (SmoothQuant): 2.1e-4", recipe: "smooth+int8/row", ...eightBits, is: 2.1e-4, within: 0.1 },
    ],
  },
  {
    section: "5.2",
    title: "Optimizing large language model training using FP4 quantization",
    where: "arXiv 2501.17116",
    recipes: [
      { says: "clamped, and what is cut off kept", recipe: "clamp(0.99)+e2m1/row" },
      { says: "clamped alone", recipe: "clamp(0.99,comp=none)+e2m1/row" },
      { says: "what is cut off in FP8", recipe: "clamp(0.99,values=e4m3)+e2m1/row" },
    ],
    claims: [
      { says: "token-wise: 8.5 dB", recipe: "e2m1/row", ...five, is: 8.5, within: 0.05 },
      { says: "clamped with compensation: 26.7 dB", recipe: "clamp(0.99)+e2m1/row", ...five, is: 26.7, within: 0.03 },
      { says: "clamped without: 1.5 dB", recipe: "clamp(0.99,comp=none)+e2m1/row", ...five, is: 1.5, within: 0.1 },
    ],
  },
  {
    section: "5.3",
    title: "COMET: towards practical W4A4KV4 LLMs serving",
    where: "arXiv 2410.12168",
    recipes: [
      {
        says: "channels in order of their inputs; blocks with outliers in 8 bits",
        recipe: "perm(inputs)+int4/128",
        activations: mixed,
        calibration: "channels",
      },
      { says: "the same of activations as a tensor", recipe: `perm+${mixed}` },
    ],
    claims: [
      { says: "blocks as channels lie: 9.0e-4", recipe: mixed, ...blocks, is: 9e-4, within: 0.12 },
      { says: "channels in order: 1.85e-3", recipe: `perm+${mixed}`, ...blocks, is: 1.85e-3, within: 0.05 },
      { says: "78 % of the blocks as channels lie are in 8 bits", recipe: mixed, ...wide, is: 4.25 + 4 * 0.78 },
      { says: "3.1 % of those in order", recipe: `perm+${mixed}`, ...wide, is: 4.25 + 4 * 0.031 },
      { says: "all in 4 bits: 6.5e-2", recipe: "int4/128", ...blocks, is: 6.5e-2, within: 0.08 },
    ],
  },
  {
    section: "5.4",
    title: "MPTQ-ViT: mixed-precision post-training quantization for vision transformer",
    where: "arXiv 2401.14895",
    recipes: [
      {
        says: "smoothed about the middle of each channel",
        recipe: "smooth(by=centred)+int8/row",
        activations: "int8/row",
        calibration: "channels",
      },
    ],
    claims: [
      {
        says: "channels far from zero: less than smoothed about zero",
        recipe: "smooth(by=centred)+int8/row",
        over: "smooth+int8/row",
        ...offset,
        most: 0.8,
      },
    ],
  },
];
