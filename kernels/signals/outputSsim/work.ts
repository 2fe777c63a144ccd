import { partOf } from "../../calibration/needs.ts";
import type { ResultSignal } from "../signal.ts";
import { similarity } from "./similarity.ts";

/** Tokens that are looked at: their mean moves little beyond. */
const TOKENS = 64;

/** 1 - SSIM of a token's outputs, the mean over tokens: 0 where nothing changed. Of sampled rows, of their outputs alone. */
export const work: ResultSignal = {
  of: "results",
  async value({ values, results, cols, calibration }) {
    const inputs = partOf(calibration, "rows", "outputSsim");
    const rows = cols === 0 ? 0 : values.length / cols;
    const tokens = Math.min(TOKENS, inputs.length / cols);
    if (rows === 0 || !(tokens >= 1)) return null;
    let total = 0;
    for (let t = 0; t < tokens; t++) {
      const [before, after] = [new Float64Array(rows), new Float64Array(rows)];
      for (let r = 0; r < rows; r++) {
        let [x, y] = [0, 0];
        for (let c = 0; c < cols; c++) {
          const input = inputs[t * cols + c];
          x += input * values[r * cols + c];
          y += input * results[r * cols + c];
        }
        before[r] = x;
        after[r] = y;
      }
      const found = similarity(before, after);
      if (found === null) return null;
      total += 1 - found;
    }
    return total / tokens;
  },
};
