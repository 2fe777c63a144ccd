import { blockFor, blockParameter, denseBlocks } from "../dense-blocks.ts";
import { streamed } from "../step.ts";
import { dstMatrix } from "./sine.ts";

/** A block sine transform, one of the orthogonal blocks that MR-GPTQ compares with Hadamard's. */
export const dst = streamed({
  entry: {
    name: "dst",
    place: "transform",
    describe: "block sine transform, orthonormal DST-I",
    costs: "its size multiplications an input value",
    params: [blockParameter(1024)],
    paper: { title: "FP-Quant: block transforms for MXFP4 and NVFP4", where: "arXiv 2509.23202" },
  },
  plan: (args, { cols }) => ({
    params: { n: blockFor("dst", args, cols) },
    needs: { reach: "row", calibration: "none" },
  }),
  stream: ({ n }) => denseBlocks("dst", `dst ${n}`, n, () => dstMatrix(n)),
});
