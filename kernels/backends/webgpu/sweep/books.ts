import type { Ladder } from "../../../formats/ladder.ts";
import { TABLE_CELLS, TABLE_LEVELS, TABLE_WORDS } from "./fields.ts";

/** Equal stretches of quotients, few enough that a GPU's threads seldom wait for one another, with a middle at most in each. */
export interface Cells {
  /** The cell of a quotient q is the one nearest to last * (factor * q + summand), from 0 to last. */
  last: number;
  factor: number;
  summand: number;
}

/** The largest finite float32: beyond every quotient. */
const NOWHERE = (2 - 2 ** -23) * 2 ** 127;
/** How far a cell reaches beyond half of its width on either side, for what a GPU's arithmetic loses. */
const OVERLAP = 2 ** -8;

const known = new WeakMap<Ladder, Cells | null>();

/** The cells of a codebook; null where middles lie too close together. */
export function cellsOf(ladder: Ladder): Cells | null {
  let cells = known.get(ladder);
  if (cells === undefined) {
    cells = null;
    for (let count = 32; count <= TABLE_CELLS && !cells; count *= 2) cells = makeCells(ladder, count);
    known.set(ladder, cells);
  }
  return cells;
}

function makeCells({ levels, middles }: Ladder, count: number): Cells | null {
  const inner = Array.from(middles).slice(0, levels.length - 1);
  if (inner.length === 0) return null;
  const [first, end] = [inner[0], inner[inner.length - 1]];
  // One cell is left free at either end.
  const width = (end - first) / (count - 3) || 1;
  const least = inner.slice(1).reduce((m, middle, i) => Math.min(m, middle - inner[i]), Infinity);
  if (least <= width * (1 + 2 * OVERLAP)) return null;
  const last = count - 1;
  const factor = Math.fround(1 / (last * width));
  return { last, factor, summand: Math.fround((width - first) * factor) };
}

/**
 * A codebook's words: of each cell the middle in it, the level below that and the one above; then of every level the middle
 * above, the level itself, the middle's last digits and whether the level is odd.
 */
export function bookWords(ladder: Ladder): Float32Array {
  const { levels, middles, odd } = ladder;
  const { last, factor, summand } = cellsOf(ladder)!;
  const words = new Float32Array(TABLE_WORDS);
  const inner = Array.from(middles).slice(0, levels.length - 1);
  const places = inner.map((middle) => last * (factor * middle + summand));
  for (let cell = 0; cell <= last; cell++) {
    const below = places.filter((place) => place < cell - 0.5 - OVERLAP).length;
    const inside = below < places.length && places[below] <= cell + 0.5 + OVERLAP;
    words[cell] = inside ? inner[below] : NOWHERE;
    words[TABLE_CELLS + cell] = levels[below];
    words[2 * TABLE_CELLS + cell] = levels[inside ? below + 1 : below];
  }
  const rest = words.subarray(3 * TABLE_CELLS);
  rest.fill(NOWHERE, 0, TABLE_LEVELS);
  rest.set(inner);
  rest.set(levels, TABLE_LEVELS);
  rest.set(
    inner.map((middle) => middle - Math.fround(middle)),
    2 * TABLE_LEVELS,
  );
  rest.set(odd, 3 * TABLE_LEVELS);
  return words;
}
