/** Scales and granularity. */
import { gaussian, studentT } from "./inputs.ts";
import type { Claim, Generated, Paper } from "./paper.ts";

const resnet18 = (name: string) => `kernels/allocation/testing/resnet18.ts: ${name}`;
const error = { figure: "nmse", within: 0.03 } as const satisfies Partial<Claim>;
const long: Generated = { name: "normal", rows: 64, cols: 4096, seed: 1 };
const small: Generated = { name: "normal", rows: 256, cols: 1024, seed: 1, params: { std: 1e-3 } };

export const scales: readonly Paper[] = [
  {
    section: "2.1",
    title: "Elucidating the design space of FP4 training",
    where: "arXiv 2509.17791",
    recipes: [
      { says: "a rotation, a scale a tensor, random rounding", recipe: "ht(16)+nvfp4@sr(seed=0)" },
      { says: "UE5M3 scales", recipe: "e2m1/16:ue5m3" },
      { says: "UE5M3 scales under one a tensor", recipe: "e2m1/16:ue5m3/tensor" },
    ],
    claims: [
      {
        says: "UE5M3 stands values of 1e-3: 9.0e-3",
        on: { weight: small },
        recipe: "e2m1/16:ue5m3",
        ...error,
        is: 9e-3,
      },
      {
        says: "E4M3 without a scale a tensor keeps nothing of them",
        on: { weight: small },
        recipe: "e2m1/16:e4m3",
        ...error,
        is: 1,
      },
    ],
  },
  {
    section: "2.2",
    title: "FineQuant: unlocking efficiency with fine-grained weight-only quantization for LLMs",
    where: "arXiv 2308.09723",
    recipes: [
      { says: "groups that the weights settle on", recipe: "int4/row~fine:f16" },
      { says: "groups of 128", recipe: "int4/128:f16" },
      { says: "groups of 64", recipe: "int4/64:f16" },
    ],
    claims: [
      { says: "Gaussian, rows of 4,096: 2.5e-2", on: { weight: long }, recipe: "int4/row", ...error, is: 2.5e-2 },
      { says: "Gaussian, 512: 1.8e-2", on: { weight: long }, recipe: "int4/512", ...error, is: 1.8e-2 },
      { says: "Gaussian, 128: 1.38e-2", on: { weight: gaussian }, recipe: "int4/128", ...error, is: 1.38e-2 },
      { says: "Gaussian, 64: 1.16e-2", on: { weight: gaussian }, recipe: "int4/64", ...error, is: 1.16e-2 },
      { says: "Gaussian, 32: 9.4e-3", on: { weight: gaussian }, recipe: "int4/32", ...error, is: 9.4e-3 },
      {
        says: "t(4), 128: 0.037",
        on: { weight: studentT(4) },
        recipe: "int4/128",
        figure: "nmse",
        is: 0.037,
        within: 0.08,
      },
    ],
  },
  {
    section: "2.3",
    title: "Dual grained quantization: efficient fine-grained quantization for LLM",
    where: "arXiv 2310.04836",
    recipes: [
      {
        says: "whole-number scales a group, one scale a row",
        recipe: "int4(asym)/128~dgq:uint8/row:f16",
        activations: "int8/tensor",
      },
    ],
    claims: [
      {
        says: "9.96e-3",
        on: { weight: long },
        recipe: "int4(asym)/128~dgq:uint8/row:f16",
        figure: "nmse",
        is: 9.96e-3,
        within: 0.1,
      },
      { says: "float scales: 1.01e-2", on: { weight: long }, recipe: "int4(asym)/128", ...error, is: 1.01e-2 },
    ],
  },
  {
    section: "2.4",
    title: "HAWQ-V3: dyadic neural network quantization",
    where: "arXiv 2011.10680",
    recipes: [{ says: "scales as dyadic multipliers", recipe: "int8/row:dyadic@away/tensor" }],
    claims: [
      {
        says: "15 bits of a multiplier change nothing that is seen",
        on: { weight: gaussian },
        recipe: "int8/row:dyadic@away/tensor",
        over: "int8/row",
        ...error,
        is: 1,
      },
      { says: "ResNet18 by bit operations: 8884888848884444444", computed: resnet18("othersByOperations"), most: 0 },
      { says: "at an Omega of 0.2157", computed: resnet18("omegaByOperations"), is: 0.2157, within: 5e-4 },
      { says: "by latency: 8888848848884484844", computed: resnet18("othersByLatency"), most: 0 },
      { says: "at an Omega of 0.2027", computed: resnet18("omegaByLatency"), is: 0.2027, within: 5e-4 },
      { says: "by size: 8888888888888884844", computed: resnet18("othersBySize"), most: 0 },
      { says: "at an Omega of 0.0745", computed: resnet18("omegaBySize"), is: 0.0745, within: 5e-4 },
    ],
  },
  {
    section: "2.5",
    title: "Towards efficient pre-training: exploring FP4 precision in large language models",
    where: "arXiv 2502.11458",
    recipes: [
      { says: "feed-forward, forward: FP4 in blocks of 128", recipe: "e2m1/128", activations: "e2m1/128" },
      { says: "attention: FP8 a token", recipe: "e4m3/row", activations: "e4m3/row" },
    ],
    claims: [],
  },
  {
    section: "2.6",
    title: "SageAttention3: microscaling FP4 attention for inference and an exploration of 8-bit training",
    where: "arXiv 2505.11594",
    recipes: [
      { says: "queries and keys", recipe: "center+nvfp4" },
      { says: "probabilities, under scales of two levels", recipe: "e2m1/16:e4m3/row" },
    ],
    claims: [],
  },
  {
    section: "2.7",
    title: "MixPE: quantization and hardware co-design for efficient LLM inference",
    where: "arXiv 2411.16158",
    recipes: [{ says: "W4A8", recipe: "int4(asym)/128:f16", activations: "int8/row" }],
    claims: [],
  },
  {
    section: "2.8",
    title: "Efficient mixed-precision large language model inference with TurboMind",
    where: "arXiv 2508.15601",
    recipes: [
      { says: "W4A16", recipe: "int4(asym)/128:f16" },
      { says: "a cache in 4 bits a token and head", recipe: "int4(asym)/128:f16" },
      { says: "keys by channel", recipe: "int4(asym)/col:f16" },
    ],
    claims: [],
  },
];
