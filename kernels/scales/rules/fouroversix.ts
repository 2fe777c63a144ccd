import { scaleRule } from "./scale-rule.ts";
import { ERROR_POWER } from "./searching.ts";

/**
 * Four over six (arXiv 2512.02010): a block's largest magnitude goes to 6 or to 4, whichever errs less; 6 where both err alike. Under scales of
 * scales the larger scales need room: `:e4m3(reach=256)/tensor` leaves it, `:e4m3/tensor` saturates some.
 */
export const fouroversix = scaleRule({
  entry: {
    name: "fouroversix",
    describe: "amax to the largest level, or to 1/factor of it, by the least sum of |error|^p (Four Over Six)",
    params: [
      ERROR_POWER,
      { key: "factor", kind: "number", min: 1, max: 4, default: 1.5, describe: "the larger scale over the smaller" },
    ],
  },
  takes: { symmetric: true, affine: false, signed: false, scales: false },
  plan(args) {
    const params = { p: args.number("p") ?? 2, factor: args.number("factor") ?? 1.5 };
    return {
      params,
      finding: {
        ...{ kind: "search", p: params.p, grid: 1, least: 0, most: params.factor, weighted: false },
        factors: [params.factor],
      },
      exponent: null,
    };
  },
  offers: ["fouroversix"],
});
