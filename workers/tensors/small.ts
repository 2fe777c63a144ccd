/**
 * The tensors of a checkpoint that nobody quantizes as a weight: norms, biases and whatever has one dimension. Their few
 * values would weigh in the figures of a whole model as if they had been.
 */
import type { TensorInfo } from "./info.ts";

/** What the words "norms, biases and one-dimensional tensors" stand for, in messages. */
export const SMALL = "norms, biases and one-dimensional tensors";

const NORM = /^(.*_)?(layer_?norm|rms_?norm|batch_?norm|group_?norm|norm|ln|bn)(\d+|_[0-9a-z]{1,2})?$/i;
/** How the parameters of a norm are called; what owns them is the part of the name before. */
const PARAMETERS = /^(weight|bias|scale|gamma|beta|g|b)$/i;

/** Whether a tensor is a norm's, a bias, or has no more than one dimension longer than one. */
export function isSmall({ name, shape }: Pick<TensorInfo, "name" | "shape">): boolean {
  if (shape.filter((size) => size > 1).length < 2) return true;
  const parts = name.split(/[./]/);
  const last = parts.at(-1) ?? "";
  if (/(^|_)bias$/i.test(last)) return true;
  const owner = PARAMETERS.test(last) ? (parts.at(-2) ?? "") : last;
  return NORM.test(owner);
}

/** The tensors that are weights, and those that are left out; where there is nothing else, the small ones are what is meant. */
export function withoutSmall<T extends Pick<TensorInfo, "name" | "shape">>(
  tensors: readonly T[],
): { kept: T[]; small: T[] } {
  const kept = tensors.filter((tensor) => !isSmall(tensor));
  return kept.length === 0 ? { kept: [...tensors], small: [] } : { kept, small: tensors.filter(isSmall) };
}
