/** The parts of a report. Plain data (structured-cloneable, no methods). */

/**
 * The version of the numbers' definition. A link carries it; a change to any definition makes a new one, and an entry in
 * `versions.ts` that says what differs.
 */
export const NUMBERS_VERSION = 2;

/** How an array is read as a matrix: the first `split` dimensions are rows, the rest columns; then perhaps transposed. */
export interface MatrixView {
  split: number;
  transpose: boolean;
}

/** Equal bins over [lo, hi); both ends are multiples of a power of two, so every backend bins exactly alike. */
export interface LinearHistogram {
  lo: number;
  hi: number;
  counts: Uint32Array;
  below: number;
  above: number;
}

/** Four bins an octave of |value|, by the float32 bits: bin k starts at 2^((first + k)/4) read piecewise linearly. */
export interface LogHistogram {
  /** Values that are exactly zero. */
  zeros: number;
  /** Key of the first bin: float32 bits >> 21. */
  firstKey: number;
  counts: Uint32Array;
}

/** How often each code is used. `values[i]` is the unscaled value of code `i` (NaN where the code is not a number). */
export interface CodeHistogram {
  counts: Uint32Array;
  values: Float32Array;
  /** Codes in ascending order of value; codes that are not numbers are left out. */
  order: Uint32Array;
}

/** One level of scale. Level 0 scales the elements, level 1 scales level 0, and so on outwards. */
export interface ScaleReport {
  /** Canonical notation of the format that stores this level. */
  format: string;
  /** What is stored, where that is not only scales: block quantizers such as `q4_k` store offsets, or minima to take off. */
  what?: "scales" | "minima" | "offsets";
  count: number;
  /** Histogram over |stored value|; `negative` counts those below zero. */
  histogram: LogHistogram;
  negative: number;
  min: number;
  median: number;
  max: number;
}

/**
 * Sums of squared error and of squares along one direction: entry i is row, column or block i; where there are more than
 * 2^16 of them, the indices from i * step to (i + 1) * step.
 */
export interface Profile {
  step: number;
  /** Sum of e^2. */
  error: Float64Array;
  /** Sum of x^2. */
  signal: Float64Array;
  /** max |e| */
  maxAbs: Float32Array;
}

/** Blocks laid over the matrix. `flat` blocks run over row ends: then gridRows is 1. */
export interface BlockGrid {
  kind: "run" | "tile" | "row" | "col" | "tensor" | "flat" | "none";
  rows: number;
  cols: number;
  blockRows: number;
  blockCols: number;
  gridRows: number;
  gridCols: number;
  /** Elements a block for `flat`. */
  flat: number;
}

/** The whole error matrix in at most 256 x 256 cells. */
export interface CoarseMap {
  rows: number;
  cols: number;
  /** Matrix rows and columns a cell covers (the last may be cut). */
  cellRows: number;
  cellCols: number;
  /** Sum of e^2 a cell. */
  error: Float64Array;
  /** Sum of x^2 a cell. */
  signal: Float64Array;
}

export type BackendName = "reference" | "wasm" | "webgpu";

/** One level of an element's scale, spelled out. */
export interface InspectedScale {
  format: string;
  /** As in `ScaleReport`. */
  what?: ScaleReport["what"];
  /** What the level should ideally be (before rounding into its own format); NaN where that is not known. */
  ideal: number;
  /** Code bits as the format stores them, most significant first; `null` for float32 (see `valueBits`). */
  codeBits: string | null;
  code: number | null;
  value: number;
  block: number;
  /** Rows and columns of the tensor that share this scale: [row0, row1, col0, col1), or null for flat blocks. */
  extent: [number, number, number, number] | null;
}

/** One element with the whole arithmetic of its code. */
export interface Inspection {
  row: number;
  col: number;
  /** The input, float32, with its 32 bits. */
  x: number;
  xBits: string;
  /** What entered the quantizer: equals x unless a transform stands before it. */
  input: number;
  block: number;
  /** amax, min and max over the block's finite values. */
  blockAmax: number;
  blockMin: number;
  blockMax: number;
  scales: InspectedScale[];
  /** The scale in force, the float32 product of the stored levels; 1 for a direct cast. */
  scale: number;
  zeroPoint: number | null;
  /** What is added after scaling, where block quantizers store that; the quotient is of the input less this. */
  offset?: number;
  /** The exact quotient input/scale, printed to double precision. */
  quotient: number;
  /** Neighbouring values of the format around the quotient (unscaled); equal when the quotient is a level. */
  below: number;
  above: number;
  tie: boolean;
  code: number | null;
  codeBits: string | null;
  /** Where a solver chose the code: who it was, and the code that the value by itself would have. */
  chosen?: { by: string; nearest: number | null };
  /** How a code is made up that stands for several values, or is of a book or a walk. */
  words?: { what: string; value: string }[];
  /** The chosen value, unscaled. */
  level: number;
  /** fl32(level * scale + offset), before any inverse transform. */
  quantized: number;
  /** What comes out at the end. */
  result: number;
  error: number;
  /** The element's value after each step on the way back, from the quantizer out, where steps looked at values or mend results. */
  steps?: { name: string; value: number }[];
  state: "ordinary" | "saturated" | "flushed" | "non-finite" | "dead block" | "zero block";
}
