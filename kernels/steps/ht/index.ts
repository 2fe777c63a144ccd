import { RecipeError } from "../../grammar/errors.ts";
import { hadamard, orderFor, orderParameter } from "../hadamard.ts";
import { streamed } from "../step.ts";
import { inSequency } from "./sequency.ts";

/** A block Hadamard rotation. It folds into no neighbour by itself: whoever runs the weight rotates its input alike. */
export const ht = streamed({
  entry: {
    name: "ht",
    place: "transform",
    describe: "block Hadamard rotation",
    costs: "log2 of its size additions an input value, unless the layer before is rotated alike",
    params: [
      orderParameter,
      {
        key: "order",
        kind: "word",
        words: ["sylvester", "sequency"],
        default: "sylvester",
        describe: "order of the rotated values: Sylvester's, or by the sign changes of the matrix's rows (Walsh's)",
      },
    ],
    paper: { title: "FP-Quant: block Hadamard rotations for MXFP4 and NVFP4", where: "arXiv 2509.23202" },
  },
  plan(args, { cols }) {
    const n = orderFor("ht", args, cols);
    const sequency = args.word("order") === "sequency";
    if (sequency && !Number.isInteger(Math.log2(n))) {
      throw new RecipeError(`ht(${n}): rows are ordered by sign changes where the block is a power of two`);
    }
    return { params: { n, cols, sequency }, needs: { reach: "row", calibration: "none" } };
  },
  stream({ n, cols, sequency }) {
    const rotation = hadamard("ht", n, cols, null);
    return sequency ? inSequency(rotation, n) : rotation;
  },
});
