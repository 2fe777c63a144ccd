/** What a sample of a quantized weight shows: the use of its codes, its scales, and how plausible its readings are. */

import { LOG_KEYS } from "../../kernels/report/bins.ts";
import { spreadOf } from "../../kernels/report/order.ts";
import type { CodeHistogram, LogHistogram, ScaleReport } from "../../kernels/report/report.ts";
import { splitAddress } from "./address.ts";
import { type Decoding, decodeRows, type Grid, gridRowOf } from "./decoding.ts";
import type { LogicalTensor } from "./logical-tensor.ts";
import { parseChoices, printChoices } from "./reading.ts";
import type { Plausibility, StoredFigures } from "./stored-figures.ts";

/** Elements looked at, in stripes of whole rows spread over the weight. */
const SAMPLE = 2 ** 17;
const STRIPES = 8;
/** Neighbours that make a run; two nibbles in the wrong order stay in it, blocks in the wrong place do not. */
const RUN = 16;
/** Zero points have at most 8 bits. */
const ZEROS = 256;

/** Rows [row0, row1) to look at, some from everywhere. */
export function stripesOf({ rows, cols }: Pick<Decoding, "rows" | "cols">): [number, number][] {
  const wanted = Math.max(STRIPES, Math.ceil(SAMPLE / cols));
  if (wanted >= rows) return [[0, rows]];
  const each = Math.max(1, Math.floor(wanted / STRIPES));
  return Array.from({ length: STRIPES }, (_, i) => {
    const row0 = Math.floor(((rows - each) * i) / (STRIPES - 1));
    return [row0, row0 + each];
  });
}

/** Looks at the sample, once for each option of each reading. `pace` throws to cancel. */
export async function storedFigures(
  tensor: LogicalTensor,
  pace: () => Promise<void>,
  signal?: AbortSignal,
): Promise<StoredFigures> {
  const { readings } = tensor;
  const decoding = await tensor.decoding();
  const stripes = stripesOf(decoding);
  const codes = await codeFigures(decoding, stripes, signal);
  await pace();
  const grids = await gridFigures(
    decoding,
    stripes,
    tensor.info.stored?.parts.find((p) => p.role === "scales")?.dtype ?? "",
    signal,
  );
  await pace();
  const now = parseChoices(splitAddress(tensor.info.name)?.reading ?? "", tensor.info.name, readings);
  const plausibility: Plausibility[] = [];
  const known = new Map<string, Promise<Spread>>();
  for (const reading of readings) {
    for (const { id } of reading.options) {
      const text = printChoices(readings, { ...now, [reading.id]: id });
      const spread = known.get(text) ?? spreadOfValues(await tensor.as(text).decoding(), stripes, signal);
      known.set(text, spread);
      plausibility.push({ reading: reading.id, option: id, ...(await spread) });
      await pace();
    }
  }
  return { ...codes, ...grids, plausibility };
}

type Spread = Omit<Plausibility, "reading" | "option">;
type Stripes = readonly (readonly [number, number])[];

async function codeFigures(d: Decoding, stripes: Stripes, signal?: AbortSignal) {
  const counts = new Uint32Array(d.levels.length);
  let sampled = 0;
  for (const [r0, r1] of stripes) {
    const codes = await d.codes(r0, r1, signal);
    const end = Math.min(codes.length, d.elements - r0 * d.cols);
    for (let i = 0; i < end; i++) counts[codes[i]]++;
    sampled += end;
  }
  const order = Uint32Array.from(counts.keys()).filter((code) => !Number.isNaN(d.levels[code]));
  order.sort((a, b) => d.levels[a] - d.levels[b]);
  return { sampled, codes: { counts, values: d.levels, order }, codeEntropy: entropyOf(counts, sampled) };
}

function entropyOf(counts: Uint32Array, total: number): number {
  return counts.reduce((sum, n) => (n === 0 ? sum : sum - (n / total) * Math.log2(n / total)), 0);
}

async function gridFigures(
  d: Decoding,
  stripes: Stripes,
  format: string,
  signal?: AbortSignal,
): Promise<{ scales: ScaleReport; zeros: CodeHistogram | null }> {
  const scales = await gridValues(d, d.scales, stripes, signal);
  const zeros = d.zeros ? await gridValues(d, d.zeros, stripes, signal) : null;
  const whole = zeros?.every((z) => Number.isInteger(z) && Math.abs(z) < ZEROS);
  return { scales: scaleReport(scales, format), zeros: zeros && whole ? zeroHistogram(zeros) : null };
}

async function gridValues(d: Decoding, grid: Grid, stripes: Stripes, signal?: AbortSignal): Promise<Float32Array> {
  const pieces: Float32Array[] = [];
  let next = 0;
  for (const [r0, r1] of stripes) {
    // Stripes may meet in one row of blocks.
    const g0 = Math.max(next, gridRowOf(d.block, r0));
    const g1 = gridRowOf(d.block, r1 - 1) + 1;
    if (g0 >= g1) continue;
    pieces.push(await grid.rows(g0, g1, signal));
    next = g1;
  }
  const all = new Float32Array(pieces.reduce((n, piece) => n + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

function scaleReport(values: Float32Array, format: string): ScaleReport {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const keys = new Uint32Array(LOG_KEYS);
  let [zeros, negative] = [0, 0];
  for (let i = 0; i < bits.length; i++) {
    const size = bits[i] & 0x7fffffff;
    if (size === 0) zeros++;
    else keys[size >>> 21]++;
    if (values[i] < 0) negative++;
  }
  const firstKey = Math.max(
    0,
    keys.findIndex((n) => n > 0),
  );
  const lastKey = keys.findLastIndex((n) => n > 0);
  const histogram: LogHistogram = { zeros, firstKey, counts: keys.slice(firstKey, lastKey + 1) };
  return { format, count: values.length, histogram, negative, ...spreadOf(values) };
}

function zeroHistogram(zeros: Float32Array): CodeHistogram {
  const { min, max } = spreadOf(zeros);
  const counts = new Uint32Array(max - min + 1);
  for (const z of zeros) counts[z - min]++;
  const values = Float32Array.from(counts, (_, i) => min + i);
  return { counts, values, order: Uint32Array.from(counts.keys()) };
}

/** Moments of the sample, unlikeness of its runs, and the correlation of neighbours. */
async function spreadOfValues(d: Decoding, stripes: Stripes, signal?: AbortSignal): Promise<Spread> {
  let [count, nonFinite, sum, sum2] = [0, 0, 0, 0];
  const pieces: Float32Array[] = [];
  for (const [r0, r1] of stripes) {
    const values = await decodeRows(d, r0, r1, signal);
    const piece = values.subarray(0, Math.min(values.length, d.elements - r0 * d.cols));
    pieces.push(piece);
    for (const x of piece) {
      if (!Number.isFinite(x)) nonFinite++;
      else {
        count++;
        sum += x;
        sum2 += x * x;
      }
    }
  }
  const mean = count === 0 ? Number.NaN : sum / count;
  const variance = Math.max(0, sum2 / count - mean * mean);
  let [m4, products, squares] = [0, 0, 0];
  const logs: number[] = [];
  for (const piece of pieces) {
    let run = 0;
    for (let i = 0; i < piece.length; i++) {
      const x = piece[i];
      run += x * x;
      const centred = x - mean;
      m4 += Number.isFinite(x) ? centred ** 4 : 0;
      if (i % d.cols > 0 && Number.isFinite(x) && Number.isFinite(piece[i - 1])) {
        products += centred * (piece[i - 1] - mean);
        squares += centred * centred;
      }
      if (i % RUN !== RUN - 1) continue;
      if (run > 0 && Number.isFinite(run)) logs.push(0.5 * Math.log2(run / RUN));
      run = 0;
    }
  }
  return {
    mean,
    std: Math.sqrt(variance),
    kurtosis: variance > 0 ? m4 / count / (variance * variance) : null,
    blockSpread: deviation(logs),
    neighbours: squares > 0 ? products / squares : null,
    nonFinite,
  };
}

function deviation(values: readonly number[]): number | null {
  if (values.length < 2) return null;
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
}
