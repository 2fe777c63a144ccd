/** The signals that the page can score, by what they take. */
import { type Signal, signals } from "../../../../kernels/signals/index.ts";
import { MODEL_SIGNALS } from "../../../../workers/sensitivity/request.ts";

const ofModel = new Set<string>(MODEL_SIGNALS);

/** Scored from rows of the weights (and, for some, what is known of their inputs). */
export const valueSignals: ReadonlySet<string> = new Set(
  signals
    .filter(({ work, name }: Signal) => work !== undefined || name === "weighted" || name === "modelNmse")
    .map(({ name }) => name),
);

/** Scored by running the model on text. */
export const isOfModel = (name: string): boolean => ofModel.has(name);

/** Signals that a mix can be chosen by: a loss for each recipe. */
export const lossSignals: readonly Signal[] = signals.filter(
  ({ byRecipe, name }) => byRecipe && (valueSignals.has(name) || ofModel.has(name)),
);

/** Signals of the tensors as they are, to be looked at beside it. */
export const tensorSignals: readonly Signal[] = signals.filter(
  ({ byRecipe, name }) => !byRecipe && (valueSignals.has(name) || ofModel.has(name)),
);

/** What a signal needs, where it is not there; null for nothing. */
export function needWords({ needs, title }: Signal, calibrated: boolean): string | null {
  if (calibrated) return null;
  switch (needs) {
    case "channels":
    case "gram":
    case "rows":
      return `${title} needs what is known of the inputs: capture them on the Run side, or open a calibration.`;
    case "gradients":
      return `${title} needs gradients: capture inputs with them on the Run side.`;
    default:
      return null;
  }
}
