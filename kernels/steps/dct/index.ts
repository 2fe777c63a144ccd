import { blockFor, blockParameter, denseBlocks } from "../dense-blocks.ts";
import { streamed } from "../step.ts";
import { dctMatrix } from "./cosine.ts";

/** A block cosine transform: what is smooth along a row gathers in few values. */
export const dct = streamed({
  entry: {
    name: "dct",
    place: "transform",
    describe: "block cosine transform, orthonormal DCT-II",
    costs: "its size multiplications an input value",
    params: [blockParameter(1024)],
    paper: { title: "Ahmed, Natarajan and Rao: Discrete cosine transform", where: "doi:10.1109/T-C.1974.223784" },
  },
  plan: (args, { cols }) => ({
    params: { n: blockFor("dct", args, cols) },
    needs: { reach: "row", calibration: "none" },
  }),
  stream: ({ n }) => denseBlocks("dct", `dct ${n}`, n, () => dctMatrix(n)),
});
