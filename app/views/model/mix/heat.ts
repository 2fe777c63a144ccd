/** The map of a model: roles down the side, layers across, what stands outside of layers in a column of its own; experts folded or each in a row. */
import type { MixTensors } from "./tensors.ts";

export interface HeatRow {
  role: number;
  /** -1 for all of them, or where there are none. */
  expert: number;
}

export interface HeatLayout {
  rows: readonly HeatRow[];
  /** Layers in their order (places among a role's, where there are none); -1, the last one, for what stands outside of layers. */
  columns: readonly number[];
  /** By tensor: row times columns plus column. */
  cell: Uint32Array;
  /** Tensors cell by cell: those of cell c are `order[start[c]]` up to `start[c + 1]`. */
  order: Uint32Array;
  start: Uint32Array;
  /** Whether there are experts that could be folded. */
  experts: boolean;
}

export function layoutOf(tensors: MixTensors, folded: boolean): HeatLayout {
  const { count, column: layer, role, roles, expert } = tensors;
  const experts = expert.some((e) => e >= 0);
  const split = experts && !folded;
  // Experts of a role stand below each other.
  const most = new Int32Array(roles.length).fill(-1);
  const bare = new Uint8Array(roles.length);
  const present = new Set<number>();
  for (let i = 0; i < count; i++) {
    present.add(layer[i]);
    if (split && expert[i] >= 0) most[role[i]] = Math.max(most[role[i]], expert[i]);
    else bare[role[i]] = 1;
  }
  const rows: HeatRow[] = [];
  const first = new Uint32Array(roles.length);
  const own = new Uint32Array(roles.length);
  for (let r = 0; r < roles.length; r++) {
    own[r] = rows.length;
    if (bare[r]) rows.push({ role: r, expert: -1 });
    first[r] = rows.length;
    for (let e = 0; e <= most[r]; e++) rows.push({ role: r, expert: e });
  }
  const columns = [...present].sort((x, y) => (x < 0 ? 1 : y < 0 ? -1 : x - y));
  const columnOf = new Map(columns.map((l, i) => [l, i]));
  const cells = rows.length * columns.length;
  const cell = new Uint32Array(count);
  const start = new Uint32Array(cells + 1);
  for (let i = 0; i < count; i++) {
    const row = split && expert[i] >= 0 ? first[role[i]] + expert[i] : own[role[i]];
    cell[i] = row * columns.length + columnOf.get(layer[i])!;
    start[cell[i] + 1]++;
  }
  for (let c = 0; c < cells; c++) start[c + 1] += start[c];
  const next = start.slice(0, cells);
  const order = new Uint32Array(count);
  for (let i = 0; i < count; i++) order[next[cell[i]]++] = i;
  return { rows, columns, cell, order, start, experts };
}

/** How the figures of several tensors become one: bits and scores as means by weight, shares as sums, gains as the largest. */
export type Fold = "mean" | "sum" | "max";

export interface Folded {
  /** NaN where nothing has a figure. */
  values: Float64Array;
  /** How many tensors there are, and how many of them have no figure. */
  tensors: Uint32Array;
  without: Uint32Array;
}

/** Folds figures into `groups` groups; a tensor of group -1 is in none. */
function fold(
  values: Float64Array,
  weights: Float64Array,
  how: Fold,
  groups: number,
  groupOf: (i: number) => number,
): Folded {
  const out = new Float64Array(groups).fill(Number.NaN);
  const weight = new Float64Array(groups);
  const tensors = new Uint32Array(groups);
  const without = new Uint32Array(groups);
  for (let i = 0; i < values.length; i++) {
    const g = groupOf(i);
    if (g < 0) continue;
    tensors[g]++;
    const v = values[i];
    if (Number.isNaN(v)) without[g]++;
    else if (how === "max") out[g] = Number.isNaN(out[g]) ? v : Math.max(out[g], v);
    else {
      const w = how === "mean" ? weights[i] : 1;
      out[g] = (Number.isNaN(out[g]) ? 0 : out[g]) + v * w;
      weight[g] += w;
    }
  }
  if (how === "mean") for (let g = 0; g < groups; g++) out[g] = weight[g] > 0 ? out[g] / weight[g] : Number.NaN;
  return { values: out, tensors, without };
}

/** What the map and its margins show: a figure a cell, a layer, and a role (or its expert). */
export interface HeatFigures {
  cells: Folded;
  columns: Folded;
  rows: Folded;
}

export function figuresOf(layout: HeatLayout, values: Float64Array, weights: Float64Array, how: Fold): HeatFigures {
  const width = layout.columns.length;
  const { cell } = layout;
  return {
    cells: fold(values, weights, how, layout.rows.length * width, (i) => cell[i]),
    columns: fold(values, weights, how, width, (i) => cell[i] % width),
    rows: fold(values, weights, how, layout.rows.length, (i) => Math.floor(cell[i] / width)),
  };
}

/** Where the grid lies in a drawing, and which part of it is in sight. */
export interface HeatFrame {
  left: number;
  top: number;
  /** Of the part that is in sight. */
  width: number;
  height: number;
  cellWidth: number;
  cellHeight: number;
  scrollX: number;
  scrollY: number;
}

export const CELL = { least: 4, widest: 84, highest: 26 } as const;

/** A cell's size: as large as fits, or the least there is, with the rest to be scrolled to. */
export const cellSize = (room: number, count: number, most: number): number =>
  Math.max(CELL.least, Math.min(most, Math.floor(room / Math.max(1, count))));

/** The cells from `first` up to, not including, `end` that a stretch shows. */
export function inSight(scroll: number, room: number, size: number, count: number): { first: number; end: number } {
  return { first: Math.max(0, Math.floor(scroll / size)), end: Math.min(count, Math.ceil((scroll + room) / size)) };
}

/** A box of cells, corners included, in either order. */
export interface CellBox {
  row0: number;
  row1: number;
  column0: number;
  column1: number;
}

export const boxOf = (a: { row: number; column: number }, b: { row: number; column: number }): CellBox => ({
  row0: Math.min(a.row, b.row),
  row1: Math.max(a.row, b.row),
  column0: Math.min(a.column, b.column),
  column1: Math.max(a.column, b.column),
});

/** The tensors of a box. */
export function tensorsIn(layout: HeatLayout, box: CellBox): number[] {
  const found: number[] = [];
  const width = layout.columns.length;
  for (let row = box.row0; row <= box.row1; row++) {
    const from = layout.start[row * width + box.column0];
    const to = layout.start[row * width + box.column1 + 1];
    for (let k = from; k < to; k++) found.push(layout.order[k]);
  }
  return found;
}
