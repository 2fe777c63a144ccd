/** Figures of single windows and of single predictions, fit for drawing. */

import type { WindowResult } from "../../../workers/lm/request.ts";
import type { Bin } from "../../charts/binning.ts";
import { octave } from "../../charts/binning.ts";
import type { Side } from "../../charts/types.ts";

export interface WindowPoint {
  /** The window's number among all of the text. */
  index: number;
  predictions: number;
  /** NLL of the model as it is. */
  base: number;
  /** Mean KL; null without this side, NaN where a prediction is broken. */
  a: number | null;
  b: number | null;
}

const mean = (values: Float64Array): number => {
  let sum = 0;
  for (const x of values) sum += x;
  return sum / values.length;
};

export function windowPoints(windows: readonly WindowResult[]): WindowPoint[] {
  return windows
    .filter(({ nll }) => nll.length > 0)
    .map(({ index, nll, a, b }) => ({
      ...{ index, predictions: nll.length, base: mean(nll) },
      ...{ a: a && mean(a.kl), b: b && mean(b.kl) },
    }))
    .sort((x, y) => x.index - y.index);
}

export interface KlHistogram {
  /** Bars in octaves, a quarter of one wide. */
  bins: Bin[];
  /** All predictions, also those that have no place on a logarithmic axis. */
  total: number;
  /** Predictions whose KL is not above `least`, rounding's little negatives among them. */
  below: number;
  /** Not finite. */
  broken: number;
}

/** KL of every prediction of a side. Below `least` (the noise floor, for example) there is nothing to tell apart. */
export function klHistogram(windows: readonly WindowResult[], side: Side, least: number): KlHistogram {
  const counts = new Map<number, number>();
  let [total, below, broken] = [0, 0, 0];
  for (const window of windows) {
    for (const kl of window[side]?.kl ?? []) {
      total++;
      if (!Number.isFinite(kl)) broken++;
      else if (kl <= least) below++;
      else {
        const key = Math.floor(4 * octave(kl));
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
    }
  }
  const keys = [...counts.keys()];
  const [first, last] = [Math.min(...keys), Math.max(...keys)];
  const bins = keys.length === 0 ? [] : Array.from({ length: last - first + 1 }, (_, i) => first + i);
  return {
    bins: bins.map((key) => ({ lo: key / 4, hi: (key + 1) / 4, count: counts.get(key) ?? 0 })),
    ...{ total, below, broken },
  };
}
