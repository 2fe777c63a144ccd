/** Low rank. */
import type { Claim, Generated, Paper } from "./paper.ts";

const decaying = (alpha: number): Generated => ({ name: "spectrum", rows: 512, cols: 512, seed: 1, params: { alpha } });
const steep = { on: { weight: decaying(1) }, figure: "nmse", over: "nf4/64" } as const satisfies Partial<Claim>;

export const lowRank: readonly Paper[] = [
  {
    section: "6.1",
    title: "Q-GaLore: quantized GaLore with INT4 projection and layer-adaptive low-rank gradients",
    where: "arXiv 2407.08296",
    recipes: [
      {
        says: "a gradient on an INT4 basis of rank 128",
        recipe: "principal(128,factors=f32,basis=(int4(asym)/flat(256)))+prune(1)+f16",
      },
      { says: "INT8 weights, rounded at random", recipe: "int8(asym)@sr(seed=0)/256" },
    ],
    claims: [],
    lab: true,
  },
  {
    section: "6.2",
    title: "PiSSA: principal singular values and singular vectors adaptation of large language models",
    where: "arXiv 2404.02948",
    recipes: [
      { says: "the principal part apart", recipe: "principal(32)+nf4/64" },
      { says: "five rounds", recipe: "principal(32,iters=5)+nf4/64" },
      { says: "LoftQ", recipe: "principal(32,iters=5,start=none)+nf4/64" },
      { says: "LoRC, with which it is compared", recipe: "nf4/64+lowrank(32)" },
      {
        says: "SVDQuant",
        recipe: "smooth+principal(32)+int4/64:f16",
        activations: "int4/64:f16",
        calibration: "channels",
      },
    ],
    claims: [
      // The error of LoRC hardly sees the spectrum; the rest of the principal part is small where it is steep.
      { says: "steep spectrum: next to nothing is left", recipe: "principal(32)+nf4/64", ...steep, most: 0.05 },
      { says: "steep spectrum: LoRC leaves most", recipe: "nf4/64+lowrank(32)", ...steep, least: 0.6 },
    ],
  },
  {
    section: "6.3",
    title: "QVGen: pushing the limit of quantized video generative models",
    where: "arXiv 2505.11497",
    recipes: [
      {
        says: "half of 32 directions half faded",
        recipe: "int4(asym)/row~shrink(p=2.4)+lowrank(32,fade=0.5)",
      },
      { says: "16 left", recipe: "int4(asym)/row~shrink(p=2.4)+lowrank(16)" },
    ],
    claims: [],
    lab: true,
  },
];
