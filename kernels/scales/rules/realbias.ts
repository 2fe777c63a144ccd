import { stableExp, stableLog } from "../../exact/pow.ts";
import { RecipeError } from "../../grammar/errors.ts";
import { scaleRule } from "./scale-rule.ts";
import { ERROR_POWER, isByInputs, WEIGHTS, weightParams } from "./searching.ts";

/**
 * The exponent bias as a real number (LLM-FP4, arXiv 2310.16836): b = 2^E - 1 + log2(2 - 2^-M) - log2(amax) is that of the plain scale, and
 * multiples of it are tried. A bias of b stands for a scale of 2^-b, so that its multiples move the clip by powers.
 */
export const realbias = scaleRule({
  entry: {
    name: "realbias",
    describe: "search over multiples of a real exponent bias for the least sum of |error|^p (LLM-FP4)",
    params: [
      { key: "grid", kind: "integer", min: 1, max: 4096, default: 100, describe: "steps" },
      { key: "least", kind: "number", min: 0, max: 4, default: 0.01, describe: "least multiple" },
      { key: "most", kind: "number", min: 0, max: 4, default: 1.2, describe: "largest multiple" },
      ERROR_POWER,
      WEIGHTS,
    ],
  },
  takes: { symmetric: true, affine: false, signed: false, scales: false },
  plan(args, { ladder }) {
    const { format } = ladder;
    if (format.kind !== "float") throw new RecipeError("~realbias is for floats, which have an exponent bias");
    const [grid, least, most] = [args.number("grid") ?? 100, args.number("least") ?? 0.01, args.number("most") ?? 1.2];
    const p = args.number("p") ?? 2;
    const weighted = isByInputs(args);
    const top = (2 - 2 ** -format.mantissaBits) * 2 ** (2 ** format.exponentBits - 1);
    return {
      params: { grid, least, most, p, ...weightParams(weighted) },
      finding: {
        ...{ kind: "shrink", p, grid, least, weighted },
        // The clip of a bias of f b is 2^((1 - f) b) times that of b.
        factors(clip) {
          const b = stableLog(top / clip);
          return Array.from({ length: grid + 1 }, (_, i) => stableExp((1 - least - (i * (most - least)) / grid) * b));
        },
      },
      exponent: null,
    };
  },
});
