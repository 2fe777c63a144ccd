import { RecipeError } from "../../grammar/errors.ts";
import { scaleRule } from "./scale-rule.ts";

const NEAREST_RANK = `
def nearest_rank(values, p):
    return np.sort(values)[max(1, math.ceil(p / 100 * len(values) - 1e-9)) - 1] if len(values) else 0.0
`;

/** The smallest value with at least p percent of all at or below it (nearest rank). 0 for no values. Sorts in place. */
function nearestRank(values: Float32Array, p: number): number {
  if (values.length === 0) return 0;
  const rank = Math.max(1, Math.ceil((p / 100) * values.length - 1e-9));
  return values.sort()[rank - 1];
}

const negated = (values: Float32Array) => values.map((x) => -x);

/** A percentile of the magnitudes; for affine formats one of the values and one of their negatives, extended to hold zero. */
export const pct = scaleRule({
  entry: {
    name: "pct",
    describe: "percentile of the magnitudes, nearest rank",
    params: [{ key: "p", kind: "number", min: 0, max: 100, positional: true, describe: "percentile, up to 100" }],
  },
  takes: { symmetric: true, affine: true, signed: false, scales: false },
  plan(args, { affine }) {
    const p = args.number("p") ?? 100;
    if (p <= 0) throw new RecipeError("~pct takes a percentile above 0");
    const clip = affine
      ? `(-max(0.0, nearest_rank(-v, ${p})), max(0.0, nearest_rank(v, ${p})))`
      : `(0.0, nearest_rank(np.abs(v), ${p}))`;
    return {
      params: { p },
      finding: {
        kind: "clip",
        of: affine
          ? (values) => [-Math.max(0, nearestRank(negated(values), p)), Math.max(0, nearestRank(values.slice(), p))]
          : (values) => [0, nearestRank(values.map(Math.abs), p)],
        python: () => ({ functions: [NEAREST_RANK], clip }),
      },
      exponent: null,
    };
  },
  offers: ["pct(99.9)"],
});
