/** Formats. */
import { gaussian, studentT, uniform } from "./inputs.ts";
import type { Paper } from "./paper.ts";

const sqnr = { figure: "sqnrDb", within: 0.02 } as const;

export const formats: readonly Paper[] = [
  {
    section: "1.1",
    title: "FP8 versus INT8 for efficient deep learning inference",
    where: "arXiv 2303.17951",
    recipes: [
      { says: "INT8, one searched scale", recipe: "int8/tensor~mse" },
      { says: "E2M5", recipe: "e2m5/tensor~mse" },
      { says: "E3M4", recipe: "e3m4/tensor~mse" },
      { says: "E4M3", recipe: "e4m3/tensor~mse" },
      { says: "E5M2", recipe: "e5m2/tensor~mse" },
    ],
    claims: [
      { says: "uniform: INT8 48.1 dB", on: { weight: uniform }, recipe: "int8/tensor~mse", ...sqnr, is: 48.1 },
      { says: "uniform: E2M5 44.4 dB", on: { weight: uniform }, recipe: "e2m5/tensor~mse", ...sqnr, is: 44.4 },
      { says: "uniform: E4M3 32.1 dB", on: { weight: uniform }, recipe: "e4m3/tensor~mse", ...sqnr, is: 32.1 },
      { says: "Gaussian: INT8 40.7 dB", on: { weight: gaussian }, recipe: "int8/tensor~mse", ...sqnr, is: 40.7 },
      { says: "Gaussian: E2M5 42.8 dB", on: { weight: gaussian }, recipe: "e2m5/tensor~mse", ...sqnr, is: 42.8 },
      { says: "Gaussian: E4M3 31.6 dB", on: { weight: gaussian }, recipe: "e4m3/tensor~mse", ...sqnr, is: 31.6 },
      { says: "t(3): E4M3 31.6 dB", on: { weight: studentT(3) }, recipe: "e4m3/tensor~mse", ...sqnr, is: 31.6 },
      { says: "t(3): E5M2 25.6 dB", on: { weight: studentT(3) }, recipe: "e5m2/tensor~mse", ...sqnr, is: 25.6 },
    ],
  },
  {
    section: "1.2",
    title: "ZeroQuant-FP: a leap forward in LLMs post-training W4A8 quantization using floating-point formats",
    where: "arXiv 2307.09782",
    recipes: [
      { says: "FP4 weights, FP8 activations", recipe: "e2m1/256", activations: "e4m3/row" },
      { says: "LoRC: the error's first 8 directions in 8 bits", recipe: "e2m1/256+lowrank(8,factors=(int8/row))" },
      { says: "GPTQ", recipe: "gptq+e2m1/256", calibration: "gram" },
    ],
    claims: [
      {
        says: "real scales: 1.24e-2",
        on: { weight: gaussian },
        recipe: "e2m1/256",
        figure: "nmse",
        is: 1.24e-2,
        within: 0.03,
      },
    ],
  },
  {
    section: "1.3",
    title: "ZeroQuant(4+2): redefining LLMs quantization with a new FP6-centric strategy for diverse generative tasks",
    where: "arXiv 2312.08583",
    recipes: [{ says: "FP6, one scale an output", recipe: "e3m2/row" }],
    claims: [
      { says: "Gaussian: FP6 25.6 dB", on: { weight: gaussian }, recipe: "e3m2/row", ...sqnr, is: 25.6 },
      { says: "t(5): FP6 25.6 dB", on: { weight: studentT(5) }, recipe: "e3m2/row", ...sqnr, is: 25.6 },
    ],
  },
];
