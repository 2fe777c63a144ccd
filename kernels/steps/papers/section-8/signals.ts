/** Signals of values, gradients and relevance. */
import type { Generated, Paper } from "../paper.ts";

const slim = (name: string) => ({ computed: `kernels/signals/testing/slim.ts: ${name}` });
const patches = (name: string) => ({ computed: `kernels/signals/testing/patches.ts: ${name}` });
const mixllm = (name: string) => ({ computed: `kernels/signals/testing/mixllm.ts: ${name}` });
const mixdq = (name: string) => ({ computed: `kernels/signals/testing/mixdq.ts: ${name}` });
const lrp = (name: string) => ({ computed: `kernels/signals/testing/lrp.ts: ${name}` });

/** Activations behind a norm: tokens x channels whose gains are log-normal. */
const gains: Generated = { name: "gains", rows: 2048, cols: 256, seed: 4, params: { sigma: 1.2 } };

export const signals: readonly Paper[] = [
  {
    section: "8.4",
    title: "SliM-LLM: salience-driven mixed-precision quantization for large language models",
    where: "arXiv 2405.14917",
    recipes: [
      { says: "a group in two bits", recipe: "int2(asym)/128:f16" },
      { says: "the least salient groups in one bit, signs about the mean", recipe: "binary/128~bwn:f16" },
      { says: "ranges by errors to the power of 2.4", recipe: "int2(asym)/128~mse(p=2.4):f16" },
      { says: "compensated", recipe: "gptq+int2(asym)/128:f16", calibration: "gram" },
    ],
    claims: [
      { says: "groups have two bits on average exactly", ...slim("meanBits"), is: 2, within: 1e-12 },
      {
        says: "with a loud group of channels KL is below that of two bits everywhere",
        ...slim("divergence"),
        most: 0.4,
      },
      { says: "and so is the outputs' error", ...slim("outputError"), most: 0.4 },
      {
        says: "with the loud channels all over the row little of it is left",
        ...slim("shuffledDivergence"),
        least: 0.8,
      },
      { says: "and nothing at three bits", ...slim("shuffledAtThree"), is: 1, within: 1e-12 },
      { says: "at three bits the weight's own error rises", ...slim("weightErrorAtThree"), least: 1.2 },
      { says: "while the outputs' falls", ...slim("outputErrorAtThree"), most: 0.5 },
    ],
  },
  {
    section: "8.9",
    title: "Value-driven mixed-precision quantization for patch-based inference on microcontrollers",
    where: "arXiv 2401.13714",
    recipes: [
      { says: "patches with outliers", recipe: "int8(asym)/tensor" },
      { says: "the others", recipe: "int4(asym)/tensor" },
      { says: "or fewer bits, by entropy", recipe: "int2(asym)/tensor" },
    ],
    claims: [
      { says: "the share of patches with outliers is that planted", ...patches("outlierShare"), is: 1, within: 1e-12 },
      { says: "the entropy of b bits is at the most b", ...patches("entropyOverBits"), most: 1 },
      { says: "and rises with b", ...patches("entropySteps"), least: 0 },
      {
        says: "with a twentieth in 8 bits and the others in 4 bit operations fall 1.9 times",
        ...patches("operationsSaved"),
        is: 1 / (0.05 + 0.95 / 2),
        within: 1e-3,
      },
    ],
  },
  {
    section: "8.10",
    title:
      "MixLLM: LLM quantization with global mixed-precision between output-features and highly-efficient system design",
    where: "arXiv 2412.14590",
    recipes: [
      { says: "most rows", recipe: "int4(asym)/128:f16", activations: "int8/128:f16" },
      { says: "a tenth of them", recipe: "int8/row", activations: "int8/128:f16" },
    ],
    claims: [
      {
        says: "rows chosen from all layers never lose more than rows of each",
        ...mixllm("globalOverByLayer"),
        most: 1,
      },
      { says: "and sometimes much less", ...mixllm("bestGain"), most: 0.8 },
      { says: "a tenth in eight bits is 4.4 bits", ...mixllm("bitsAtTenth"), is: 4.4, within: 1e-12 },
      { says: "a code less a zero point fits eight bits", ...mixllm("largestDifference"), is: 15, within: 1e-12 },
      { says: "integers become floats exactly below 2^22", ...mixllm("wrongConversions"), most: 0 },
    ],
  },
  {
    section: "8.11",
    title:
      "MixDQ: memory-efficient few-step text-to-image diffusion models with metric-decoupled mixed precision quantization",
    where: "arXiv 2405.17873",
    recipes: [
      { says: "a layer of content", recipe: "int2(asym)/row", activations: "int8(asym)/tensor" },
      { says: "a layer of quality", recipe: "int4(asym)/row", activations: "int8(asym)/tensor" },
    ],
    claims: [
      {
        says: "a range without the first token gains 34 dB less what clipping takes where it is 50 times as loud",
        ...mixdq("gainAside"),
        is: 20 * Math.log10(50),
        within: 0.1,
      },
      { says: "and gives back all that a calm text has", ...mixdq("shortOfCalm"), most: 0.05 },
      { says: "mean bits of both groups are within 0.02 of their shares", ...mixdq("largestMiss"), most: 0.02 },
      { says: "at each of the ten factors", ...mixdq("factorsAllowed"), is: 10, within: 1e-12 },
    ],
  },
  {
    section: "8.12",
    title: "LRP-QViT: mixed-precision vision transformer quantization via layer-wise relevance propagation",
    where: "arXiv 2401.11243",
    recipes: [
      { says: "a range each channel", recipe: "int4/col" },
      { says: "one range, the best", recipe: "int4/tensor~mse" },
      { says: "a range each channel, cut at a percentile", recipe: "int8(asym)/col~pct(99.9)" },
    ],
    claims: [
      { says: "relevance is conserved", ...lrp("relevanceLost"), most: 1e-9 },
      { says: "folding is exact before rounding", ...lrp("foldError"), most: 1e-12 },
      ...(
        [
          [4, 16.6, 10.9],
          [6, 29.5, 18.7],
          [8, 41.8, 27.7],
        ] as const
      ).flatMap(([bits, channels, tensor]) => [
        {
          says: `${bits} bits a channel: ${channels} dB`,
          on: { weight: gains },
          recipe: `int${bits}/col`,
          figure: "sqnrDb" as const,
          is: channels,
          within: 0.01,
        },
        {
          says: `${bits} bits by one range: ${tensor} dB`,
          on: { weight: gains },
          recipe: `int${bits}/tensor~mse`,
          figure: "sqnrDb" as const,
          is: tensor,
          within: 0.03,
        },
      ]),
    ],
  },
];
