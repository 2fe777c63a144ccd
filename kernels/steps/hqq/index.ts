import { fitted } from "../step.ts";

export interface HqqParams {
  p: number;
  beta: number;
  kappa: number;
  iters: number;
}

/** Zero points by half-quadratic splitting; needs no inputs. */
export const hqq = fitted({
  entry: {
    name: "hqq",
    place: "solver",
    describe: "moves the zero points of an affine format until few large errors are left; needs no inputs",
    params: [
      { key: "p", kind: "number", min: 0.1, max: 1, default: 0.7, describe: "power of the error that is made small" },
      { key: "beta", kind: "number", min: 0.001, max: 1000000, default: 10, describe: "weight of the split at first" },
      { key: "kappa", kind: "number", min: 1, max: 10, default: 1.01, describe: "what the weight grows by" },
      { key: "iters", kind: "integer", min: 1, max: 1000, default: 20, describe: "rounds at most" },
    ],
    paper: {
      title: "HQQ: half-quadratic quantization of large machine learning models",
      where: "mobiusml.github.io/hqq_blog",
    },
  },
  plan(args) {
    const params: HqqParams = {
      p: args.number("p") ?? 0.7,
      beta: args.number("beta") ?? 10,
      kappa: args.number("kappa") ?? 1.01,
      iters: args.number("iters") ?? 20,
    };
    return { params, needs: { reach: "matrix", calibration: "none" } };
  },
  work: async () => (await import("./work.ts")).work,
});
