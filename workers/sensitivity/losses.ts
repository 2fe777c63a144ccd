/**
 * What the loss's gradients say of a tensor's change: `gradient`, the sum of |gradient times change|, as AutoRound adds it up, and `fisher`,
 * half the sum of (gradient times change)^2, the empirical Fisher information's diagonal; both in nats a prediction.
 *
 * A window is one sample: its gradient is that of all its predictions together. ModelOpt takes the diagonal at each layer's outputs, a
 * token a sample (`fisherAt: "outputs"`); AutoRound the gradient of the model that has the recipe everywhere (`gradientAt: "quantized"`).
 */
import { meanOfSums, noEstimate } from "../lm/figures/estimate.ts";
import type { SensitivityAsked } from "./asked.ts";
import { atOutputs } from "./at-outputs.ts";
import { atQuantized } from "./at-quantized.ts";
import { changeOr, countsOf, firstLacking, LayerSums, lacking, put } from "./gradient-scores.ts";
import type { Ground } from "./ground.ts";
import { onText } from "./kl.ts";
import type { MakerTools, SignalMaker } from "./signals.ts";
import { BACKWARD, sweepBack } from "./sweep.ts";

type LossSignal = "gradient" | "fisher";

/** Passes of gradients: backwards from the loss to the first layer that has a scored tensor. */
const passesOf = ({ work }: Ground): number => BACKWARD * work.plan.windows;

/** Whether `gradient` is of the model that has the recipe everywhere. */
const isAtQuantized = ({ gradientAt = "stored" }: Pick<SensitivityAsked, "gradientAt">): boolean =>
  gradientAt !== "stored";

const SAYS = {
  stored: "sum of |gradient times change| over weights, gradients of the cross entropy of the model as it is",
  quantized:
    "sum of |gradient times change| over weights, gradients of the cross entropy of the model with the recipe in all scored tensors",
  divergence:
    "sum of gradient times change over weights, with its sign, gradients of KL(model as it is, model with the recipe in all scored tensors)",
} as const;

export const gradientMaker: SignalMaker = {
  passes: (ground, asked) =>
    isAtQuantized(asked) ? (1 + BACKWARD) * ground.recipes.length * ground.work.plan.windows : passesOf(ground),
  async make(tools) {
    const { ground, asked } = tools;
    if (isAtQuantized(asked)) await atQuantized(tools);
    else await atStored(tools);
    return `${SAYS[asked.gradientAt ?? "stored"]}, nats a prediction, a window a sample, ${onText(ground)}`;
  },
};

export const fisherMaker: SignalMaker = {
  // With `gradient` it takes the same passes.
  passes: (ground, asked) =>
    asked.signals.includes("gradient") && !isAtQuantized(asked) && asked.fisherAt !== "outputs" ? 0 : passesOf(ground),
  async make(tools) {
    const { ground, asked } = tools;
    if (asked.fisherAt === "outputs") await atOutputs(tools);
    else await atStored(tools);
    const [what, sample] =
      asked.fisherAt === "outputs" ? ["change of the output", "a token"] : ["change of the weight", "a window"];
    return `half the sum of (gradient times ${what})^2, nats a prediction: the empirical Fisher information's diagonal, ${sample} a sample, ${onText(ground)}`;
  },
};

/** Both signals, as far as they are asked for, from the gradients of the model as it is. */
async function atStored(tools: MakerTools): Promise<void> {
  const { ground, asked, sheet } = tools;
  const { signal: stop } = ground.control;
  const all: LossSignal[] = ["gradient", "fisher"];
  const signals = all.filter(
    (signal) =>
      asked.signals.includes(signal) && (signal === "gradient" ? !isAtQuantized(asked) : asked.fisherAt !== "outputs"),
  );
  let sums: LayerSums | null = null;
  const until = firstLacking(tools, signals);
  if (until === ground.setup.model.architecture.layers) return;
  await sweepBack(tools, {
    until,
    taps(layer, window) {
      sums ??= new LayerSums(ground, lacking(tools, layer, signals));
      return sums.taps(window, stop);
    },
    async passed(layer) {
      const counts = countsOf(ground, sums!.batches);
      for (const scored of lacking(tools, layer, signals)) {
        for (const recipe of ground.recipes) {
          const own = signals.filter((signal) => !sheet.has(signal, scored.tensor, recipe));
          const changed = own.length > 0 ? await changeOr(tools, scored, recipe, own) : null;
          if (!changed) continue;
          const found = sums!.against(changed);
          for (const signal of own) {
            const figure = !found
              ? noEstimate
              : signal === "gradient"
                ? meanOfSums(found.magnitude, counts)
                : meanOfSums(
                    found.square.map((x) => x / 2),
                    counts,
                  );
            put(tools, signal, scored.tensor, recipe, figure);
          }
          await ground.work.pace();
        }
      }
      sums = null;
    },
  });
}
