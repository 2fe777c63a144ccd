/**
 * What a recipe did to a tensor. Plain data (structured-cloneable, no methods): a worker makes it, the page draws it,
 * the command line prints it.
 */

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

export interface Metrics {
  /**
   * Mean squared error. It and every other figure of errors is taken over one set of values: the elements whose value and
   * result are finite. `null` where there are none, as are `maxAbs` and `meanAbs`.
   */
  mse: number | null;
  /** Sum of squared error over sum of squares; `null` where the signal is zero. */
  nmse: number | null;
  /** -10 log10(nmse); `null` where there is no error or no signal. */
  sqnrDb: number | null;
  maxAbs: number | null;
  meanAbs: number | null;
  /** Cosine between input and result; `null` where either is zero. */
  cosine: number | null;
  /** 1 - <x,y>/<x,x>; `null` where the signal is zero. */
  bias: number | null;
  /** Codes at the end of the range for values beyond it; `null` where codes have no range of their own (vectors). */
  saturated: number | null;
  /** Non-zero values that got a code of zero; `null` where no code is zero's (vectors). */
  flushed: number | null;
  /** Blocks with a non-zero value whose stored scale is zero. */
  dead: number;
  /** NaN and Inf in the input. */
  nonFinite: number;
  /**
   * Results that are NaN or Inf, or so far off that the error is, of values that are finite. No other figure holds them, so
   * that whatever has some cannot be compared: see `isBroken`.
   */
  broken: number;
  /** Shannon entropy of the code histogram in bits; `null` where codes are not counted (more than 2^19 of them). */
  codeEntropy: number | null;
  /** Everything stored, over the number of elements. */
  bitsPerWeight: number;
  /** Where the bits go: elements, each level of scale from the innermost out, zero points. */
  bitsBreakdown: { what: string; bitsPerWeight: number }[];
}

/** The metrics that are one number each, in the order in which reports print them. */
export const metricNames = [
  "mse",
  "nmse",
  "sqnrDb",
  "maxAbs",
  "meanAbs",
  "cosine",
  "bias",
  "saturated",
  "flushed",
  "dead",
  "nonFinite",
  "broken",
  "codeEntropy",
  "bitsPerWeight",
] as const satisfies readonly Exclude<keyof Metrics, "bitsBreakdown">[];

/**
 * Whether results are missing from the figures: these are then of the others alone, and no other recipe's can be held
 * against them. Such a recipe is on no frontier, and better than none.
 */
export const isBroken = ({ broken }: Pick<Metrics, "broken">): boolean => broken > 0;

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

export interface Report {
  numbers: number;
  tensor: string;
  shape: number[];
  matrix: { rows: number; cols: number; view: MatrixView };
  /** Canonical. */
  recipe: string;
  backend: BackendName;
  seconds: number;
  metrics: Metrics;
  /** Things the reader must know: a short last block, a value type rounded on reading, a backend that was passed over. */
  notes: string[];
  values: LinearHistogram;
  /** Histogram of |e|. */
  errors: LogHistogram;
  codes: CodeHistogram | null;
  /** Unscaled values of the element format, ascending; `null` where there are more than 4096. */
  levels: Float32Array | null;
  scales: ScaleReport[];
  grid: BlockGrid;
  rowProfile: Profile;
  colProfile: Profile;
  /** `null` for a direct cast, which has no blocks. */
  blockProfile: Profile | null;
  map: CoarseMap;
}

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
