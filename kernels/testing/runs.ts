import type { Backend } from "../backends/backend.ts";
import { referenceBackend } from "../backends/reference/backend.ts";
import { quantizeMatrix } from "../engine/quantize.ts";
import type { Quantized } from "../engine/types.ts";
import type { Report } from "../measure/report.ts";
import type { Profile } from "../report/report.ts";
import { matrixOf, planOf } from "./matrix.ts";

/** A matrix of float32 for a comparison. */
export interface TestMatrix {
  rows: number;
  cols: number;
  values: Float32Array;
}

/** Sums of float32 terms in another order may differ by this share of the sum of the terms' magnitudes. */
const SUMS = 1e-6;

const near = (a: number, b: number, magnitude: number) =>
  Object.is(a, b) || a === b || Math.abs(a - b) <= SUMS * magnitude || (Number.isNaN(a) && Number.isNaN(b));

/** The first entry that differs, in words; null where none does. Zeros of unlike sign differ. */
function firstDifference(what: string, got: ArrayLike<number> | null, wanted: ArrayLike<number> | null): string | null {
  if (got === null || wanted === null) return got === wanted ? null : `${what}: ${got}, wanted ${wanted}`;
  if (got.length !== wanted.length) return `${what}: length ${got.length}, wanted ${wanted.length}`;
  for (let i = 0; i < wanted.length; i++) {
    if (!Object.is(got[i], wanted[i])) return `${what}[${i}]: ${got[i]}, wanted ${wanted[i]}`;
  }
  return null;
}

function firstFarSum(what: string, got: Float64Array, wanted: Float64Array): string | null {
  for (let i = 0; i < wanted.length; i++) {
    if (!near(got[i], wanted[i], wanted[i])) return `${what}[${i}]: ${got[i]}, wanted about ${wanted[i]}`;
  }
  return null;
}

function profileDifference(what: string, got: Profile | null, wanted: Profile | null): string | null {
  if (!got || !wanted) return got === wanted ? null : `${what}: one of the two is missing`;
  return (
    firstFarSum(`${what}.error`, got.error, wanted.error) ??
    firstFarSum(`${what}.signal`, got.signal, wanted.signal) ??
    firstDifference(`${what}.maxAbs`, got.maxAbs, wanted.maxAbs)
  );
}

const counted = [
  "maxAbs",
  "saturated",
  "flushed",
  "dead",
  "nonFinite",
  "broken",
  "codeEntropy",
  "bitsPerWeight",
] as const;

function metricsDifference(got: Report, wanted: Report): string | null {
  for (const name of counted) {
    if (!Object.is(got.metrics[name], wanted.metrics[name])) {
      return `${name}: ${got.metrics[name]}, wanted ${wanted.metrics[name]}`;
    }
  }
  const [a, b] = [got.metrics, wanted.metrics];
  if (!near(a.mse ?? -1, b.mse ?? -1, b.mse ?? 0)) return `mse: ${a.mse}, wanted about ${b.mse}`;
  if (!near(a.meanAbs ?? -1, b.meanAbs ?? -1, b.meanAbs ?? 0))
    return `meanAbs: ${a.meanAbs}, wanted about ${b.meanAbs}`;
  if (!near(a.nmse ?? 0, b.nmse ?? 0, 2 * (b.nmse ?? 0))) return `nmse: ${a.nmse}, wanted about ${b.nmse}`;
  // Quotients of sums; the magnitudes of dot's terms are at most the root of signal times energy.
  if (!near(a.cosine ?? 0, b.cosine ?? 0, 4)) return `cosine: ${a.cosine}, wanted about ${b.cosine}`;
  const gain = 1 + Math.abs(1 - (b.bias ?? 0)) + Math.sqrt(b.nmse ?? 0);
  if (!near(a.bias ?? 0, b.bias ?? 0, 4 * gain)) return `bias: ${a.bias}, wanted about ${b.bias}`;
  return null;
}

/** Where two reports part, in a sentence; null where they agree. */
export function reportDifference(got: Report, wanted: Report): string | null {
  return (
    metricsDifference(got, wanted) ??
    firstDifference("values", got.values.counts, wanted.values.counts) ??
    firstDifference("errors.zeros", [got.errors.zeros], [wanted.errors.zeros]) ??
    firstDifference("errors.firstKey", [got.errors.firstKey], [wanted.errors.firstKey]) ??
    firstDifference("errors", got.errors.counts, wanted.errors.counts) ??
    firstDifference("codes", got.codes?.counts ?? null, wanted.codes?.counts ?? null) ??
    firstDifference("notes", got.notes.map(hash), wanted.notes.map(hash)) ??
    profileDifference("rowProfile", got.rowProfile, wanted.rowProfile) ??
    profileDifference("colProfile", got.colProfile, wanted.colProfile) ??
    profileDifference("blockProfile", got.blockProfile, wanted.blockProfile) ??
    firstFarSum("map.error", got.map.error, wanted.map.error) ??
    firstFarSum("map.signal", got.map.signal, wanted.map.signal)
  );
}

const hash = (text: string) => [...text].reduce((h, c) => (Math.imul(h, 31) + c.charCodeAt(0)) | 0, 0);

/** Whether a run was made, whether in one pass, and where it parts from the reference's, in a sentence. */
export type RunVerdict = { refused: string } | { refused: null; atOnce: boolean; difference: string | null };

/**
 * Compares a whole run on a backend with the reference's: stored scales, codes and results, counts, histograms and maxima
 * to the bit, and sums within their tolerance. With `scalesLater` the report of one pass, too, where the backend has it.
 */
export async function compareRun(
  backend: Backend,
  recipe: string,
  { rows, cols, values }: TestMatrix,
  { tileElements, scalesLater = false }: { tileElements?: number; scalesLater?: boolean } = {},
): Promise<RunVerdict> {
  const plan = planOf(recipe, rows, cols);
  const refused = backend.refuses(plan);
  if (refused !== null) return { refused };
  const run = (by: Backend, later: boolean) =>
    quantizeMatrix(matrixOf(values, rows, cols), plan, {
      backend: by,
      checkpoint: async () => {},
      now: () => 0,
      tileElements,
      scalesLater: later,
    });
  const wanted = await run(referenceBackend, false);
  const got = await run(backend, scalesLater);
  const complete = await got.complete?.();
  const parted = complete
    ? ((await differenceOf(got, wanted)) ?? (await differenceOf(complete, wanted)))
    : await differenceOf(got, wanted);
  const difference = parted && `${recipe} on ${rows}x${cols}, ${backend.name}: ${parted}`;
  return { refused, atOnce: complete !== undefined, difference };
}

/** Where two complete runs of one plan part, in a sentence; null where they agree. */
export async function differenceOf(got: Quantized, wanted: Quantized): Promise<string | null> {
  // What leaves its scales for later has none yet.
  for (const [depth, level] of got.complete ? [] : wanted.scales.entries()) {
    const stored = got.scales[depth];
    const parted =
      firstDifference(`scale of level ${depth}`, stored.values, level.values) ??
      firstDifference(`scale code of level ${depth}`, stored.codes, level.codes);
    if (parted) return parted;
  }
  const { rows } = wanted.plan;
  const [elements, wantedElements] = [await got.rows(0, rows), await wanted.rows(0, rows)];
  return (
    firstDifference("code", elements.codes, wantedElements.codes) ??
    firstDifference("result", elements.result, wantedElements.result) ??
    reportDifference(got.report, wanted.report)
  );
}
