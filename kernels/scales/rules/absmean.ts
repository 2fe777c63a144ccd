import { mean, multipleOf, pythonMean } from "./clip.ts";
import { scaleRule } from "./scale-rule.ts";

/** A multiple of the mean magnitude of a block, as BitNet b1.58 takes it (arXiv:2402.17764). */
export const absmean = scaleRule({
  entry: {
    name: "absmean",
    describe: "a multiple of the mean magnitude",
    params: [{ key: "k", kind: "number", min: 0, default: 1, positional: true, describe: "factor" }],
  },
  takes: { symmetric: true, affine: false, signed: false, scales: false },
  plan: (args) =>
    multipleOf(args.number("k") ?? 1, {
      of: (values) => mean(values, Math.abs),
      python: pythonMean("np.abs(v)"),
    }),
});
