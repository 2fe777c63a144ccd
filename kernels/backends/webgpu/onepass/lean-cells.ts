import { floatBits } from "../../../exact/bits.ts";
import type { ElementSpec } from "../../../plan/plan.ts";
import { FILTER_CELLS, FILTER_LEVELS } from "../wgsl/filter.ts";

/** Equal stretches of quotients, each with the rank below its threshold: see `wgsl/filter.ts`. */
export interface Cells {
  perUnit: number;
  /** The cell whose middle is a quotient of zero. */
  zero: number;
  /** Threshold as bits, rank below it. */
  words: Uint32Array;
}

const known = new WeakMap<ElementSpec, Cells | null>();

/** The cells of a codebook; null where levels lie too close together, or so far apart that differences are no floats. */
export function cellsOf(element: ElementSpec): Cells | null {
  let cells = known.get(element);
  if (cells === undefined) {
    cells = makeCells(element);
    known.set(element, cells);
  }
  return cells;
}

/** Beyond every quotient that is looked up. */
const NOWHERE = 2 ** 60;
/** A sum may name the cell beside the nearest one, half a cell further off; a little more is left for what it rounds. */
const REACH = 1.5 + 2 ** -4;

function makeCells({ ladder, affine, integer }: ElementSpec): Cells | null {
  if (!ladder || affine || integer || ladder.zero < 0 || ladder.wide) return null;
  const { levels, middles } = ladder;
  if (levels.length < 2 || levels.length > FILTER_LEVELS) return null;
  // A value between two levels of one sign is at most twice the lower one.
  for (let i = 0; i + 1 < levels.length; i++) {
    const [near, far] = [levels[i], levels[i + 1]].map(Math.abs).sort((a, b) => a - b);
    if (near > 0 && far > 3 * near) return null;
  }
  const perUnit = 2 ** Math.floor(Math.log2((FILTER_CELLS - 4) / (middles[middles.length - 1] - middles[0])));
  const zero = Math.round(2 - middles[0] * perUnit);
  const words = new Uint32Array(2 * FILTER_CELLS);
  for (let cell = 0; cell < FILTER_CELLS; cell++) {
    const position = (m: number) => m * perUnit + zero - cell;
    const inside = middles.filter((m, i) => i < levels.length - 1 && Math.abs(position(m)) < REACH);
    if (inside.length > 1) return null;
    const below = middles.filter((m, i) => i < levels.length - 1 && position(m) <= -REACH).length;
    words.set([floatBits(Math.fround(inside[0] ?? NOWHERE)), below], 2 * cell);
  }
  return { perUnit, zero, words };
}
