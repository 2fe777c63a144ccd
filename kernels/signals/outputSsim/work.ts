import type { ResultSignal } from "../signal.ts";
import { tokenOutputs } from "../token-outputs.ts";
import { similarity } from "./similarity.ts";

/** Tokens that are looked at: their mean moves little beyond. */
const TOKENS = 64;

/**
 * 1 - SSIM of a token's outputs, the mean over tokens: 0 where nothing changed. Of sampled rows, of their outputs alone. Values that are not
 * finite count as zero in both; null where a result is missing.
 */
export const work: ResultSignal = {
  of: "results",
  async value(rows) {
    const outputs = await tokenOutputs(rows, TOKENS, "outputSsim");
    if (!outputs) return null;
    const { rows: tokens, cols } = outputs.before;
    let total = 0;
    for (let t = 0; t < tokens; t++) {
      const [own, now] = [outputs.before, outputs.after].map((of) => of.values.subarray(t * cols, (t + 1) * cols));
      const found = similarity(own, now);
      if (found === null) return null;
      total += 1 - found;
    }
    return total / tokens;
  },
};
