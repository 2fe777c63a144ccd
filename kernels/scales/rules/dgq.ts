import { scaleRule } from "./scale-rule.ts";

/** Dual grained quantization: see `fits/dgq.ts`. */
export const dgq = scaleRule({
  entry: {
    name: "dgq",
    describe: "searched whole-number scales a group and a scale a row, so that rows go on in INT8 (dual grained)",
    params: [],
  },
  takes: { symmetric: false, affine: true, signed: false, scales: false },
  plan: () => ({ params: {}, finding: { kind: "fit", by: "dgq" }, exponent: null }),
});
