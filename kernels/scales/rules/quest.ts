import { exponentOf } from "../../exact/bits.ts";
import type { SharedExponent } from "../../plan/plan.ts";
import { factorOf, mean, OPTIONAL_FACTOR, pythonMean } from "./clip.ts";
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
 * QuEST's rule for power-of-two scales (Quartet, arXiv 2505.14669): the clip that suits a Gaussian of the block's root mean square. The
 * published kernel floors the exponent of the scale, which more than doubles the error on a Gaussian; rounded is what the paper's figures say.
 */
export const quest = scaleRule({
  entry: {
    name: "quest",
    describe: "power of two from a multiple of the root mean square (QuEST)",
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
    ],
  },
  takes: { symmetric: true, affine: false, signed: false, scales: false },
  plan(args, of) {
    const k = factorOf("quest", args, of);
    const how = args.word("how") ?? "floor";
    return {
      params: { how, k },
      finding: {
        kind: "clip",
        of(values) {
          const clip = k * Math.sqrt(mean(values, (x) => x * x));
          return [0, clip > 0 ? Math.min(MOST, Math.max(LEAST, clip)) : 0];
        },
        python: (number) => ({
          functions: [],
          clip: `(0.0, (lambda c: min(${number(MOST)}, max(${number(LEAST)}, c)) if c > 0 else 0.0)(${number(k)} * math.sqrt${pythonMean("v * v")}))`,
        }),
      },
      exponent: powerOf(how, of.divisor),
    };
  },
  offers: ["quest(round)"],
});
