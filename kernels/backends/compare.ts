import { type Accumulator, makeAccumulator } from "../measure/accumulator.ts";
import { parseRecipe } from "../notation/index.ts";
import type { Plan } from "../plan/plan.ts";
import { prepareRecipe } from "../prepare/prepare.ts";
import { valueRangeExponent } from "../report/bins.ts";
import { resolveScales, type Scales } from "../scales/resolve.ts";
import { searchBlocks } from "../scales/search.ts";
import { searchesLater } from "../scales/searches.ts";
import { addStatistics, type BlockStatistics, makeStatistics } from "../scales/statistics.ts";
import { type ScaleSummary, summaryOf } from "../scales/summary.ts";
import type { Backend, EncodedTile, Tile } from "./backend.ts";
import { referenceBackend } from "./reference/backend.ts";
import { rowsPerTile } from "./tiles.ts";
import { applyTransforms } from "./transforms.ts";
import { trialsFor } from "./wasm/trials-for.ts";

/** A matrix and a recipe for it. */
export interface Case {
  recipe: string;
  rows: number;
  cols: number;
  values: Float32Array;
  /** Rows a tile, or more where a search needs whole blocks; all where left out. */
  tileRows?: number;
  /** Part of the sum of their terms' magnitudes by which sums may differ. */
  tolerance?: number;
}

/** What the definition of a backend allows. */
const TOLERANCE = 1e-6;

/**
 * Sends a case through a backend and the reference; the first difference in a sentence, or null where block statistics,
 * codes, results, counts, histograms and maxima are equal to the bit and sums within their tolerance.
 */
export async function differenceFromReference(backend: Backend, of: Case): Promise<string | null> {
  const plan = prepareRecipe(parseRecipe(of.recipe), [], of.rows, of.cols);
  const refusal = backend.refuses(plan);
  const where = `${of.recipe} on ${of.rows}x${of.cols}`;
  if (refusal) return `${where}: the backend ${refusal}`;
  const tiles = tilesOf(plan, of);
  const stats = [referenceBackend, backend].map((b) => statisticsOf(b, plan, tiles));
  const [expected, got] = await Promise.all(stats);
  const scales = resolveScales(plan, expected);
  const difference =
    differentArrays(foundIn(expected), foundIn(got)) ??
    (await differentCodes(backend, plan, tiles, scales)) ??
    differentReports(
      await measured(referenceBackend, plan, tiles, scales),
      await measured(backend, plan, tiles, scales),
      of.tolerance ?? TOLERANCE,
    );
  return difference && `${where}: ${difference}`;
}

/**
 * The same for the pass in which a backend finds scales itself: counts, histograms, maxima, sums and what it tells of its
 * scales. Null, too, where it leaves the case to its other passes.
 */
export async function differenceAtOnce(backend: Backend, of: Case): Promise<string | null> {
  const plan = prepareRecipe(parseRecipe(of.recipe), [], of.rows, of.cols);
  const tiles = tilesOf(plan, of);
  const amax = amaxOf(tiles, "original");
  const measuring = backend.measure?.(plan, amax, amaxOf(tiles, "input"));
  if (!measuring) return null;
  const got = makeAccumulator(plan, valueRangeExponent(amax));
  for (const tile of tiles) if (!(await measuring.add(given(backend, plan, tile), got))) return null;
  const scales = resolveScales(plan, await statisticsOf(referenceBackend, plan, tiles));
  const expected = await measured(referenceBackend, plan, tiles, scales);
  const difference =
    differentReports(expected, got, of.tolerance ?? TOLERANCE) ??
    differentSummaries(summaryOf(scales), measuring.scales());
  return difference && `${of.recipe} on ${of.rows}x${of.cols} at once: ${difference}`;
}

function differentSummaries(expected: ScaleSummary, got: ScaleSummary): string | null {
  const flat = ({ levels, dead }: ScaleSummary): Arrays => ({
    dead: [dead],
    ...Object.fromEntries(
      levels.map(({ count, histogram, negative, min, median, max }, i) => {
        const { zeros, firstKey, counts } = histogram;
        return [`level${i}`, [count, negative, min, median, max, zeros, firstKey, ...counts]];
      }),
    ),
  });
  return differentArrays(flat(expected), flat(got));
}

const amaxOf = (tiles: Tile[], of: "original" | "input") =>
  tiles.reduce((m, t) => t[of].reduce((a, x) => (Math.abs(x) < Infinity ? Math.max(a, Math.abs(x)) : a), m), 0);

function tilesOf(plan: Plan, { values, rows, cols, tileRows = rows }: Case): Tile[] {
  const tiles: Tile[] = [];
  const step = rowsPerTile(plan, { tileElements: tileRows * cols });
  for (let row0 = 0; row0 < rows; row0 += step) {
    const height = Math.min(step, rows - row0);
    const original = values.slice(row0 * cols, (row0 + height) * cols);
    tiles.push({ row0, rows: height, cols, original, input: applyTransforms(plan, original, height) });
  }
  return tiles;
}

/** The tile as this backend wants it: before the transforms, where it does them. */
const given = (backend: Backend, plan: Plan, tile: Tile): Tile =>
  backend.rotates?.(plan) ? { ...tile, input: tile.original } : tile;

async function statisticsOf(backend: Backend, plan: Plan, tiles: Tile[]): Promise<BlockStatistics> {
  const stats = makeStatistics(plan);
  if (plan.levels.length === 0) return stats;
  const trials = await trialsFor(plan, backend.name);
  await plan.codec?.load?.();
  const later = searchesLater(plan);
  const search = ({ input, row0, rows }: Tile) => searchBlocks(plan, input, row0, rows, stats, trials);
  for (const tile of tiles) {
    if (!plan.wholeBlocks) await backend.statistics(plan, given(backend, plan, tile), stats);
    else {
      addStatistics(plan, tile.input, tile.row0, tile.rows, stats);
      if (!later) search(tile);
    }
  }
  if (later) tiles.forEach(search);
  return stats;
}

async function measured(backend: Backend, plan: Plan, tiles: Tile[], scales: Scales) {
  const amax = amaxOf(tiles, "original");
  const sums = makeAccumulator(plan, valueRangeExponent(amax));
  for (const tile of tiles) await backend.quantize(plan, given(backend, plan, tile), scales, sums);
  return sums;
}

async function differentCodes(backend: Backend, plan: Plan, tiles: Tile[], scales: Scales): Promise<string | null> {
  for (const tile of tiles) {
    const [expected, got] = [
      await referenceBackend.encode(plan, tile, scales),
      await backend.encode(plan, given(backend, plan, tile), scales),
    ];
    const difference = differentTiles(tile, expected, got);
    if (difference) return difference;
  }
  return null;
}

function differentTiles(tile: Tile, expected: EncodedTile, got: EncodedTile): string | null {
  const { input } = tile;
  for (let i = 0; i < input.length; i++) {
    const same = Object.is(expected.result[i], got.result[i]) && Object.is(expected.quantized[i], got.quantized[i]);
    if (same && expected.codes?.[i] === got.codes?.[i]) continue;
    const text = (e: EncodedTile) => `code ${e.codes?.[i]}, result ${e.result[i]}`;
    return `element ${i} (${input[i]}) gives ${text(got)} instead of ${text(expected)}`;
  }
  return null;
}

type Arrays = Record<string, ArrayLike<number>>;

/** What a pass found; how much columns matter is given to it. */
const foundIn = ({ importance: _, diverged, ...found }: BlockStatistics): Arrays => ({
  ...found,
  diverged: [diverged],
});

function differentArrays(expected: Arrays, got: Arrays): string | null {
  for (const name of Object.keys(expected)) {
    for (let i = 0; i < expected[name].length; i++) {
      if (Object.is(expected[name][i], got[name][i])) continue;
      return `${name}[${i}] is ${got[name][i]} instead of ${expected[name][i]}`;
    }
  }
  return null;
}

function differentReports(expected: Accumulator, got: Accumulator, tolerance: number): string | null {
  for (const name of ["count", "nonFinite", "brokenResults", "maxAbs", "saturated", "flushed", "errorZeros"] as const) {
    if (expected[name] !== got[name]) return `${name} is ${got[name]} instead of ${expected[name]}`;
  }
  const exact = (a: Accumulator): Arrays => ({
    values: a.values,
    errorKeys: a.errorKeys,
    codes: a.codes ?? [],
    rowMax: a.rows.maxAbs,
    colMax: a.cols.maxAbs,
    blockMax: a.blocks.maxAbs,
  });
  return differentArrays(exact(expected), exact(got)) ?? differentSums(expected, got, tolerance);
}

function differentSums(expected: Accumulator, got: Accumulator, tolerance: number): string | null {
  const sums = (a: Accumulator): Arrays => ({
    signal: [a.signal],
    error: [a.error],
    absError: [a.absError],
    energy: [a.energy],
    rowError: a.rows.error,
    rowSignal: a.rows.signal,
    colError: a.cols.error,
    colSignal: a.cols.signal,
    blockError: a.blocks.error,
    blockSignal: a.blocks.signal,
    mapError: a.map.error,
    mapSignal: a.map.signal,
  });
  const [want, have] = [sums(expected), sums(got)];
  for (const name of Object.keys(want)) {
    for (let i = 0; i < want[name].length; i++) {
      if (close(want[name][i], have[name][i], tolerance * want[name][i])) continue;
      return `${name}[${i}] is ${have[name][i]} instead of ${want[name][i]}`;
    }
  }
  // The terms of a sum of products may cancel; their magnitudes add up to the root at most (Cauchy and Schwarz).
  const bound = Math.sqrt(expected.signal * expected.energy);
  return close(expected.dot, got.dot, tolerance * bound) ? null : `dot is ${got.dot} instead of ${expected.dot}`;
}

function close(a: number, b: number, allowed: number): boolean {
  return Object.is(a, b) || Math.abs(a - b) <= allowed;
}
