/**
 * Which rows of a tensor are read, and what they say of the whole. Rows are taken in runs (units) of neighbours, two at random from
 * each of equally long stretches (strata): the rows of a tensor are sampled in proportion, and what units of one stretch differ by is
 * what the estimate is uncertain by. (Cochran, Sampling Techniques, 3rd edition, sections 5.3, 5A.11 and 6.4.)
 */
import { uniformDraw } from "../../kernels/random/normal.ts";

/** Units of rows that are read of a matrix. */
export interface RowSample {
  /** Of the matrix. */
  rows: number;
  /** Rows of a unit; the last one of the matrix may be short. */
  unit: number;
  /** Numbers of the units, rising. All of them: the matrix is read whole. */
  units: readonly number[];
  /** By unit that is read: how many units of its stratum it stands for. Empty where all are read. */
  weights: readonly number[];
  whole: boolean;
}

/** Bytes of a run at least: a request to a server takes as long as some tens of kilobytes. */
const RUN_BYTES = 2 ** 16;
/** Runs of a sample at least, where rows are enough: less say little about their own spread. */
const LEAST_RUNS = 8;
/** A tensor of fewer elements is read whole: its share would be a few rows. */
const SMALL_ELEMENTS = 2 ** 15;

export interface SampleAsked {
  rows: number;
  cols: number;
  /** Bytes of a row as stored. */
  rowBytes: number;
  /** Rows that have to lie in one unit, for blocks of several rows. */
  period: number;
  share: number;
  seed: number;
  /** Names the tensor among others: each draws its own rows. */
  stream: number;
}

/** The sample of a matrix; `without` are units of it that must not be taken, which have the same `unit`. Null where too few are left. */
export function sampleOf(asked: SampleAsked, without?: RowSample): RowSample | null {
  const { rows, cols, share, seed, stream } = asked;
  const unit = unitOf(asked);
  const all = Math.ceil(rows / unit);
  const count = 2 * Math.max(1, Math.round((share * rows) / unit / 2));
  if (share >= 1 || count >= all || rows * cols <= SMALL_ELEMENTS) {
    if (without) return null;
    return { rows, unit, units: Array.from({ length: all }, (_, i) => i), weights: [], whole: true };
  }
  if (without && (without.whole || without.unit !== unit)) return null;
  const taken = new Set(without?.units);
  const strata = count / 2;
  const units: number[] = [];
  const weights: number[] = [];
  for (let h = 0; h < strata; h++) {
    const from = Math.floor((h * all) / strata);
    const to = Math.floor(((h + 1) * all) / strata);
    // Without units that were taken before, the place is the unit.
    const free = taken.size === 0 ? null : unitsBut(taken, from, to);
    const places = free ? free.length : to - from;
    if (places < 2) return null;
    const first = Math.floor(uniformDraw(seed, stream, 2 * h) * places);
    const rest = Math.floor(uniformDraw(seed, stream, 2 * h + 1) * (places - 1));
    const second = rest >= first ? rest + 1 : rest;
    const at = (place: number) => (free ? free[place] : from + place);
    units.push(at(Math.min(first, second)), at(Math.max(first, second)));
    weights.push((to - from) / 2, (to - from) / 2);
  }
  return { rows, unit, units, weights, whole: false };
}

function unitsBut(taken: ReadonlySet<number>, from: number, to: number): number[] {
  const units: number[] = [];
  for (let u = from; u < to; u++) if (!taken.has(u)) units.push(u);
  return units;
}

/** Rows a unit: as many as make a run worth a request, unless too few runs would be left. */
function unitOf({ rows, rowBytes, period, share }: SampleAsked): number {
  const most = Math.max(1, Math.floor((share * rows) / LEAST_RUNS / period));
  const wanted = Math.max(1, Math.ceil(RUN_BYTES / (rowBytes * period)));
  return Math.min(rows, period * Math.min(most, wanted));
}

/** Runs of neighbouring rows [from, to) that hold the sample, in order: units that touch are one. */
export function runsOf({ rows, unit, units }: RowSample): [number, number][] {
  const runs: [number, number][] = [];
  for (const u of units) {
    const [from, to] = [u * unit, Math.min(rows, (u + 1) * unit)];
    const last = runs[runs.length - 1];
    if (last && last[1] === from) last[1] = to;
    else runs.push([from, to]);
  }
  return runs;
}

export const rowsIn = (sample: RowSample): number => runsOf(sample).reduce((sum, [from, to]) => sum + to - from, 0);

/** Sums over all rows as a sample has them. */
export interface Estimated {
  error: number;
  signal: number;
  /** Variances of both, and their covariance; zero for a whole matrix. */
  errorVariance: number;
  signalVariance: number;
  covariance: number;
}

/**
 * The sums over all units from those of the units read, in the order of `units`. Each stratum's mean times its units; its spread is half the
 * squared difference of its two units, with the correction for a finite population (none is left where all were read).
 */
export function estimate({ weights, whole }: RowSample, error: Float64Array, signal: Float64Array): Estimated {
  const sums: Estimated = { error: 0, signal: 0, errorVariance: 0, signalVariance: 0, covariance: 0 };
  if (whole) {
    for (let i = 0; i < error.length; i++) {
      sums.error += error[i];
      sums.signal += signal[i];
    }
    return sums;
  }
  for (let i = 0; i < error.length; i += 2) {
    const n = 2 * weights[i];
    sums.error += weights[i] * (error[i] + error[i + 1]);
    sums.signal += weights[i] * (signal[i] + signal[i + 1]);
    // N^2 (1 - 2/N) s^2 / 2, where s^2 of two values is half the square of their difference.
    const factor = (n * (n - 2)) / 4;
    const [e, s] = [error[i] - error[i + 1], signal[i] - signal[i + 1]];
    sums.errorVariance += factor * e * e;
    sums.signalVariance += factor * s * s;
    sums.covariance += factor * e * s;
  }
  return sums;
}

/** The standard error of a function of the two sums, to first order (its slopes by differences); 0 for a whole matrix. */
export function standardError(of: Estimated, value: (error: number, signal: number) => number | null): number | null {
  const { error, signal, errorVariance, signalVariance, covariance } = of;
  if (errorVariance === 0 && signalVariance === 0) return 0;
  const slope = (change: (step: number) => number | null, at: number): number | null => {
    const step = Math.abs(at) * 2 ** -20;
    if (step === 0) return 0;
    const [high, low] = [change(step), change(-step)];
    return high === null || low === null ? null : (high - low) / (2 * step);
  };
  const byError = slope((step) => value(error + step, signal), error);
  const bySignal = slope((step) => value(error, signal + step), signal);
  if (byError === null || bySignal === null) return null;
  const variance =
    byError * byError * errorVariance + bySignal * bySignal * signalVariance + 2 * byError * bySignal * covariance;
  return Math.sqrt(Math.max(0, variance));
}

/** By degrees of freedom: 97.5 % of Student's distribution lie below it. Of more than ten, Cornish and Fisher's first terms. */
const STUDENT = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];

const NORMAL = 1.959964;

/**
 * What a standard error is multiplied with for an interval of 95 %, where `runs` of rows were drawn in pairs. 0: all were read, and an error
 * that there still is comes from elsewhere (windows of a text, an estimator's draws), which are taken to be many.
 */
export function intervalFactor(runs: number): number {
  if (runs === 0) return NORMAL;
  const freedom = Math.max(1, Math.floor(runs / 2));
  return STUDENT[freedom - 1] ?? NORMAL + 2.3722 / freedom + 2.8225 / freedom ** 2;
}
