/** Techniques from beside quantization. */
import { following, gaussian, laplace } from "./inputs.ts";
import type { Claim, Generated, Paper } from "./paper.ts";

const square = (n: number, seed = 7): Generated => ({ name: "normal", rows: n, cols: n, seed });
const ALONE = "prune(1)+f16";
const lost = { on: { weight: gaussian }, figure: "nmse", within: 0.02 } as const satisfies Partial<Claim>;
const lostLaplace = { ...lost, on: { weight: laplace } };
/** Channels of a spread for which the published errors come out best. */
const weighed = {
  on: { weight: square(256), inputs: { name: "gains", rows: 1024, cols: 256, seed: 4, params: { sigma: 0.85 } } },
  within: 0.15,
} as const satisfies Partial<Claim>;
const bits = { on: { weight: gaussian }, figure: "bitsPerWeight" } as const satisfies Partial<Claim>;

// Fewer tokens than M-FAC takes gradients.
const follows = { on: following, figure: "outputNmse" } as const satisfies Partial<Claim>;

export const adjacent: readonly Paper[] = [
  {
    section: "11.1",
    title: "HUT: a more computation efficient fine-tuning method with Hadamard updated transformation",
    where: "arXiv 2409.13501",
    recipes: [
      { says: "a mask of rank 8", recipe: "int4/128+hut(8)" },
      { says: "as many numbers added (LoRC)", recipe: "int4/128+lowrank(8)" },
    ],
    claims: [],
  },
  {
    section: "11.2",
    title: "LIFT the veil for the truth: principal weights emerge after rank reduction",
    where: "arXiv 2506.00772",
    recipes: [
      { says: "the largest of the part of rank 32", recipe: "densesparse(0.05,sensitive=0,by=lowrank)+int4/128" },
      { says: "the largest", recipe: "densesparse(0.05,sensitive=0)+int4/128" },
      { says: "drawn", recipe: "densesparse(0.05,sensitive=0,by=random)+int4/128" },
      { says: "by inputs", recipe: "densesparse(0.05,sensitive=0,by=salience)+int4/128", calibration: "channels" },
    ],
    claims: [],
  },
  {
    section: "11.3",
    title: "Bone: block-affine adaptation of large language models",
    where: "arXiv 2409.15371",
    recipes: [
      { says: "tile + tile B + B", recipe: "int4/128+bone" },
      { says: "one block for all tiles of an output", recipe: "int4/128+bone(by=bone)" },
    ],
    claims: [
      {
        says: "leaves no more",
        recipe: "int3/128+bone(16,values=f32)",
        over: "int3/128",
        on: { weight: gaussian },
        figure: "nmse",
        most: 1,
      },
    ],
  },
  {
    section: "11.4",
    title: "MKOR: momentum-enabled Kronecker-factor-based optimizer using rank-1 updates",
    where: "arXiv 2306.01685",
    recipes: [{ says: "its inverse factor of the inputs", recipe: "gptq(hessian=mkor)+int4/128", calibration: "gram" }],
    claims: [
      {
        says: "as the solver's curvature lessens the outputs' error",
        ...follows,
        recipe: "gptq(hessian=mkor)+int4/64",
        over: "int4/64",
        most: 0.8,
      },
    ],
  },
  {
    section: "11.5",
    title: "Language model compression with weighted low-rank factorization",
    where: "arXiv 2207.00112",
    recipes: [
      { says: "rows weighed by gradients", recipe: `principal(64,by=outputs)+${ALONE}`, calibration: "gradients" },
      { says: "columns weighed by inputs", recipe: `principal(64,by=inputs)+${ALONE}`, calibration: "channels" },
    ],
    claims: [
      {
        says: "rank 32, plain: 0.617 by weight",
        recipe: `principal(32)+${ALONE}`,
        figure: "outputNmse",
        ...weighed,
        is: 0.617,
      },
      {
        says: "rank 32, weighed: 0.289",
        recipe: `principal(32,by=inputs)+${ALONE}`,
        figure: "outputNmse",
        ...weighed,
        is: 0.289,
      },
      {
        says: "rank 64, plain: 0.366 by weight",
        recipe: `principal(64)+${ALONE}`,
        figure: "outputNmse",
        ...weighed,
        is: 0.366,
      },
      {
        says: "rank 64, weighed: 0.134",
        recipe: `principal(64,by=inputs)+${ALONE}`,
        figure: "outputNmse",
        ...weighed,
        is: 0.134,
      },
      {
        says: "rank 32, plain: 0.622 of the weight itself",
        recipe: `principal(32)+${ALONE}`,
        figure: "nmse",
        ...weighed,
        is: 0.622,
      },
      {
        says: "rank 32, weighed: 0.718 of it",
        recipe: `principal(32,by=inputs)+${ALONE}`,
        figure: "nmse",
        ...weighed,
        is: 0.718,
      },
      {
        says: "rank 64, plain: 0.376 of it",
        recipe: `principal(64)+${ALONE}`,
        figure: "nmse",
        ...weighed,
        is: 0.376,
      },
      {
        says: "rank 64, weighed: 0.485 of it",
        recipe: `principal(64,by=inputs)+${ALONE}`,
        figure: "nmse",
        ...weighed,
        is: 0.485,
      },
    ],
  },
  {
    section: "11.6",
    title: "Singular value decomposition on Kronecker adaptation for large language model",
    where: "arXiv 2506.15251",
    recipes: [
      { says: "products for nine tenths of the energy", recipe: "kron(m=32,n=32)+int4/128" },
      { says: "as many as the bend says", recipe: "kron(m=32,n=32,pick=elbow)+int4/128" },
    ],
    claims: [],
  },
  {
    section: "11.7",
    title: "Learning rates as a function of batch size: a random matrix theory approach to neural network training",
    where: "arXiv 2006.09092",
    recipes: [
      {
        says: "a solver whose curvature is of so many tokens",
        recipe: "gptq(order=gram)+int4/128",
        calibration: "gram",
      },
    ],
    claims: [],
  },
  {
    section: "11.8",
    title: "AdamP: slowing down the slowdown for momentum optimizers on scale-invariant weights",
    where: "arXiv 2006.08217",
    recipes: [{ says: "each row as long along the weight as it was", recipe: "binary/row~absmean+align(each=row)" }],
    claims: [
      {
        says: "binary: a cosine of the root of 2 / pi",
        on: { weight: gaussian },
        recipe: "binary/row~absmean",
        figure: "cosine",
        ...{ is: Math.sqrt(2 / Math.PI), within: 1e-3 },
      },
      {
        says: "at the best length what is left is 1 less its square: 0.3634",
        on: { weight: gaussian },
        recipe: "binary/row~absmean",
        ...{ figure: "nmse", is: 0.3634, within: 0.01 },
      },
      {
        says: "a result that keeps its share of the weight has the bias 0",
        on: { weight: gaussian },
        recipe: "e3m2@trunc+align(each=row)",
        ...{ figure: "bias", most: 1e-4, least: -1e-4 },
      },
    ],
  },
  {
    section: "11.9",
    title: "ARMOR: high-performance semi-structured pruning via adaptive matrix factorization",
    where: "arXiv 2510.05528",
    recipes: [
      { says: "a core between wrappers", recipe: "armor(by=inputs)+f16", calibration: "channels" },
      { says: "its core in 4 bits", recipe: "armor+int4/128" },
      { says: "2 of 4, which it starts from", recipe: "prune(n=2,m=4,by=inputs)+f16", calibration: "channels" },
      { says: "2 of 4 and 4 bits", recipe: "prune(n=2,m=4)+int4/128" },
    ],
    claims: [
      { says: "Gaussian, 2 of 4: 13.2 % of the energy is lost", recipe: "prune(n=2,m=4)+f16", ...lost, is: 0.132 },
      { says: "Gaussian, half: 7.1 %", recipe: "prune+f16", ...lost, is: 0.071 },
      {
        says: "wrappers of 32 x 32: 13.2 % become 9.2 %",
        recipe: "armor+f16",
        on: { weight: square(512) },
        figure: "nmse",
        ...{ is: 0.092, within: 0.03 },
      },
      {
        says: "of an eighth more numbers",
        recipe: "armor+f16",
        on: { weight: square(512) },
        figure: "bitsPerWeight",
        ...{ is: 8 + 1 + 16 / 8, within: 1e-9 },
      },
      { says: "Laplace, 2 of 4: 8.0 %", recipe: "prune(n=2,m=4)+f16", ...lostLaplace, is: 0.08 },
      { says: "Laplace, half: 3.3 %", recipe: "prune+f16", ...lostLaplace, is: 0.033 },
    ],
  },
  {
    section: "11.10",
    title:
      "Flash-LLM: enabling cost-effective and highly-efficient large generative model inference with unstructured sparsity",
    where: "arXiv 2309.10285",
    recipes: [
      { says: "eight of ten pruned, in tiles", recipe: "prune(0.8,places=tile)+f16" },
      { says: "by inputs (Wanda)", recipe: "prune(0.8,by=inputs,places=tile)+f16", calibration: "channels" },
      { says: "4 bits and a mask", recipe: "prune+int4/128" },
    ],
    claims: [
      {
        says: "half of 16-bit values take what all take",
        recipe: "prune(places=tile)+f16",
        ...bits,
        is: 16,
        within: 1e-3,
      },
      {
        says: "87.1 % pruned take as much as INT4 by 128",
        recipe: "prune(0.871,places=tile)+f16",
        ...bits,
        is: 4.125,
        within: 2e-3,
      },
      {
        says: "a mask and 4 bits take as much from 21.9 % on",
        recipe: "prune(0.219)+int4",
        ...bits,
        is: 4.125,
        within: 1e-3,
      },
    ],
  },
  {
    section: "11.11",
    title: "FlashSVD: memory-efficient inference with streaming for low-rank models",
    where: "arXiv 2508.01506",
    recipes: [
      { says: "two factors alone", recipe: `principal(128)+${ALONE}` },
      { says: "in 8 bits", recipe: `principal(128,factors=(int8/row))+${ALONE}` },
    ],
    claims: [
      {
        says: "a square matrix takes less from below half its side on",
        recipe: `principal(128)+${ALONE}`,
        on: { weight: square(256) },
        figure: "bitsPerWeight",
        ...{ is: 16, within: 1e-9 },
      },
    ],
  },
  {
    section: "11.12",
    title: "A mesh-free hybrid Chebyshev-Tucker tensor format with applications to multi-particle modelling",
    where: "arXiv 2503.01696",
    recipes: [
      {
        says: "a convolution: core in 8 bits, factors in 4",
        recipe: `tucker(64,32,3,n=4,core=(int8/row),factors=(int4/row))+${ALONE}`,
      },
    ],
    claims: [],
  },
  {
    section: "11.13",
    title: "LORD: low rank decomposition of monolingual code LLMs for one-shot compression",
    where: "arXiv 2309.14021",
    recipes: [
      { says: "the outputs' directions", recipe: `principal(128,by=gram)+${ALONE}`, calibration: "gram" },
      {
        says: "factors in 4 bits",
        recipe: `principal(128,factors=(int4/row),by=gram)+${ALONE}`,
        calibration: "gram",
      },
    ],
    claims: [
      {
        says: "never loses to plain singular vectors at the outputs",
        recipe: `principal(32,by=gram)+${ALONE}`,
        over: `principal(32)+${ALONE}`,
        on: { weight: square(256), inputs: { name: "correlated", rows: 512, cols: 256, seed: 4 } },
        figure: "outputNmse",
        most: 0.8,
      },
    ],
  },
  {
    section: "11.14",
    title: "Householder projector for unsupervised latent semantics discovery",
    where: "arXiv 2307.08012",
    recipes: [{ says: "one reflection", recipe: "householder(1,seed=0)+int4/row" }],
    claims: [],
  },
  {
    section: "11.15",
    title: "Learning to normalize on the SPD manifold under Bures-Wasserstein geometry",
    where: "arXiv 2504.00660",
    recipes: [{ says: "inputs whose covariance is looked at before and after", recipe: "int4/row" }],
    claims: [],
  },
  {
    section: "11.16",
    title: "Multi-grid tensorized Fourier neural operator for high-resolution PDEs",
    where: "arXiv 2310.00120",
    recipes: [
      { says: "four tensors below each other, jointly", recipe: `tucker(4,64,128,n=4,of=stack)+${ALONE}` },
      { says: "rows through a cosine transform", recipe: "dct(128)+int4/128" },
    ],
    claims: [],
  },
  {
    section: "11.17",
    title: "MatFormer: nested transformer for elastic inference",
    where: "arXiv 2310.07707",
    recipes: [
      { says: "half of the rows", recipe: "prune(of=rows)+int8/row" },
      { says: "half of the bits", recipe: "int4/row" },
    ],
    claims: [
      {
        says: "half of the rows loses about half",
        recipe: "prune(of=rows)+int8/row",
        on: { weight: gaussian },
        figure: "nmse",
        is: 0.5,
        within: 0.1,
      },
      {
        says: "half of the bits some per cent",
        recipe: "int4/row",
        on: { weight: gaussian },
        figure: "nmse",
        most: 0.03,
      },
    ],
  },
  {
    section: "11.18",
    title:
      "Exploring the performance improvement of tensor processing engines through transformation in the bit-weight dimension of MACs",
    where: "arXiv 2503.06342",
    recipes: [{ says: "codes whose digits are counted", recipe: "int8/tensor" }],
    claims: [],
  },
  {
    section: "11.19",
    title: "Monarch: expressive structured matrices for efficient and accurate training",
    where: "arXiv 2204.00595",
    recipes: [
      { says: "two block-diagonal factors alone", recipe: `monarchpart+${ALONE}` },
      { says: "the rest in 4 bits", recipe: "monarchpart+int4/128" },
      { says: "a rotation of that kind", recipe: "monarch(seed=0)+int4/128" },
    ],
    claims: [
      {
        says: "Gaussian of 256: 0.784",
        recipe: `monarchpart+${ALONE}`,
        on: { weight: square(256) },
        figure: "nmse",
        is: 0.784,
        within: 0.01,
      },
      {
        says: "Gaussian of 1,024: 0.886",
        recipe: `monarchpart+${ALONE}`,
        on: { weight: square(1024) },
        figure: "nmse",
        is: 0.886,
        within: 0.01,
      },
      {
        says: "in an eighth of the numbers",
        recipe: `monarchpart+${ALONE}`,
        on: { weight: square(256) },
        figure: "bitsPerWeight",
        is: 2,
        within: 1e-9,
      },
    ],
  },
  {
    section: "11.20",
    title: "Low rank matrix completion via robust alternating minimization in nearly linear time",
    where: "arXiv 2302.11068",
    recipes: [
      {
        says: "a part fitted around outliers that are kept apart",
        recipe: "outliers(0.01)+principal(32,holes=zeros)+int4/64",
      },
    ],
    claims: [
      {
        says: "leaves less than one fitted to their holes",
        recipe: `outliers(0.1,values=f32)+principal(8,holes=zeros)+${ALONE}`,
        over: `outliers(0.1,values=f32)+principal(8)+${ALONE}`,
        on: { weight: { name: "planted", rows: 256, cols: 256, seed: 3, params: { rank: 8, noise: 0.01 } } },
        figure: "nmse",
        most: 0.1,
      },
    ],
  },
  {
    section: "11.21",
    title: "M-FAC: efficient matrix-free approximations of second-order information",
    where: "arXiv 2107.03356",
    recipes: [{ says: "its inverse from single tokens", recipe: "gptq(hessian=mfac)+int4/128", calibration: "gram" }],
    claims: [
      {
        says: "from all tokens, the same as by their Gram matrix",
        ...follows,
        recipe: "gptq(hessian=mfac)+int4/64",
        over: "gptq+int4/64",
        is: 1,
        within: 1e-3,
      },
    ],
  },
  {
    section: "11.22",
    title: "A practical survey on faster and lighter transformers",
    where: "arXiv 2103.14636",
    recipes: [
      { says: "weights shared by clusters", recipe: "kmeans" },
      { says: "for each row", recipe: "kmeans(per=row)" },
    ],
    claims: [
      {
        says: "4-bit clusters lose 0.0095 of a Gaussian",
        on: { weight: square(512) },
        recipe: "kmeans",
        figure: "nmse",
        is: 0.0095,
        within: 0.02,
      },
      {
        says: "where the best even steps lose 0.01154",
        on: { weight: square(512) },
        recipe: "bipolar4/tensor~mse",
        figure: "nmse",
        is: 0.01154,
        within: 0.02,
      },
      {
        says: "2-bit clusters lose 0.1176",
        on: { weight: square(512) },
        recipe: "kmeans(4)",
        figure: "nmse",
        is: 0.1176,
        within: 0.02,
      },
      {
        says: "where the best even steps lose 0.1188",
        on: { weight: square(512) },
        recipe: "bipolar2/tensor~mse",
        figure: "nmse",
        is: 0.1188,
        within: 0.02,
      },
    ],
  },
  {
    section: "11.23",
    title: "AutoNumerics-Zero: automated discovery of state-of-the-art mathematical functions",
    where: "arXiv 2312.08472",
    recipes: [
      { says: "results in bfloat16", recipe: "bf16" },
      { says: "in E4M3", recipe: "e4m3" },
    ],
    claims: [],
  },
  {
    section: "11.24",
    title: "The two-pass softmax algorithm",
    where: "arXiv 2001.04438",
    recipes: [
      { says: "significands in float16", recipe: "f16" },
      { says: "in bfloat16", recipe: "bf16" },
    ],
    claims: [],
  },
  {
    section: "11.25",
    title: "Language models are Super Mario: absorbing abilities from homologous models as a free lunch",
    where: "arXiv 2311.03099",
    recipes: [{ says: "nine of ten of a delta dropped", recipe: "prune(0.9,by=random,rescale=yes)+int4/row" }],
    claims: [
      { says: "half dropped: an error of 1", recipe: "prune(by=random,rescale=yes)+f32", ...lost, is: 1 },
      { says: "nine tenths: of 8.98", recipe: "prune(0.9,by=random,rescale=yes)+f32", ...lost, is: 8.98 },
      { says: "99 of 100: of 97.6", recipe: "prune(0.99,by=random,rescale=yes)+f32", ...lost, is: 97.6, within: 0.05 },
    ],
  },
];
