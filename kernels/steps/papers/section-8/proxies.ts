/** Proxies that need no training, and costs measured on the device. */
import type { Paper } from "../paper.ts";

const emq = (name: string) => ({ computed: `kernels/signals/testing/emq.ts: ${name}` });
const ohq = (name: string) => ({ computed: `kernels/signals/testing/ohq.ts: ${name}` });

export const proxies: readonly Paper[] = [
  {
    section: "8.7",
    title: "EMQ: evolving training-free proxies for automated mixed precision quantization",
    where: "arXiv 2307.10554",
    recipes: [
      { says: "layers of a configuration in two bits", recipe: "int2/row" },
      { says: "in three", recipe: "int3/row" },
      { says: "in four", recipe: "int4/row" },
      { says: "or in eight", recipe: "int8/row" },
    ],
    claims: [
      {
        says: "on configurations that it did not see the evolved proxy orders as well as the best built-in one, or better",
        ...emq("gain"),
        least: 0,
      },
      { says: "and far better than the size of the model", ...emq("overSize"), least: 0.3 },
      { says: "over all of them with a rank correlation of 0.792 or more", ...emq("correlation"), least: 0.792 },
      { says: "its formula is told by its text", ...emq("told"), is: 1, within: 1e-9 },
    ],
  },
  {
    section: "8.8",
    title: "OHQ: on-chip hardware-aware quantization",
    where: "arXiv 2309.01945",
    recipes: [
      { says: "a layer in four bits", recipe: "int4/row" },
      { says: "or in eight", recipe: "int8/row" },
    ],
    claims: [
      {
        says: "a masked quarter orders 16 layers as the whole does, with 0.9 or more",
        ...ohq("maskedOrder"),
        least: 0.9,
      },
      {
        says: "its squared error is expected to be the share of the full one",
        ...ohq("maskedShare"),
        is: 0.25,
        within: 0.02,
      },
      {
        says: "the integer program finds what trying all 65,536 allocations of 16 layers finds",
        ...ohq("programOverBest"),
        is: 1,
        within: 1e-12,
      },
    ],
  },
];
