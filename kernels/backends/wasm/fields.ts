/**
 * What a kernel is told before it runs: one float64 each, in this order, at `configAddress()`. The one file that both
 * compilers read, TypeScript's and AssemblyScript's.
 */
export enum Field {
  /** Columns of the matrix; elements from one row to the next. */
  cols,
  /** The window in memory: its first row (counted in the tile) and column, and its size. */
  row0,
  col0,
  rows,
  width,
  /** Elements of a run of one block along a row; a whole row where blocks are as wide or have no runs. */
  run,
  /** Elements a block where blocks run over row ends, else 0; 1 where each column is a block of its own. */
  flat,
  perColumn,
  /** Row-major index (or row) of the tile's first element in the matrix, for flat blocks and block rows. */
  tileRow0,
  blockRows,
  gridCols,
  /** The first block of the tile, and how many blocks share an entry of the block profile. */
  firstBlock,
  blockStep,
  firstEntry,
  /** Arrays by block, from `firstBlock`: scales (0 without), zero points, statistics. */
  scales,
  zeroPoints,
  /** What a library multiplies with, or divides by (float32). */
  reciprocals,
  amax,
  min,
  max,
  signed,
  bad,
  /** Window arrays, rows x width: the quantizer's input, the original, results, codes (0 where not wanted). */
  input,
  original,
  result,
  codes,
  /** How elements are encoded: see `Kind`; the rounding of the exact path: see `Mode`. */
  kind,
  mode,
  affine,
  countCodes,
  codeBits,
  /** The ladder: level count, float64 levels, codes, parity; rank of zero or -1; 1 where x is compared with sums of products. */
  levels,
  levelValues,
  levelCodes,
  levelOdd,
  wide,
  minusZero,
  nanCode,
  /** 1 where a quotient is fl32(x * reciprocal) and meets `middles` (float64) as a library has them; 1 where it divides. */
  library,
  divides,
  middles,
  /** What overflow gives: see `Overflow`; the codes of it on both sides; the levels that would come next. */
  overflow,
  codeBelow,
  codeAbove,
  /** 1 where there is no infinity below the range. */
  nanBelow,
  nextBelow,
  nextAbove,
  /** Random rounding: key and bits of a draw. */
  seed,
  randomBits,
  /** Quotients of codebooks: the greatest float32 that stays at each level, for the arithmetic of a library. */
  stairs,
  /** Ranks at the ends of buckets of quotients (int32), 0 without; the first bucket's key and how many there are a sign. */
  buckets,
  firstBucket,
  bucketCount,
  /** All ones (int32) for levels whose tie goes up. */
  ties,
  /** Ends of the range as the counts of saturation know them. */
  endLow,
  endHigh,
  /** Integers: smallest and largest code, 2^fraction bits. */
  codeMin,
  codeMax,
  step,
  /** Scales for which the fast path is exact. */
  leastScale,
  mostScale,
  /** Share of the quantum beyond which a quotient is too near to a middle for float32 to decide. */
  nearTie,
  /** Floats: bits of the least normal power of two, what makes the magic number of an exponent, mantissa shift. */
  leastExponent,
  magic,
  mantissaShift,
  lowest,
  highest,
  /**
   * Report: the power of two that values, results and errors are multiplied by before they are summed; from such a value
   * to its bin; 1 where sums may overflow float32 all the same.
   */
  termScale,
  toBin,
  careful,
  /** Bits of the least value that is summed in float32, 1 where all are; 1 where results may be too faint for that. */
  leastSummed,
  faintResults,
  /** Sizes of a cell of the map. */
  cellRows,
  cellCols,
  mapCols,
  mapRow0,
  colStep,
  rowStep,
  firstRowEntry,
  /** Report arrays: float64 error and signal, float32 maxima. */
  rowError,
  rowSignal,
  rowMax,
  colError,
  colSignal,
  colMax,
  blockError,
  blockSignal,
  blockMax,
  mapError,
  mapSignal,
  /** Counts, uint32. */
  valueCounts,
  errorCounts,
  codeCounts,
  length,
}

/** A quotient's bucket is named by its float64's high word without the sign, less these bits: 16 buckets an octave. */
export const BUCKET_SHIFT = 16;

/** How elements are encoded. */
export enum Kind {
  /** float32 itself. */
  copy,
  /** By the exact path alone. */
  ladder,
  exactInteger,
  /** By float32 arithmetic, the exact path where that is too near to a tie. */
  integer,
  float,
  /** At most 16 levels, by exact thresholds. */
  book,
  /** As `integer` and `float`, rounded at random. */
  randomInteger,
  randomFloat,
}

/** The roundings that the exact path has; elements under any other are left to the reference. */
export enum Mode {
  rne,
  away,
  inward,
  trunc,
  up,
  down,
  odd,
  /** Ties to the lower level. */
  lower,
  /** From here on by a random word. */
  sr,
  coin,
}

/** What a value beyond the range gives. */
export enum Overflow {
  clamp,
  nan,
  infinity,
}
