import type { Calibration, ColumnQuantile } from "./types.ts";

/** The quantiles that are taken of each column. */
export const QUANTILES: readonly number[] = [0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999];

type Channels = Pick<Calibration, "mean" | "meanAbs" | "meanSquare" | "min" | "max">;

/** Sums by column over tokens in their order. */
export interface ChannelSums {
  tokens: number;
  sum: Float64Array;
  magnitude: Float64Array;
  square: Float64Array;
  min: Float64Array;
  max: Float64Array;
}

export const startChannels = (cols: number): ChannelSums => ({
  tokens: 0,
  sum: new Float64Array(cols),
  magnitude: new Float64Array(cols),
  square: new Float64Array(cols),
  min: new Float64Array(cols).fill(Number.POSITIVE_INFINITY),
  max: new Float64Array(cols).fill(Number.NEGATIVE_INFINITY),
});

/** Adds finite tokens. */
export function addChannels(rows: Float32Array, into: ChannelSums): void {
  const { sum, magnitude, square, min, max } = into;
  const cols = sum.length;
  for (let from = 0; from < rows.length; from += cols) {
    for (let c = 0; c < cols; c++) {
      const x = rows[from + c];
      sum[c] += x;
      magnitude[c] += Math.abs(x);
      square[c] += x * x;
      if (x < min[c]) min[c] = x;
      if (x > max[c]) max[c] = x;
    }
    into.tokens++;
  }
}

/** Means, and the ends; all null where there was no token. */
export function channelsOf({ tokens, sum, magnitude, square, min, max }: ChannelSums): Channels {
  if (tokens === 0) return { mean: null, meanAbs: null, meanSquare: null, min: null, max: null };
  const over = (sums: Float64Array) => sums.map((s) => s / tokens);
  return { mean: over(sum), meanAbs: over(magnitude), meanSquare: over(square), min, max };
}

/** The value at place p (n - 1) of n ascending ones, between neighbours in proportion. */
function quantileOf(sorted: Float32Array, p: number): number {
  const place = p * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(sorted.length - 1, below + 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}

/**
 * Quantiles of each column over whole rows, of the values or of their magnitudes (as SmoothQuant's percentiles are). Null where there
 * are no rows.
 */
export function columnQuantiles(
  rows: Float32Array,
  cols: number,
  ps: readonly number[],
  what: "values" | "magnitudes" = "values",
): ColumnQuantile[] | null {
  if (rows.length === 0) return null;
  const out = ps.map((p) => ({ p, values: new Float64Array(cols) }));
  quantilesOf(rows, cols, 0, cols, what, out);
  return out;
}

/** The same of values, a few columns at a time, under whoever may cancel. */
export async function pacedQuantiles(
  rows: Float32Array,
  cols: number,
  ps: readonly number[],
  pace: () => Promise<void>,
): Promise<ColumnQuantile[] | null> {
  if (rows.length === 0) return null;
  const out = ps.map((p) => ({ p, values: new Float64Array(cols) }));
  for (let from = 0; from < cols; from += 128) {
    await pace();
    quantilesOf(rows, cols, from, Math.min(cols, from + 128), "values", out);
  }
  return out;
}

/** Those of columns [from, to), in their places. */
function quantilesOf(
  rows: Float32Array,
  cols: number,
  from: number,
  to: number,
  what: "values" | "magnitudes",
  out: readonly ColumnQuantile[],
): void {
  const tokens = rows.length / cols;
  const column = new Float32Array(tokens);
  for (let c = from; c < to; c++) {
    for (let t = 0; t < tokens; t++) {
      const x = rows[t * cols + c];
      column[t] = what === "values" ? x : Math.abs(x);
    }
    column.sort();
    for (const { p, values } of out) values[c] = quantileOf(column, p);
  }
}
