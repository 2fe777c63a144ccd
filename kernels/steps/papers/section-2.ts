/** Scales and granularity. */
import { gaussian, studentT } from "./inputs.ts";
import type { Paper } from "./paper.ts";

export const scales: readonly Paper[] = [
  {
    section: "2.1",
    title: "Elucidating the design space of FP4 training",
    where: "arXiv 2509.17791",
    recipes: [
      { says: "a rotation, a scale a tensor, random rounding", recipe: "ht(16)+nvfp4@sr(seed=0)" },
      { says: "UE5M3 scales", recipe: "e2m1/16:ue5m3" },
    ],
    claims: [],
  },
  {
    section: "2.2",
    title: "FineQuant: unlocking efficiency with fine-grained weight-only quantization for LLMs",
    where: "arXiv 2308.09723",
    recipes: [
      { says: "groups of 128", recipe: "int4/128:f16" },
      { says: "groups of 64", recipe: "int4/64:f16" },
    ],
    claims: [
      {
        says: "Gaussian, 128: 1.38e-2",
        on: { weight: gaussian },
        recipe: "int4/128",
        figure: "nmse",
        is: 1.38e-2,
        within: 0.03,
      },
      {
        says: "Gaussian, 32: 9.4e-3",
        on: { weight: gaussian },
        recipe: "int4/32",
        figure: "nmse",
        is: 9.4e-3,
        within: 0.03,
      },
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
];
