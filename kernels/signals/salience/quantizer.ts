import { type Dense, dense } from "../../linalg/dense.ts";

/** A row's grid: levels are scale (q - zero) for q from 0 to `most`. */
interface Grid {
  scale: number;
  zero: number;
  most: number;
}

/** The affine grid from a row's least to its largest value, 0 within, both times p; of a row of zeros from -1 to 1. */
function gridOf(row: ArrayLike<number>, bits: number, p: number): Grid {
  let [low, high] = [0, 0];
  for (let i = 0; i < row.length; i++) {
    if (row[i] < low) low = row[i];
    if (row[i] > high) high = row[i];
  }
  if (low === 0 && high === 0) [low, high] = [-1, 1];
  const most = 2 ** bits - 1;
  const scale = (p * (high - low)) / most;
  return { scale, zero: roundEven((-p * low) / scale), most };
}

/** To the nearest integer, ties to even, as torch.round does. */
function roundEven(x: number): number {
  const nearest = Math.round(x);
  return nearest - x === 0.5 && nearest % 2 !== 0 ? nearest - 1 : nearest;
}

const onGrid = (x: number, { scale, zero, most }: Grid): number =>
  scale * (Math.min(most, Math.max(0, roundEven(x / scale) + zero)) - zero);

/** One bit: the row's mean, plus or minus the mean of the row's magnitudes; the mean itself for what is the mean. */
function oneBit(row: Float64Array): Float64Array {
  let [mean, magnitude] = [0, 0];
  for (const x of row) {
    mean += x / row.length;
    magnitude += Math.abs(x) / row.length;
  }
  return row.map((x) => mean + Math.sign(x - mean) * magnitude);
}

/** Columns [from, to) of a weight as SliM-LLM quantizes a group: each row by itself, affine, or by one bit. */
export function quantizeGroup({ rows, cols, values }: Dense, from: number, to: number, bits: number): Dense {
  const out = dense(rows, to - from);
  for (let r = 0; r < rows; r++) {
    const row = values.subarray(r * cols + from, r * cols + to);
    const grid = bits === 1 ? null : gridOf(row, bits, 1);
    out.values.set(grid ? row.map((x) => onGrid(x, grid)) : oneBit(row), r * out.cols);
  }
  return out;
}

/** Half the width of the search, its steps to either side, the power of errors, and the salient weights' deviations. */
export const SEARCH = { range: 0.1, steps: 50, power: 2.4, deviations: 2 } as const;

/**
 * Which weights are salient: those at least as salient as the least of those more than two standard deviations (n - 1) from the mean. None
 * where no weight is.
 */
export function salientMask(salience: Float64Array): Uint8Array {
  const n = salience.length;
  const mask = new Uint8Array(n);
  if (n < 2) return mask;
  const mean = salience.reduce((sum, s) => sum + s / n, 0);
  const deviation = Math.sqrt(salience.reduce((sum, s) => sum + (s - mean) ** 2, 0) / (n - 1));
  if (!(deviation > 0)) return mask;
  let least = Number.POSITIVE_INFINITY;
  for (const s of salience) if (Math.abs(s - mean) / deviation > SEARCH.deviations && s < least) least = s;
  salience.forEach((s, i) => {
    if (s >= least) mask[i] = 1;
  });
  return mask;
}

export interface RangeSearch {
  /** What was chosen of the row's range, 0.9 to 1.1. */
  factor: number;
  /** Sum of |e|^2.4 of weights that are not salient, and lambda times that of those that are: at the factor, and at 1. */
  error: number;
  errorAtOne: number;
  result: Float64Array;
}

/**
 * SliM-LLM's calibration of one row's quantizer: the range times 1, then 50 steps up to 1.1, then 50 down to 0.9; the first of the
 * least errors counts, so never worse than 1. `bits` is 2 or more.
 */
export function searchRange(row: Float64Array, salient: Uint8Array, bits: number, lambda = 1): RangeSearch {
  const { range, steps, power } = SEARCH;
  const sides = [range, -range].flatMap((side) =>
    Array.from({ length: steps }, (_, i) => 1 + (side * (i + 1)) / steps),
  );
  const tried = (factor: number) => {
    const grid = gridOf(row, bits, factor);
    const result = row.map((x) => onGrid(x, grid));
    let error = 0;
    row.forEach((x, i) => {
      error += (salient[i] ? lambda : 1) * Math.abs(result[i] - x) ** power;
    });
    return { factor, error, result };
  };
  const plain = tried(1);
  let best = plain;
  for (const factor of sides) {
    const now = tried(factor);
    if (now.error < best.error) best = now;
  }
  return { ...best, errorAtOne: plain.error };
}
