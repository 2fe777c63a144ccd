import { RecipeError } from "../../grammar/errors.ts";
import type { StepProgram } from "../program.ts";
import type { PruneParams } from "./index.ts";

/** Pruning in a NumPy program: by magnitude alone. */
export function pruneProgram({ frac, pattern, by, of, factor }: PruneParams, at: number): StepProgram {
  if (by !== "magnitude" || of === "rows")
    throw new RecipeError("prune is written as Python for single values by their magnitude");
  const marks = pattern
    ? `
for c in range(0, cols, ${pattern.m}):
    best = np.argsort(-score${at}[:, c:c + ${pattern.m}], axis=1, kind="stable")[:, :${pattern.n}]
    np.put_along_axis(stays${at}[:, c:c + ${pattern.m}], best, True, axis=1)`
    : `
count${at} = int(np.sum(~stays${at})) - int(np.floor(${frac} * np.sum(~stays${at}) + 0.5))
stays${at}.ravel()[np.argsort(-score${at}.ravel(), kind="stable")[:count${at}]] = True`;
  return {
    functions: [],
    forward: `
stays${at} = np.ascontiguousarray(~np.isfinite(x))
score${at} = np.ascontiguousarray(np.where(stays${at}, -1, np.abs(x)))${marks}
x = np.where(stays${at}, (x.astype(np.float64) * ${factor}).astype(np.float32), np.float32(0))`.trim(),
    back: `result = np.where(stays${at}, result, np.float32(0))`,
  };
}
