/** What rules need that take a clip from all values of a block. */
import type { Args } from "../../grammar/args.ts";
import { RecipeError } from "../../grammar/errors.ts";
import type { Parameter } from "../../grammar/signature.ts";
import type { PlannedRule } from "../../plan/plan.ts";
import { gaussianOptimalScale } from "../gaussian.ts";
import type { Scaled } from "./scale-rule.ts";

/** Formats with more levels than this get no optimal clip computed: it would take seconds and gain nothing. */
const MAX_LEVELS = 4096;

/** The mean in a fixed order; 0 of no values. */
export function mean(values: Float32Array, of: (x: number) => number): number {
  let sum = 0;
  for (const x of values) sum += of(x);
  return values.length === 0 ? 0 : sum / values.length;
}

/** The same in NumPy, of an expression in `v`. */
export const pythonMean = (of: string): string => `(np.cumsum(${of})[-1] / len(v) if len(v) else 0.0)`;

export const DEVIATION = `
def deviation(v):
    """The standard deviation about the mean, of the values as a whole."""
    if not len(v):
        return 0.0
    d = v - np.cumsum(v)[-1] / len(v)
    return math.sqrt(np.cumsum(d * d)[-1] / len(v))
`;

/** The standard deviation about the mean, of the values as a whole: over n, not n - 1. */
export function deviation(values: Float32Array): number {
  const center = mean(values, (x) => x);
  return Math.sqrt(mean(values, (x) => (x - center) * (x - center)));
}

/** What the clip of a rule is a multiple of, as code and as NumPy. */
interface Measure {
  of(values: Float32Array): number;
  python: string;
  functions?: readonly string[];
}

/** A clip of k times a measure of the block's values, for symmetric formats. */
export const multipleOf = (k: number, { of, python, functions = [] }: Measure): Omit<PlannedRule, "name"> => ({
  params: { k },
  finding: {
    kind: "clip",
    of: (values) => [0, k * of(values)],
    python: (number) => ({ functions, clip: `(0.0, ${number(k)} * ${python})` }),
  },
  exponent: null,
});

/** A factor that may be left out for the one that is best for a Gaussian. */
export const OPTIONAL_FACTOR: Parameter = {
  key: "k",
  kind: "number",
  min: 0,
  positional: true,
  optional: true,
  describe: "factor",
};

/** The factor of a rule that measures the spread; where it is left out, the one of the least error over a Gaussian. */
export function factorOf(name: string, args: Args, { ladder, divisor }: Scaled): number {
  const k = args.number("k");
  if (k !== null) return k;
  if (ladder.levels.length > MAX_LEVELS)
    throw new RecipeError(`~${name} needs a factor for a format with so many levels`);
  return gaussianOptimalScale(ladder) * divisor;
}
