/**
 * `lrp`: the relevance that passes each tensor's inputs on its way through the network, gradient times value, which is what the epsilon rule
 * gives where layers are linear or rectified (see `kernels/signals/lrp`). A window is a sample; what is relevant is its loss.
 */
import { inputRelevance } from "../../kernels/signals/lrp/relevance.ts";
import { meanOfSums } from "../lm/figures/estimate.ts";
import { partsOf } from "./changed.ts";
import type { Scored } from "./ground.ts";
import { onText } from "./kl.ts";
import type { MakerTools, SignalMaker } from "./signals.ts";
import { BACKWARD, sweepBack } from "./sweep.ts";

export const relevanceMaker: SignalMaker = {
  passes: ({ work }) => BACKWARD * work.plan.windows,
  async make(tools) {
    await makeRelevance(tools);
    return `share of the relevance of all scored tensors: sum over input channels of |gradient times value|, gradients of the cross entropy of the model as it is, a window a sample, ${onText(tools.ground)}`;
  },
};

/** A part of the network, as it is stored. */
interface Part {
  tensor: string;
  values: Float32Array;
  cols: number;
}

async function makeRelevance(tools: MakerTools): Promise<void> {
  const { ground, sheet } = tools;
  const { tensors, work, setup, control } = ground;
  const missing = ({ tensor }: Scored) => !sheet.has("lrp", tensor, null);
  const none = (tensor: string, refused: string) =>
    sheet.put({ signal: "lrp", tensor, recipe: null, value: null, error: null, refused });
  for (const { tensor } of tensors.filter((one) => one.of === "ends" && missing(one))) {
    none(tensor, "no gradients are taken of what stands before the layers and behind them");
  }
  const scored = tensors.filter(({ of }) => of !== "ends");
  // Shares are of all together: one that is missing asks for all.
  if (!scored.some(missing)) return;
  const windows = work.cut.windows;
  /** Of each tensor, by window. */
  const sums = new Map(scored.map(({ tensor }) => [tensor, new Float64Array(windows.length)]));
  const load = async (layer: number): Promise<Map<string, Part>> => {
    const parts = new Map<string, Part>();
    for (const one of scored.filter(({ of }) => of === layer)) {
      for (const [name, values] of await partsOf(ground, one)) {
        const cols = setup.model.parts.get(name)!.part.shape.at(-1) ?? 1;
        parts.set(name, { tensor: one.tensor, values, cols });
      }
    }
    return parts;
  };
  let held: { layer: number; parts: Promise<Map<string, Part>> } | null = null;
  await sweepBack(tools, {
    until: Math.min(...scored.map(({ of }) => of as number)),
    taps: (layer, window) => ({
      wants: ({ name }) => ({ weight: scored.some(({ of, bound }) => of === layer && isOf(bound, name, tools)) }),
      weight: async ({ name }, gradient) => {
        control.signal.throwIfAborted();
        if (held?.layer !== layer) held = { layer, parts: load(layer) };
        const part = (await held.parts).get(name);
        if (!part) return;
        const relevance = inputRelevance(part.values, gradient, part.cols);
        sums.get(part.tensor)![window] += relevance.reduce((sum, r) => sum + Math.abs(r), 0);
      },
    }),
  });
  const counts = Float64Array.from(windows, ({ targets }) => targets.length);
  const means = scored.map(({ tensor }) => meanOfSums(sums.get(tensor)!, counts));
  const all = means.reduce((sum, { value }) => sum + (value ?? Number.NaN), 0);
  for (const [i, { tensor }] of scored.entries()) {
    const { value, stderr } = means[i];
    if (value === null || !(all > 0 && all < Number.POSITIVE_INFINITY))
      none(tensor, "the relevance is not finite, or zero");
    else
      sheet.put({
        ...{ signal: "lrp", tensor, recipe: null, value: value / all },
        error: stderr === null ? null : stderr / all,
      });
  }
}

/** Whether a part of the network is made of a scored tensor. */
const isOf = (bound: Scored["bound"], name: string, { ground }: MakerTools): boolean =>
  ground.setup.model.parts.get(name)?.stored.tensor === bound.stored.tensor;
