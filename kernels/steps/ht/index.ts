import { hadamard, orderFor, orderParameter } from "../hadamard.ts";
import { streamed } from "../step.ts";

/** A block Hadamard rotation. It folds into no neighbour by itself: whoever runs the weight rotates its input alike. */
export const ht = streamed({
  entry: {
    name: "ht",
    place: "transform",
    describe: "block Hadamard rotation",
    params: [orderParameter],
    paper: { title: "FP-Quant: block Hadamard rotations for MXFP4 and NVFP4", where: "arXiv 2509.23202" },
  },
  plan: (args, { cols }) => ({
    params: { n: orderFor("ht", args, cols), cols },
    needs: { reach: "row", calibration: "none" },
  }),
  stream: ({ n, cols }) => hadamard("ht", n, cols, null),
});
