/** Calibration. */
import { following, gaussian } from "./inputs.ts";
import type { Claim, Paper } from "./paper.ts";

const zeroq = (name: string) => ({ computed: `kernels/signals/testing/zeroq.ts: ${name}` });
const follows = { on: following, figure: "outputNmse" } as const satisfies Partial<Claim>;

export const calibration: readonly Paper[] = [
  {
    section: "7.1",
    title: "ZeroQ: a novel zero shot quantization framework",
    where: "arXiv 2001.00281",
    recipes: [
      { says: "weights in 8 bits, inputs in static ranges", recipe: "int8/row", activations: "int8/tensor" },
      { says: "a layer in 4 bits, to see how much it matters", recipe: "int4/row", activations: "int8/tensor" },
    ],
    claims: [
      { says: "distilled rows have the statistics that are stored, within 1 %", ...zeroq("distance"), most: 0.01 },
      { says: "their ranges are nearer to real ones than those of normal rows", ...zeroq("ranges"), most: 0.5 },
      { says: "the divergence of outputs does not rise with bits", ...zeroq("rise"), most: 1 },
    ],
  },
  {
    section: "7.2",
    title: "L4Q: parameter efficient quantization-aware training on large language models via LoRA-wise LSQ",
    where: "arXiv 2402.04902",
    recipes: [
      { says: "steps, offsets as they are, and rank 8", recipe: "l4q+int4(asym)/128:f16", calibration: "rows" },
      { says: "steps alone (LSQ)", recipe: "l4q(rank=0)+int4(asym)/128:f16", calibration: "rows" },
      { says: "a learned step a group", recipe: "int4/128~lsq:f16" },
      { says: "learned ends a group", recipe: "int4(asym)/128~lclip:f16" },
    ],
    claims: [
      { says: "below nearest", ...follows, recipe: "l4q(60)+int3/128", over: "int3/128", most: 0.9 },
      {
        says: "below steps alone",
        ...follows,
        recipe: "l4q(60)+int3/128",
        over: "l4q(60,rank=0)+int3/128",
        most: 0.97,
      },
      {
        says: "on the grid: nothing is stored beside the codes",
        on: following,
        figure: "bitsPerWeight",
        recipe: "l4q(60)+int3/128",
        over: "int3/128",
        is: 1,
        within: 1e-12,
      },
    ],
  },
  {
    section: "7.3",
    title: "Quantizing large language models for code generation: a differentiated replication",
    where: "arXiv 2503.07103",
    recipes: [
      { says: "AQLM at two bits, one book", recipe: "aqlm(books=1,bits=16,seed=0)" },
      { says: "two books", recipe: "aqlm(seed=0)" },
      { says: "three bits", recipe: "aqlm(books=3,seed=0)" },
      { says: "four bits", recipe: "aqlm(books=4,seed=0)" },
    ],
    claims: [
      {
        says: "a book of eight dimensions loses less than the best scalars' 0.363 at one bit: 0.327 at the most",
        on: { weight: gaussian },
        recipe: "aqlm(books=1,rounds=0,seed=0)",
        figure: "nmse",
        most: 0.327,
      },
      {
        says: "two residual books less than their 0.1175 at two: 0.108 at the most",
        on: { weight: gaussian },
        recipe: "aqlm(beam=1,rounds=0,seed=0)",
        figure: "nmse",
        most: 0.108,
      },
    ],
  },
];
