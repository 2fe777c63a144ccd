import type { Measured } from "../measure/measured.ts";
import { type Figures, figuresOf } from "../measure/metrics/index.ts";
import { makeSums, type Sums } from "../measure/sums.ts";

/** What was measured of four ordinary values, with sums given in place of its own. */
export const measuredForTest = (given: Partial<Sums> = {}): Measured => ({
  sums: {
    ...makeSums(),
    ...{ count: 4, signal: 10, error: 1, absError: 1.5, maxAbs: 0.5, dot: 9, energy: 9, saturated: 1, flushed: 1 },
    ...given,
  },
  codes: Uint32Array.of(2, 2),
  ...{ dead: 0, ranged: true, elements: 4, bitsPerWeight: 4, outputs: null },
});

/** Figures of every metric of the list, some given in place of those. */
export const figuresForTest = (given: Partial<Figures> = {}): Figures => ({
  ...figuresOf(measuredForTest()),
  ...given,
});
