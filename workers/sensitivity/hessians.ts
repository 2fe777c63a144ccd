/**
 * HAWQ's and HAWQ-V2's scores: the largest eigenvalue, or the mean trace, of a tensor's Hessian times the squared change of its weights. Two
 * Hessians, by name: `inputs`, 2 X X^T / T of what the layer meets, and `network`, that of the loss through the whole network.
 */
import { meanOfSums } from "../lm/figures/estimate.ts";
import { changeOr } from "./gradient-scores.ts";
import type { Ground, Scored } from "./ground.ts";
import { inputEigenvalues, inputTraces } from "./hessian-inputs.ts";
import { DIFFERENCE, networkEigenvalues, networkTraces } from "./hessian-network.ts";
import { onText } from "./kl.ts";
import type { ModelSignal } from "./request.ts";
import type { MakerTools, SignalMaker } from "./signals.ts";

/** Samples of the trace through the network, and products of its power iteration, where nobody says. */
const SAMPLES = 16;
const PRODUCTS = 20;

/** What is known of the Hessian of one tensor: by the part that is made of it, or of all of it. */
export interface Curvature {
  /** For each part its curvature a weight, what it is made of window by window (`counts`: tokens of each), or a figure with its error. */
  parts: Map<string, { sums: Float64Array; counts: Float64Array } | { value: number; error: number | null }>;
}

/** Gives the curvature of a tensor when it is known; null where there is none, with why. */
export type GiveCurvature = (scored: Scored, found: Curvature | null, why: string) => Promise<void>;

/** Puts curvature times squared change. */
const putter =
  (tools: MakerTools, signal: ModelSignal): GiveCurvature =>
  async (scored, found, why) => {
    const { sheet, ground } = tools;
    for (const recipe of ground.recipes) {
      if (sheet.has(signal, scored.tensor, recipe)) continue;
      const none = { signal, tensor: scored.tensor, recipe, value: null, error: null };
      if (!found) {
        sheet.put({ ...none, refused: why });
        continue;
      }
      const changed = await changeOr(tools, scored, recipe, [signal]);
      if (!changed) continue;
      let [value, variance]: [number, number | null] = [0, 0];
      for (const [name, change] of changed) {
        const square = change.reduce((sum, d) => sum + d * d, 0);
        const part = found.parts.get(name)!;
        const own = "sums" in part ? meanOfSums(part.sums, part.counts) : { value: part.value, stderr: part.error };
        value += (own.value ?? Number.NaN) * square;
        variance = own.stderr === null || variance === null ? null : variance + (own.stderr * square) ** 2;
      }
      if (Number.isFinite(value)) sheet.put({ ...none, value, error: variance === null ? null : Math.sqrt(variance) });
      else sheet.put({ ...none, refused: "the curvature is not finite" });
      await ground.work.pace();
    }
  };

/** Tensors that a signal lacks scores of, and that have a Hessian here. */
async function lackingOf(tools: MakerTools, signal: ModelSignal, give: GiveCurvature): Promise<Scored[]> {
  const { ground, sheet } = tools;
  const all = ground.tensors.filter(({ tensor }) =>
    ground.recipes.some((recipe) => !sheet.has(signal, tensor, recipe)),
  );
  for (const one of all) {
    if (one.of === "ends")
      await give(one, null, "its Hessian is not taken: it stands before the layers or behind them");
  }
  return all.filter(({ of }) => of !== "ends");
}

/** Forwards and backwards, twice, for every tensor that is perturbed from its layer on. */
const networkPasses = ({ tensors, setup, work }: Ground): number => {
  const { layers } = setup.model.architecture;
  const shares = tensors.map(({ of }) => (of === "ends" ? 0 : (layers - of) / layers));
  return 2 * DIFFERENCE * work.plan.windows * shares.reduce((sum, share) => sum + share, 0);
};

export const traceMaker: SignalMaker = {
  passes: (ground, { hessian, samples = SAMPLES }) =>
    ground.work.plan.windows * (hessian === "network" ? 2 * DIFFERENCE * samples : 1),
  async make(tools) {
    const { asked, ground } = tools;
    const give = putter(tools, "trace");
    const lacking = await lackingOf(tools, "trace", give);
    if (asked.hessian !== "network") {
      if (lacking.length > 0) await inputTraces(tools, lacking, give);
      return `mean trace times squared change (HAWQ-V2), of H = 2 X X^T / T of each layer's inputs, ${onText(ground)}`;
    }
    const samples = asked.samples ?? SAMPLES;
    const said = lacking.length > 0 ? await networkTraces(tools, lacking, samples, give) : "";
    return `mean trace times squared change (HAWQ-V2), of the Hessian of the cross entropy through the network by differences of gradients${said}, ${onText(ground)}; errors are of Hutchinson's estimate`;
  },
};

export const eigenvalueMaker: SignalMaker = {
  passes: (ground, { hessian, samples = PRODUCTS }) =>
    hessian === "network" ? samples * networkPasses(ground) : ground.work.plan.windows,
  async make(tools) {
    const { asked, ground } = tools;
    const give = putter(tools, "eigenvalue");
    const lacking = await lackingOf(tools, "eigenvalue", give);
    if (asked.hessian !== "network") {
      const said = lacking.length > 0 ? await inputEigenvalues(tools, lacking, give) : "";
      return `largest eigenvalue times squared change (HAWQ), of H = 2 X X^T / T of each layer's inputs${said}, ${onText(ground)}`;
    }
    const products = asked.samples ?? PRODUCTS;
    const said = lacking.length > 0 ? await networkEigenvalues(tools, lacking, products, give) : "";
    return `largest eigenvalue times squared change (HAWQ), of the Hessian of the cross entropy through the network by differences of gradients${said}, ${onText(ground)}`;
  },
};
