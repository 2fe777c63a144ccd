import { seedParameter } from "../../grammar/seed.ts";
import { stepStream } from "../../random/streams.ts";
import { blockFor, blockParameter, denseBlocks } from "../dense-blocks.ts";
import { streamed } from "../step.ts";
import { randomOrthogonal } from "./random.ts";

/** A random rotation of blocks of a row. It comes from its seed, so that nothing of it is stored; n multiplications an input value. */
export const orth = streamed({
  entry: {
    name: "orth",
    place: "transform",
    describe: "random orthogonal rotation of blocks, drawn by seed",
    costs: "its size multiplications an input value, unless the layer before is rotated alike",
    params: [blockParameter(512), seedParameter("seed of the rotation")],
    paper: { title: "QuIP: incoherence by random orthogonal matrices", where: "arXiv 2307.13304" },
  },
  plan: (args, { cols, position }) => ({
    params: { n: blockFor("orth", args, cols), seed: args.number("seed") ?? 0, stream: stepStream(position) },
    needs: { reach: "row", calibration: "none" },
  }),
  stream: ({ n, seed, stream }) =>
    denseBlocks("orth", `orth ${n},${seed},${stream}`, n, () => randomOrthogonal(n, seed, stream)),
});
