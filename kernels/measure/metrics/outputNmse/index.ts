import type { Metric } from "../metric.ts";
import { errorRatio } from "../terms.ts";

/** tr(D H D^T) / tr(W H W^T), D = W - Q, H the undamped Gram matrix of the inputs; `null` where the outputs are zero. */
export const outputNmse = {
  name: "outputNmse",
  label: "Output NMSE",
  unit: "",
  short: "squared error of the layer's outputs over their squares, on the tokens of the calibration",
  long: "The share of the outputs' energy that is lost. Methods that know the inputs (GPTQ, for one) move error into directions that inputs seldom take: it falls while the error of the weights themselves rises.",
  better: "lower",
  print: "figure",
  axis: "log",
  needs: ["calibration"],
  brief: "everywhere",
  none: "there is no calibration, or the outputs on it are zero",
  value: ({ outputs }) => (outputs ? errorRatio(outputs) : null),
} as const satisfies Metric;
