import { RecipeError } from "../../grammar/errors.ts";
import { mean } from "./clip.ts";
import { type Scaled, scaleRule } from "./scale-rule.ts";

function checkLevels(name: string, { ladder: { levels } }: Scaled, wanted: readonly number[]): void {
  if (levels.length !== wanted.length || wanted.some((level, i) => levels[i] !== level)) {
    throw new RecipeError(
      `~${name} sets codes of ${wanted.length === 2 ? "binary" : "ternary"}, as in ${wanted.length === 2 ? "binary" : "ternary"}/row~${name}`,
    );
  }
}

/** Half of the dead zone: a share of the mean magnitude. */
const deadZone = (values: Float32Array, k: number): number => k * mean(values, Math.abs);

/** Ternary weight networks (arXiv 1605.04711): zero up to 0.7 of the mean magnitude, the mean of what lies beyond as the scale. */
export const twn = scaleRule({
  entry: {
    name: "twn",
    describe: "ternary: zero up to k times the mean magnitude, the mean of the rest as scale (TWN)",
    params: [{ key: "k", kind: "number", min: 0, max: 4, default: 0.7, positional: true, describe: "dead zone" }],
  },
  takes: { symmetric: true, affine: false, signed: false, scales: false },
  plan(args, of) {
    checkLevels("twn", of, [-1, 0, 1]);
    const k = args.number("k") ?? 0.7;
    return {
      params: { k },
      finding: {
        kind: "clip",
        of(values) {
          const edge = deadZone(values, k);
          return [
            0,
            mean(
              values.filter((x) => Math.abs(x) > edge),
              Math.abs,
            ),
          ];
        },
        python: null,
        ranks(values) {
          const edge = deadZone(values, k);
          return (x) => (x > edge ? 2 : x < -edge ? 0 : 1);
        },
      },
      exponent: null,
    };
  },
});

/** Signs about the mean (XNOR-Net and its kin, arXiv 1603.05279): the mean is taken off to choose them, and is not added again. */
export const bwn = scaleRule({
  entry: {
    name: "bwn",
    describe: "binary: signs about the block's mean, the mean distance from it as scale",
    params: [],
  },
  takes: { symmetric: true, affine: false, signed: false, scales: false },
  plan(_, of) {
    checkLevels("bwn", of, [-1, 1]);
    return {
      params: {},
      finding: {
        kind: "clip",
        of(values) {
          const middle = mean(values, (x) => x);
          return [0, mean(values, (x) => Math.abs(x - middle))];
        },
        python: null,
        ranks(values) {
          const middle = mean(values, (x) => x);
          return (x) => (x >= middle ? 1 : 0);
        },
      },
      exponent: null,
    };
  },
});
