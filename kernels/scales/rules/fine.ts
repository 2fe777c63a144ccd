import { scaleRule } from "./scale-rule.ts";

/** FineQuant's adaptive granularity: see `fits/fine.ts`. */
export const fine = scaleRule({
  entry: {
    name: "fine",
    describe: "groups of a row are halved as long as that shrinks their range (FineQuant)",
    params: [
      { key: "alpha", kind: "number", min: 0, max: 1, default: 0.1, describe: "least mean gain of a halving" },
      { key: "least", kind: "integer", min: 1, max: 65536, default: 64, describe: "smallest group" },
    ],
  },
  takes: { symmetric: true, affine: true, signed: true, scales: false },
  plan: (args) => ({
    params: { alpha: args.number("alpha") ?? 0.1, least: args.number("least") ?? 64 },
    finding: { kind: "fit", by: "fine" },
    exponent: null,
  }),
});
