/**
 * Over which tensors a recipe's figure of several together is taken. Figures over different values cannot be held against
 * each other: a recipe that leaves out the tensor that all others find hard would win by it.
 */

/** What a recipe gave on one tensor, or why it gave nothing. */
export interface TensorOutcome {
  target: number;
  metrics: object | null;
  error: string | null;
  /** What ran in its place, where some of its steps do not fit the tensor. */
  instead?: { text: string; reason: string };
}

export interface Coverage {
  /** Tensors in the figure, of so many that there could be. */
  tensors: number;
  of: number;
  /** Values in the figure, NaN and Inf included. */
  values: number;
  /** Tensors that were quantized by what is left of the recipe without the steps that do not fit them. */
  without: { target: number; text: string; reason: string }[];
  /** Tensors that are not in the figure. */
  leftOut: { target: number; reason: string }[];
}

/** Whether a figure holds all values that any recipe's does: only such figures can be compared, and be on a frontier. */
export const isWhole = ({ leftOut }: Coverage): boolean => leftOut.length === 0;

/** The tensors among `targets` that any recipe has figures of; one that nothing could be done to is left out of all alike. */
export function coverable(outcomes: Iterable<TensorOutcome>, targets: readonly number[]): number[] {
  const found = new Set<number>();
  for (const { target, metrics } of outcomes) if (metrics) found.add(target);
  return targets.filter((target) => found.has(target));
}

/**
 * What a recipe's figure over `targets` together holds, of its outcomes on them; null where no tensor took the recipe as it
 * is written: then there is nothing to show of it that is not another recipe's.
 *
 * @param elements how many values a target has
 */
export function coverageOf(
  outcomes: readonly TensorOutcome[],
  targets: readonly number[],
  elements: (target: number) => number,
): Coverage | null {
  const byTarget = new Map(outcomes.map((outcome) => [outcome.target, outcome]));
  const coverage: Coverage = { tensors: 0, of: targets.length, values: 0, without: [], leftOut: [] };
  for (const target of targets) {
    const outcome = byTarget.get(target);
    if (!outcome?.metrics) {
      coverage.leftOut.push({ target, reason: outcome?.error ?? "it has not come yet" });
      continue;
    }
    coverage.tensors++;
    coverage.values += elements(target);
    if (outcome.instead) coverage.without.push({ target, ...outcome.instead });
  }
  return coverage.tensors > coverage.without.length ? coverage : null;
}
