import { exponentOf } from "../../exact/bits.ts";
import type { SharedExponent } from "../../plan/plan.ts";
import { DEVIATION, deviation, factorOf, mean, OPTIONAL_FACTOR, pythonMean } from "./clip.ts";
import { scaleRule } from "./scale-rule.ts";

/** What a float32 clip may be, so that its exponent is one of float32's. */
const LEAST = 2 ** -149;
const MOST = 2 ** 128 * (1 - 2 ** -53);

/** The power of two of log2(clip / divisor) made whole. */
function powerOf(how: string, divisor: number): SharedExponent {
  const e = exponentOf(divisor);
  const significand = divisor * 2 ** -e;
  if (how === "floor") return significand === 1 ? { shift: e, from: 2 } : { shift: e + 1, from: significand };
  const up = significand * Math.SQRT2;
  return up < 2 ? { shift: e, from: up } : { shift: e + 1, from: up / 2 };
}

/**
 * QuEST's rule for power-of-two scales (Quartet, arXiv 2505.14669): the clip that suits a Gaussian of the block's deviation. The published
 * MXFP4 kernel floors the exponent of the scale, which more than doubles the error on a Gaussian; rounded is what the paper's figures say.
 */
export const quest = scaleRule({
  entry: {
    name: "quest",
    describe: "power of two from a multiple of the deviation or root mean square (QuEST)",
    params: [
      {
        key: "how",
        kind: "word",
        words: ["floor", "round"],
        default: "floor",
        positional: true,
        always: true,
        describe: "how the exponent becomes whole: the published kernel floors it",
      },
      OPTIONAL_FACTOR,
      {
        key: "by",
        kind: "word",
        words: ["std", "rms"],
        default: "std",
        describe:
          "a multiple of what: the deviation about the mean, as the published kernel has it, or the root mean square",
      },
    ],
  },
  takes: { symmetric: true, affine: false, signed: false, scales: false },
  plan(args, of) {
    const k = factorOf("quest", args, of);
    const how = args.word("how") ?? "floor";
    const by = args.word("by") ?? "std";
    const spread = by === "std" ? deviation : (values: Float32Array) => Math.sqrt(mean(values, (x) => x * x));
    const python = by === "std" ? "deviation(v)" : `math.sqrt${pythonMean("v * v")}`;
    return {
      params: { how, k, by },
      finding: {
        kind: "clip",
        of(values) {
          const clip = k * spread(values);
          return [0, clip > 0 ? Math.min(MOST, Math.max(LEAST, clip)) : 0];
        },
        python: (number) => ({
          functions: by === "std" ? [DEVIATION] : [],
          clip: `(0.0, (lambda c: min(${number(MOST)}, max(${number(LEAST)}, c)) if c > 0 else 0.0)(${number(k)} * ${python}))`,
        }),
      },
      exponent: powerOf(how, of.divisor),
    };
  },
  offers: ["quest(round)"],
});
