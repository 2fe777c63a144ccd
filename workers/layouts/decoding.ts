/**
 * From codes, scales and zero points to values. One arithmetic serves every layout, in float32 and in this order:
 *
 *     value = fl32(fl32(level - zero) * scale)
 *
 * then, where a layout has them, times a factor or plus an offset, each rounded once. `level` is the number a code
 * stands for. Libraries that dequantize in float16 or bfloat16 round each step further; their result is this one rounded
 * only if they compute in float32 first.
 */

/** One value a block, row by row of a grid laid over the matrix. */
export interface Grid {
  cols: number;
  /** Rows [row0, row1) of the grid. */
  rows(row0: number, row1: number, signal?: AbortSignal): Promise<Float32Array>;
}

/** Rows and columns that share a scale. `every` is given where blocks begin anew, perhaps cut, after so many rows: in each stacked matrix. */
export interface BlockSize {
  rows: number;
  cols: number;
  every?: number;
}

/** The row of the grid that a row of the weight has its scales in. */
export function gridRowOf({ rows, every }: BlockSize, row: number): number {
  if (every === undefined) return Math.floor(row / rows);
  return Math.floor(row / every) * Math.ceil(every / rows) + Math.floor((row % every) / rows);
}

/** A weight as its codes lie: a matrix whose rows need not be those of the weight, but whose elements are in its order. */
export interface Decoding {
  rows: number;
  cols: number;
  /** Elements in all; the last row may be short. */
  elements: number;
  /** Bits of a code as stored. */
  bits: number;
  /** Codes of rows [row0, row1), row-major. */
  codes(row0: number, row1: number, signal?: AbortSignal): Promise<Uint8Array>;
  /** The number that each code stands for. */
  levels: Float32Array;
  block: BlockSize;
  /** The group of each column, where it does not follow from its place (act-order). */
  groups?: (signal?: AbortSignal) => Promise<Uint32Array>;
  scales: Grid;
  /** Subtracted from the level. */
  zeros?: Grid;
  /** Multiplied with at the end. */
  factor?: number;
  /** Added at the end. */
  offsets?: Grid;
}

/** Values of rows [row0, row1) of a decoding. */
export async function decodeRows(d: Decoding, row0: number, row1: number, signal?: AbortSignal): Promise<Float32Array> {
  const { cols, block, levels } = d;
  if (row1 <= row0) return new Float32Array();
  const g0 = gridRowOf(block, row0);
  const g1 = gridRowOf(block, row1 - 1) + 1;
  const [codes, scales, zeros, offsets, groups] = await Promise.all([
    d.codes(row0, row1, signal),
    d.scales.rows(g0, g1, signal),
    d.zeros?.rows(g0, g1, signal),
    d.offsets?.rows(g0, g1, signal),
    d.groups?.(signal),
  ]);
  const out = new Float32Array((row1 - row0) * cols);
  for (let r = row0; r < row1; r++) {
    const at = (r - row0) * cols;
    const gridAt = (gridRowOf(block, r) - g0) * d.scales.cols;
    if (groups) scatterRow(out, codes, levels, at, groups, scales, zeros, gridAt);
    else scaleRow(out, codes, levels, at, cols, block.cols, scales, zeros, gridAt);
  }
  if (d.factor !== undefined) {
    for (let i = 0; i < out.length; i++) out[i] *= d.factor;
  }
  if (offsets) addOffsets(out, d, offsets, row0, g0);
  return out;
}

/** A row whose blocks are runs of `step` columns. */
function scaleRow(
  out: Float32Array,
  codes: Uint8Array,
  levels: Float32Array,
  at: number,
  cols: number,
  step: number,
  scales: Float32Array,
  zeros: Float32Array | undefined,
  gridAt: number,
): void {
  for (let first = 0, g = gridAt; first < cols; first += step, g++) {
    const end = at + Math.min(first + step, cols);
    const scale = scales[g];
    if (!zeros) for (let i = at + first; i < end; i++) out[i] = levels[codes[i]] * scale;
    else {
      const zero = zeros[g];
      for (let i = at + first; i < end; i++) out[i] = Math.fround(levels[codes[i]] - zero) * scale;
    }
  }
}

/** A row whose columns name their groups. */
function scatterRow(
  out: Float32Array,
  codes: Uint8Array,
  levels: Float32Array,
  at: number,
  groups: Uint32Array,
  scales: Float32Array,
  zeros: Float32Array | undefined,
  gridAt: number,
): void {
  for (let c = 0; c < groups.length; c++) {
    const g = gridAt + groups[c];
    out[at + c] = Math.fround(levels[codes[at + c]] - (zeros ? zeros[g] : 0)) * scales[g];
  }
}

function addOffsets(
  out: Float32Array,
  { cols, block, offsets }: Decoding,
  values: Float32Array,
  row0: number,
  g0: number,
) {
  for (let i = 0; i < out.length; i++) {
    const r = row0 + Math.floor(i / cols);
    out[i] += values[(gridRowOf(block, r) - g0) * offsets!.cols + Math.floor((i % cols) / block.cols)];
  }
}

/** Elements decoded at a time: bounds what is held beside the values, and the time until a cancel is seen. */
const STEP = 2 ** 20;

/** Elements [begin, end), through the whole rows that hold them. */
export async function decodeRange(
  d: Decoding,
  begin: number,
  end: number,
  signal?: AbortSignal,
): Promise<Float32Array> {
  return gather(d, begin, end, (r0, r1) => decodeRows(d, r0, r1, signal));
}

/** Codes of elements [begin, end), as numbers. */
export async function codesRange(d: Decoding, begin: number, end: number, signal?: AbortSignal): Promise<Float32Array> {
  return gather(d, begin, end, (r0, r1) => d.codes(r0, r1, signal));
}

async function gather(
  { cols }: Decoding,
  begin: number,
  end: number,
  rowsOf: (
    row0: number,
    row1: number,
  ) => Promise<ArrayLike<number> & { subarray(a: number, b: number): ArrayLike<number> }>,
): Promise<Float32Array> {
  const out = new Float32Array(end - begin);
  const last = Math.ceil(end / cols);
  const step = Math.max(1, Math.floor(STEP / cols));
  for (let r0 = Math.floor(begin / cols); r0 < last; r0 += step) {
    const r1 = Math.min(r0 + step, last);
    const rows = await rowsOf(r0, r1);
    const from = Math.max(begin, r0 * cols);
    const to = Math.min(end, r1 * cols);
    out.set(rows.subarray(from - r0 * cols, to - r0 * cols), from - begin);
  }
  return out;
}
