/**
 * Levels and thresholds of elements as a library's own code has them, where that differs from the nearest level of the
 * format: codes that stand for a negative zero, and thresholds written down with few digits.
 */
import type { Ladder } from "./ladder.ts";

/** Libraries whose float32 arithmetic is imitated. */
export type Library = "bnb" | "torchao" | "modelopt";

/** A ladder with the thresholds between its levels. */
export interface Thresholds {
  ladder: Ladder;
  middles: Float64Array;
}

/** Thresholds of `dQuantizeFP4` (bitsandbytes, csrc/kernels.cu) between magnitudes, as they are written there. */
const BNB_FP4 = [0.00260417, 0.0859375, 0.20833333, 0.29166667, 0.4166667, 0.583333, 0.8333333];

/** What elements of a format are compared with under a library's arithmetic. */
export function libraryThresholds(library: Library, name: string, ladder: Ladder): Thresholds {
  if (library === "torchao") return { ladder, middles: ladder.middles };
  if (library === "modelopt") {
    // Code 8 is what stands below zero and rounds to it; it is decoded as plus zero.
    const wider = withSecondZero(ladder, 8, 0);
    return { ladder: wider, middles: wider.middles };
  }
  if (name !== "bnbfp4") return { ladder, middles: ladder.middles.map(Math.fround) };
  const wider = withSecondZero(ladder, 8, -0);
  const up = BNB_FP4.map(Math.fround);
  return { ladder: wider, middles: Float64Array.from([...up.toReversed().map((t) => -t), 0, ...up]) };
}

/** The ladder with a second zero, for what lies below zero. What is zero itself goes to the first, of either sign. */
function withSecondZero(ladder: Ladder, code: number, value: number): Ladder {
  const at = ladder.zero;
  const insert = (list: ArrayLike<number>, one: number) => {
    const all = Array.from(list);
    return [...all.slice(0, at), one, ...all.slice(at)];
  };
  const levels = Float64Array.from(insert(ladder.levels, value));
  return {
    ...ladder,
    levels,
    codes: Uint32Array.from(insert(ladder.codes, code)),
    odd: Uint8Array.from(insert(ladder.odd, 0)),
    middles: Float64Array.from({ length: levels.length - 1 }, (_, i) => levels[i] / 2 + levels[i + 1] / 2),
    zero: at + 1,
    floor: (q) => {
      const rank = ladder.floor(q);
      return rank >= at ? rank + 1 : rank;
    },
  };
}
