import type { Metric } from "../metric.ts";
import { errorRatio } from "../terms.ts";

/** tr(D H D^T) / tr(W H W^T), D = W - Q, H the undamped Gram matrix of the inputs; `null` where the outputs are zero. */
export const outputNmse = {
  name: "outputNmse",
  label: "Output NMSE",
  unit: "",
  short: "squared error of the layer's outputs over their squares, on the tokens of the calibration",
  long: "The share of the outputs' energy that is lost. A method that knows the inputs, as GPTQ does, lets each rounded weight be made up for by those rounded after it: weights end further from where they were, in directions that inputs seldom take. So the weights' own error rises while that of the outputs, which is what the model meets, falls.",
  better: "lower",
  print: "figure",
  axis: "log",
  needs: ["calibration"],
  brief: "everywhere",
  none: "there is no calibration, or the outputs on it are zero",
  value: ({ outputs }) => (outputs ? errorRatio(outputs) : null),
} as const satisfies Metric;
