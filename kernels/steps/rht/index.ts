import { seedParameter } from "../../grammar/seed.ts";
import { stepStream } from "../../random/streams.ts";
import { hadamard, orderFor, orderParameter } from "../hadamard.ts";
import { streamed } from "../step.ts";

/** A block Hadamard rotation after random signs, drawn by seed and by the step's place in the recipe. */
export const rht = streamed({
  entry: {
    name: "rht",
    place: "transform",
    describe: "block Hadamard rotation with random signs",
    costs: "log2 of its size additions an input value, unless the layer before is rotated alike",
    params: [orderParameter, seedParameter("seed of the signs")],
    paper: { title: "QuIP#: incoherence with randomised Hadamard transforms", where: "arXiv 2402.04396" },
  },
  plan: (args, { cols, position }) => ({
    params: { n: orderFor("rht", args, cols), cols, seed: args.number("seed") ?? 0, stream: stepStream(position) },
    needs: { reach: "row", calibration: "none" },
  }),
  stream: ({ n, cols, seed, stream }) => hadamard("rht", n, cols, { seed, stream }),
});
