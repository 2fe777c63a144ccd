/** Sensitivities of a model that runs: curvature and interactions. */
import type { Paper } from "../paper.ts";

const at = (name: string) => `kernels/signals/testing/curvature.ts: ${name}`;

export const sensitivities: readonly Paper[] = [
  {
    section: "8.1",
    title: "HAWQ: Hessian aware quantization of neural networks with mixed-precision",
    where: "arXiv 1905.03696",
    recipes: [],
    claims: [
      {
        says: "power iteration finds the largest eigenvalue of a layer's Hessian of 512 inputs",
        computed: at("powerError"),
        most: 1e-3,
      },
      {
        says: "tensors of one largest eigenvalue get one score",
        computed: at("tiedByEigenvalue"),
        is: 1,
        within: 1e-9,
      },
    ],
  },
  {
    section: "8.2",
    title: "HAWQ-V2: Hessian aware trace-weighted quantization of neural networks",
    where: "arXiv 1911.03852",
    recipes: [],
    claims: [
      {
        says: "the mean trace tells apart what the largest eigenvalue ties",
        computed: at("toldByTrace"),
        is: 12 / 3.3,
        within: 1e-9,
      },
      {
        says: "a sample of the trace has the variance 2 (|H|^2 - sum of h_ii^2)",
        computed: at("varianceRatio"),
        is: 1,
        within: 0.1,
      },
      { says: "one sample is exact where the Hessian is diagonal", computed: at("diagonalError"), most: 0 },
      { says: "Omega of ResNet18 with 4 bits everywhere", computed: at("omegaOfFour"), is: 1.3077, within: 1e-4 },
      { says: "Omega of ResNet18 with 8 bits everywhere", computed: at("omegaOfEight"), is: 0.00426, within: 1e-3 },
    ],
  },
  {
    section: "8.3",
    title: "Augmenting Hessians with inter-layer dependencies for mixed-precision post-training quantization",
    where: "arXiv 2306.04879",
    recipes: [],
    claims: [
      {
        says: "where two layers of a chain err along one direction, scores by themselves choose badly",
        computed: at("chainAdditive"),
        least: 1.5,
      },
      { says: "scores with interactions choose the best pair", computed: at("chainAugmented"), is: 1, within: 1e-12 },
      {
        says: "bisection over n prefixes takes ceil(log2 n) + 1 trials at the most",
        computed: at("bisectionExcess"),
        most: 0,
      },
    ],
  },
];
