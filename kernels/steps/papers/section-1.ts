/** Formats. */
import { gaussian, laplace, studentT, uniform } from "./inputs.ts";
import type { Claim, Generated, Paper } from "./paper.ts";

const sqnr = { figure: "sqnrDb", within: 0.02 } as const;
const error = { figure: "nmse", within: 0.03 } as const satisfies Partial<Claim>;
/** Long rows, where an outcome goes with how many groups they have. */
const long: Generated = { name: "normal", rows: 64, cols: 4096, seed: 1 };
const gained: Generated = { name: "gains", rows: 256, cols: 512, seed: 2, params: { sigma: 1.2 } };
const fourThirds = "ternary/row~absmean(1.3333333333333333)";

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
      { says: "M1: scales that are powers of two", recipe: "e2m1/256:e8m0@up" },
      { says: "M2: the row's largest scale over powers of two", recipe: "e2m1/256:ue4m0@up/row" },
      { says: "LoRC: the error's first 8 directions in 8 bits", recipe: "e2m1/256+lowrank(8,factors=(int8/row))" },
      { says: "GPTQ", recipe: "gptq+e2m1/256", calibration: "gram" },
    ],
    claims: [
      { says: "real scales: 1.24e-2", on: { weight: gaussian }, recipe: "e2m1/256", ...error, is: 1.24e-2 },
      { says: "M2: 1.41e-2", on: { weight: long }, recipe: "e2m1/256:ue4m0@up/row", ...error, is: 1.41e-2 },
      {
        says: "M2 with the gap of exponents rounded up clips: 2.34e-2",
        on: { weight: long },
        recipe: "e2m1/256:ue4m0@down/row",
        figure: "nmse",
        is: 2.34e-2,
        within: 0.08,
      },
    ],
  },
  {
    section: "1.3",
    title: "ZeroQuant(4+2): redefining LLMs quantization with a new FP6-centric strategy for diverse generative tasks",
    where: "arXiv 2312.08583",
    recipes: [
      { says: "FP6, one scale an output", recipe: "e3m2/row" },
      { says: "INT4 in groups, affine", recipe: "int4(asym)/128:f16" },
    ],
    claims: [
      { says: "Gaussian: FP6 25.6 dB", on: { weight: gaussian }, recipe: "e3m2/row", ...sqnr, is: 25.6 },
      { says: "t(5): FP6 25.6 dB", on: { weight: studentT(5) }, recipe: "e3m2/row", ...sqnr, is: 25.6 },
      {
        says: "Gaussian: INT4 in groups of 128 18.6 dB",
        on: { weight: gaussian },
        recipe: "int4/128",
        ...sqnr,
        is: 18.6,
      },
    ],
  },
  {
    section: "1.4",
    title: "Binary and ternary natural language generation",
    where: "arXiv 2306.01841",
    recipes: [
      { says: "binary", recipe: "binary/row~absmean" },
      { says: "ternary at 4/3 of the mean magnitude", recipe: fourThirds },
      { says: "ternary weight networks", recipe: "ternary/row~twn" },
      { says: "signs about the mean", recipe: "binary/row~bwn" },
    ],
    claims: [
      { says: "binary: 0.3634", on: { weight: gaussian }, recipe: "binary/row~absmean", ...error, is: 0.3634 },
      { says: "ternary: 0.1999", on: { weight: gaussian }, recipe: fourThirds, ...error, is: 0.1999 },
      { says: "TWN: 0.1920", on: { weight: gaussian }, recipe: "ternary/row~twn", ...error, is: 0.192 },
      { says: "the optimum: 0.1902", on: { weight: gaussian }, recipe: "ternary/row~rms", ...error, is: 0.1902 },
    ],
  },
  {
    section: "1.5",
    title: "Efficient arbitrary precision acceleration for large language models on GPU tensor cores",
    where: "arXiv 2409.17870",
    recipes: [{ says: "bipolar integers of 3 bits", recipe: "bipolar3/row~mse" }],
    claims: [
      { says: "2 bits: 0.1188", on: { weight: gaussian }, recipe: "bipolar2/tensor~rms", ...error, is: 0.1188 },
      { says: "3 bits: 0.0374", on: { weight: gaussian }, recipe: "bipolar3/tensor~rms", ...error, is: 0.0374 },
      { says: "4 bits: 0.0115", on: { weight: gaussian }, recipe: "bipolar4/tensor~rms", ...error, is: 0.0115 },
    ],
  },
  {
    section: "1.6",
    title: "Scalable MatMul-free language modeling",
    where: "arXiv 2406.02528",
    recipes: [
      {
        says: "ternary weights at the matrix's mean magnitude",
        recipe: "ternary/tensor~absmean",
        activations: "int8/row",
      },
    ],
    claims: [
      {
        says: "raw Gaussian weights: 0.264",
        on: { weight: gaussian },
        recipe: "ternary/tensor~absmean",
        ...error,
        is: 0.264,
      },
      {
        says: "worse than the 4/3 rule",
        on: { weight: gaussian },
        recipe: "ternary/tensor~absmean",
        over: fourThirds,
        figure: "nmse",
        least: 1.2,
      },
    ],
  },
  {
    section: "1.7",
    title: "LUT Tensor Core: lookup table enables efficient low-bit LLM inference acceleration",
    where: "arXiv 2408.06003",
    recipes: [{ says: "affine codes, the same as odd ones", recipe: "int2(asym)/128:f16", activations: "int8/row" }],
    claims: [],
  },
  {
    section: "1.8",
    title: "LLM-FP4: 4-bit floating-point quantized transformers",
    where: "arXiv 2310.16836",
    recipes: [
      {
        says: "a searched real exponent bias an output",
        recipe: "e2m1/row~realbias",
        activations: "e2m1/tensor~realbias",
      },
      { says: "the split searched, too", recipe: "pick(e1m2,e2m1,e3m0)/row~realbias" },
      {
        says: "biases of channels folded into the weight",
        recipe: "chanbias+e2m1/row~realbias",
        calibration: "channels",
      },
    ],
    claims: [
      {
        says: "powers of two a channel take two thirds of the error of one searched scale",
        on: { weight: gained },
        recipe: "chanbias(3,of=columns)+e2m1/tensor~mse",
        over: "e2m1/tensor~mse",
        figure: "nmse",
        most: 0.45,
      },
      {
        says: "real scales a channel: 1.3e-2",
        on: { weight: gained },
        recipe: "e2m1/col",
        figure: "nmse",
        is: 1.3e-2,
        within: 0.1,
      },
    ],
  },
  {
    section: "1.9",
    title: "HQ-DiT: efficient diffusion transformer with FP4 hybrid quantization",
    where: "arXiv 2405.19751",
    recipes: [
      {
        says: "a rotation, then the split that suits",
        recipe: "rht(64,seed=0)+pick(e1m2,e2m1,e3m0)/row",
        activations: "e2m1/row",
      },
    ],
    claims: [
      { says: "uniform: E1M2 23.5 dB", on: { weight: uniform }, recipe: "e1m2/tensor~mse", ...sqnr, is: 23.5 },
      { says: "Gaussian: E2M1 19.0 dB", on: { weight: gaussian }, recipe: "e2m1/tensor~mse", ...sqnr, is: 19 },
      {
        says: "t(3): E3M0 13.0 dB",
        on: { weight: studentT(3) },
        recipe: "e3m0/tensor~mse",
        figure: "sqnrDb",
        is: 13,
        within: 0.05,
      },
    ],
  },
  {
    section: "1.10",
    title: "Mixed precision training of convolutional neural networks using integer operations",
    where: "arXiv 1802.00930",
    recipes: [
      { says: "16 bits, one exponent a tensor", recipe: "dfp16" },
      { says: "8 bits", recipe: "dfp8" },
    ],
    claims: [
      { says: "16 bits: 83.0 dB", on: { weight: gaussian }, recipe: "dfp16", ...sqnr, is: 83 },
      { says: "8 bits: 34.9 dB", on: { weight: gaussian }, recipe: "dfp8", ...sqnr, is: 34.9 },
    ],
  },
  {
    section: "1.11",
    title: "Pychop: emulating low-precision arithmetic in numerical methods and neural networks",
    where: "arXiv 2504.07835",
    recipes: [
      { says: "float16, to nearest", recipe: "f16" },
      { says: "E4M3 at random in proportion", recipe: "e4m3@sr(seed=0)" },
      { says: "fixed point of 4 and 4 bits", recipe: "int8(frac=4)" },
      { says: "block floating point", recipe: "int6/32~mx(floor):e8m0" },
    ],
    claims: [],
  },
  {
    section: "1.12",
    title: "Spectra: a comprehensive study of ternary, quantized, and FP16 language models",
    where: "arXiv 2407.12327",
    recipes: [
      { says: "ternary", recipe: "ternary/tensor~absmean" },
      { says: "GPTQ in groups", recipe: "gptq+int4/128:f16", calibration: "gram" },
    ],
    claims: [
      {
        says: "untrained, at its best: 0.190",
        on: { weight: gaussian },
        recipe: "ternary/tensor~mse",
        ...error,
        is: 0.19,
      },
    ],
  },
  {
    section: "1.13",
    title: "Revisiting the parameter efficiency of adapters from the perspective of precision redundancy",
    where: "arXiv 2307.16867",
    recipes: [
      { says: "one bit, standardized", recipe: "medians1/tensor~std(0.67448975)" },
      { says: "two bits", recipe: "medians2/tensor~std(1.26572033)" },
      { says: "four bits", recipe: "medians4/tensor~std(2.26549064)" },
    ],
    claims: [
      {
        says: "one bit loses 0.379 of the squares, for the least magnitudes",
        on: { weight: gaussian },
        recipe: "medians1/tensor~std(0.67448975)",
        ...error,
        is: 0.379,
      },
      {
        says: "and the book of the least squares 0.363",
        on: { weight: gaussian },
        recipe: "lloyd1/tensor~std(0.797884561)",
        ...error,
        is: 0.363,
      },
      {
        says: "of the magnitudes it loses 0.4729",
        on: { weight: gaussian },
        recipe: "medians1/tensor~std(0.67448975)",
        figure: "meanAbs",
        ...{ is: 0.4729, within: 0.01 },
      },
      {
        says: "and signs at the mean magnitude 0.4824",
        on: { weight: gaussian },
        recipe: "binary/tensor~absmean",
        figure: "meanAbs",
        ...{ is: 0.4824, within: 0.01 },
      },
    ],
  },
  {
    section: "1.14",
    title: "Post-training quantization with low-precision minifloats and integers on FPGAs",
    where: "arXiv 2311.12359",
    recipes: [
      { says: "E2M3 by outputs", recipe: "e2m3/row~mse", activations: "e2m3/tensor" },
      { says: "smoothed", recipe: "smooth+e2m3/row", activations: "e2m3/tensor", calibration: "channels" },
      { says: "with the outputs' bias mended", recipe: "e2m1/row+bias", calibration: "channels" },
    ],
    claims: [
      { says: "E2M3: 30.8 dB", on: { weight: gaussian }, recipe: "e2m3/tensor~mse", ...sqnr, is: 30.8 },
      { says: "E3M2: 25.6 dB", on: { weight: gaussian }, recipe: "e3m2/tensor~mse", ...sqnr, is: 25.6 },
      { says: "INT6: 29.7 dB", on: { weight: gaussian }, recipe: "int6/tensor~mse", ...sqnr, is: 29.7 },
    ],
  },
  {
    section: "1.15",
    title: "Tilus: a virtual machine for arbitrary low-precision GPGPU computation in LLM serving",
    where: "arXiv 2504.12984",
    recipes: [2, 3, 5, 6, 7].map((bits) => ({
      says: `${bits} bits in groups of 128`,
      recipe: `int${bits}(full)/128:f16`,
    })),
    claims: [
      { says: "3 bits: 13.9 dB", on: { weight: gaussian }, recipe: "int3(full)/tensor~mse", ...sqnr, is: 13.9 },
      { says: "5 bits: 24.5 dB", on: { weight: gaussian }, recipe: "int5(full)/tensor~mse", ...sqnr, is: 24.5 },
      { says: "7 bits: 35.2 dB", on: { weight: gaussian }, recipe: "int7(full)/tensor~mse", ...sqnr, is: 35.2 },
    ],
  },
  {
    section: "1.16",
    title: "Low-precision training of large language models: methods, challenges, and opportunities",
    where: "arXiv 2505.01043",
    recipes: [
      { says: "forward: E4M3", recipe: "e4m3/tensor" },
      { says: "gradients: E5M2 at random", recipe: "e5m2@sr(seed=0)/tensor" },
      { says: "states: dynamic 8 bits in blocks", recipe: "dynamic8/256" },
    ],
    claims: [
      {
        says: "heavy tails are safe in E5M2, at 25.6 dB",
        on: { weight: laplace },
        recipe: "e5m2/tensor",
        ...sqnr,
        is: 25.6,
      },
    ],
  },
  {
    section: "1.17",
    title: "Scaling laws for floating point quantization training",
    where: "arXiv 2501.02423",
    recipes: [
      { says: "4 bits, as its law splits them", recipe: "e2m1/128" },
      { says: "6 bits", recipe: "e3m2/128" },
      { says: "8 bits", recipe: "e4m3/128" },
    ],
    claims: [
      {
        says: "of 8 bits a tensor at rest wants other ones: E2M5 has a tenth of E4M3's error",
        on: { weight: gaussian },
        recipe: "e2m5/tensor~mse",
        over: "e4m3/tensor~mse",
        figure: "nmse",
        most: 0.1,
      },
    ],
  },
];
