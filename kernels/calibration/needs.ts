import { RecipeError } from "../grammar/errors.ts";
import { matrixBytes } from "../linalg/run.ts";
import type { Calibration, CalibrationNeed, CalibrationPart } from "./types.ts";

/** Bytes that a Gram matrix may take, 8 cols^2 of them: that of 14,336 columns, 1.6 GB. */
export const GRAM_BUDGET = 8 * 14336 ** 2;

/** Throws RecipeError where the Gram matrix of so many columns is more than there is room for. */
export function checkGramSize(cols: number, name: string): void {
  const bytes = matrixBytes(cols);
  if (bytes <= GRAM_BUDGET) return;
  throw new RecipeError(
    `${name}: a Gram matrix of ${cols} columns takes ${gigabytes(bytes)} as float64; ${gigabytes(GRAM_BUDGET)} are possible`,
  );
}

export const gigabytes = (bytes: number): string =>
  bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${(bytes / 1e6).toFixed(1)} MB`;

const words: Record<CalibrationPart, string> = {
  gram: "the Gram matrix of the inputs",
  mean: "the mean of each input channel",
  meanAbs: "the mean magnitude of each input channel",
  meanSquare: "the mean square of each input channel",
  min: "the least value of each input channel",
  max: "the largest value of each input channel",
  quantiles: "quantiles of each input channel",
  rows: "whole rows of activations",
  cross: "the cross moment of inputs before and after the layers upstream were quantized",
  output: "the Gram matrix of gradients at the outputs",
};

/** What files have it, for whoever looks for one. */
const from: Record<CalibrationPart, string> = {
  gram: "a file of activations or of a Gram matrix has it",
  mean: "a file of activations has it",
  meanAbs: "a file of activations has it",
  meanSquare: "a file of activations, a Gram matrix or an imatrix has it",
  min: "a file of activations has it",
  max: "a file of activations has it",
  quantiles: "a file of activations has them",
  rows: "a file of activations has them",
  cross: "a captured calibration may have it",
  output: "a captured calibration may have it",
};

/**
 * A part of a calibration that `who` (a step, a format) cannot do without. Throws RecipeError, with where it could come from, where
 * there is no calibration, or one without it.
 */
export function partOf<P extends CalibrationPart>(
  calibration: Calibration | null,
  part: P,
  who: string,
): NonNullable<Calibration[P]> {
  if (!calibration) throw new RecipeError(`${who} needs a calibration: ${words[part]} (${from[part]})`);
  const value = calibration[part];
  if (value === null) {
    const why = part === "gram" ? calibration.notes.filter((note) => note.includes("Gram")).map((n) => `; ${n}`) : [];
    throw new RecipeError(`${who} needs ${words[part]}, and ${calibration.source.name} has none${why.join("")}`);
  }
  return value as NonNullable<Calibration[P]>;
}

/** Throws RecipeError where a calibration is of inputs of another length than the weight has columns. */
export function checkWidth(calibration: Calibration, cols: number, tensor: string): void {
  if (calibration.cols === cols) return;
  throw new RecipeError(
    `${calibration.source.name} is of inputs with ${calibration.cols} channels, and ${tensor} takes ${cols}: a calibration of another layer?`,
  );
}

/** Any channel statistic: an importance matrix has one alone. */
const channelParts = ["meanSquare", "meanAbs", "mean", "min", "max"] as const;

/** Throws RecipeError where `who` has a need that this calibration does not meet. */
export function checkNeed(calibration: Calibration | null, need: CalibrationNeed, who: string): void {
  if (need === "none") return;
  if (need === "channels") {
    if (!calibration) {
      throw new RecipeError(
        `${who} needs a calibration: statistics of the input channels (a file of activations, a Gram matrix or an imatrix has some)`,
      );
    }
    const part = channelParts.find((name) => calibration[name]) ?? "meanSquare";
    partOf(calibration, part, who);
  } else partOf(calibration, need === "gradients" ? "output" : need, who);
}

const order: readonly CalibrationNeed[] = ["none", "channels", "rows", "gram", "cross", "gradients"];

/** The need that holds all of these. */
export const largestNeed = (needs: readonly CalibrationNeed[]): CalibrationNeed =>
  needs.reduce((most, need) => (order.indexOf(need) > order.indexOf(most) ? need : most), "none");

/** Whether a need holds another. */
export const holds = (need: CalibrationNeed, part: CalibrationNeed): boolean =>
  order.indexOf(need) >= order.indexOf(part);
