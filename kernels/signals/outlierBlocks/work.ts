import type { TensorSignal } from "../signal.ts";
import { fitGaussian, outlierPatches } from "./patches.ts";

/** Rows and columns of a tile. */
const SIZE = 16;

/** The share of tiles with a value that one in 25 tiles of a Gaussian would hold. */
export const work: TensorSignal = {
  of: "tensor",
  async value({ values, cols }) {
    const fit = fitGaussian(values);
    if (fit === null || !(fit.deviation > 0)) return null;
    const marks = outlierPatches({ values, rows: values.length / cols, cols }, SIZE, { each: "patch" });
    return marks.reduce((sum, mark) => sum + mark, 0) / marks.length;
  },
};
