import type { Correction } from "../step.ts";
import type { AlignParams } from "./index.ts";

interface Aligned {
  /** One a row, or one alone. */
  factors: Float32Array;
  /** Whether they have to be stored: a factor that the recipe names has not. */
  stored: boolean;
}

/** Rows between two looks at whoever may cancel. */
const ROWS = 256;

export const work: Correction<AlignParams, Aligned> = {
  kind: "correction",
  /** <x, x> / <x, x^> over what is finite on both sides, in float64; 1 where there is no such ratio, or none above zero. */
  async fit({ by, each }, original, result, job) {
    if (by !== null) return { factors: Float32Array.of(by), stored: false };
    const { rows, cols } = original;
    const count = each === "row" ? rows : 1;
    const [own, both] = [new Float64Array(count), new Float64Array(count)];
    for (let r = 0; r < rows; r++) {
      if (r % ROWS === 0) await job.checkpoint(r, rows, "rows");
      for (let c = 0, i = r * cols; c < cols; c++, i++) {
        const [x, y] = [original.values[i], result.values[i]];
        if (x - x !== 0 || y - y !== 0) continue;
        own[r % count] += x * x;
        both[r % count] += x * y;
      }
    }
    const factors = Float32Array.from(own, (sum, k) => (sum > 0 && both[k] > 0 ? sum / both[k] : 1));
    return { factors, stored: true };
  },
  correct({ factors }, { row0, cols, values }) {
    if (factors.length === 1) return values.map((y) => y * factors[0]);
    return values.map((y, i) => y * factors[row0 + Math.floor(i / cols)]);
  },
  bits: ({ factors, stored }, { rows, cols }) =>
    stored ? [{ what: `factors of alignment (f32)`, bitsPerWeight: (32 * factors.length) / (rows * cols) }] : [],
};
