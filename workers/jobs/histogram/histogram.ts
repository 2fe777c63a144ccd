import type { MatrixSource } from "../../../kernels/matrix/source.ts";
import type { LinearHistogram } from "../../../kernels/report/report.ts";
import { UserError } from "../../errors/user-error.ts";

/** A stretch of the value axis, and how many bins to count in over it. */
export interface ValueRange {
  lo: number;
  hi: number;
  bins: number;
}

const TILE_ELEMENTS = 2 ** 18;

/**
 * Counts a matrix's finite values in bins over [lo, hi), in the unit of the values. The bins' width is the smallest
 * power of two of which at most `bins` + 1 cover the range, and the ends are moved out to multiples of it: so a value's
 * bin is exact, and finer zooms share their edges with coarser ones. Throws UserError for an empty range.
 */
export async function histogram(
  source: MatrixSource,
  lo: number,
  hi: number,
  bins: number,
  pace: () => Promise<void>,
): Promise<LinearHistogram> {
  if (!(Number.isFinite(lo) && Number.isFinite(hi) && lo < hi && bins >= 1)) {
    throw new UserError(`A histogram needs a range and bins; from ${lo} to ${hi} with ${bins} bins is none.`);
  }
  const width = 2 ** Math.ceil(Math.log2((hi - lo) / bins));
  const first = Math.floor(lo / width);
  const last = Math.ceil(hi / width);
  const counts = new Uint32Array(last - first);
  let below = 0;
  let above = 0;
  const step = Math.max(1, Math.floor(TILE_ELEMENTS / source.cols));
  for (let row = 0; row < source.rows; row += step) {
    for (const x of await source.read(row, Math.min(source.rows, row + step))) {
      if (!Number.isFinite(x)) continue;
      const bin = Math.floor(x / width) - first;
      if (bin < 0) below++;
      else if (bin >= counts.length) above++;
      else counts[bin]++;
    }
    await pace();
  }
  return { lo: first * width, hi: last * width, counts, below, above };
}
