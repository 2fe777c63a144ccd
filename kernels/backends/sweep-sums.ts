import type { Sums } from "../measure/sums.ts";

/** What a sweep adds up of a recipe: the sums of a report without its histograms, profiles and maps. */
export type SweepSums = Sums;

/** What is the same for every recipe over a tile: counted once. */
export interface TileFacts {
  /** Finite elements, and the others. */
  count: number;
  nonFinite: number;
}

export function factsOf(x: Float32Array): TileFacts {
  let nonFinite = 0;
  for (let i = 0; i < x.length; i++) if (x[i] - x[i] !== 0) nonFinite++;
  return { count: x.length - nonFinite, nonFinite };
}

/** Adds what every recipe counts alike. */
export function addFacts(facts: TileFacts, into: SweepSums): void {
  into.count += facts.count;
  into.nonFinite += facts.nonFinite;
}

/**
 * Adds values and errors of a tile: e = fl32(x - y), squares and products in float64, as in a report, all over the elements whose value and error are finite. `finite` says that all values are. Sums run in two lanes, so that an addition need not wait for the one before it, and are closed every
 * 4096 elements, which keeps them as exact as those of a report.
 */
export function addErrors(finite: boolean, x: Float32Array, y: Float32Array, into: SweepSums): void {
  const add = finite ? addFinite : addAny;
  for (let from = 0; from < x.length; from += STRETCH) add(x, y, from, Math.min(x.length, from + STRETCH), into);
}

const STRETCH = 4096;

function addFinite(x: Float32Array, y: Float32Array, from: number, to: number, into: SweepSums): void {
  let signal = 0;
  let signal2 = 0;
  let error = 0;
  let error2 = 0;
  let abs = 0;
  let abs2 = 0;
  let dot = 0;
  let dot2 = 0;
  let energy = 0;
  let energy2 = 0;
  let max = into.maxAbs;
  let i = from;
  for (; i + 1 < to; i += 2) {
    const xa = x[i];
    const ya = y[i];
    const xb = x[i + 1];
    const yb = y[i + 1];
    const a = Math.abs(Math.fround(xa - ya));
    const b = Math.abs(Math.fround(xb - yb));
    // An infinite or undefined result of either: leave the pair to the careful loop.
    if (!(a + b < Infinity)) {
      addAny(x, y, i, i + 2, into);
      continue;
    }
    signal += xa * xa;
    signal2 += xb * xb;
    error += a * a;
    error2 += b * b;
    abs += a;
    abs2 += b;
    dot += xa * ya;
    dot2 += xb * yb;
    energy += ya * ya;
    energy2 += yb * yb;
    if (a > max) max = a;
    if (b > max) max = b;
  }
  into.signal += signal + signal2;
  into.error += error + error2;
  into.absError += abs + abs2;
  into.dot += dot + dot2;
  into.energy += energy + energy2;
  if (max > into.maxAbs) into.maxAbs = max;
  if (i < to) addAny(x, y, i, to, into);
}

/** Leaves out what is not finite: inputs, and results of finite inputs. */
function addAny(x: Float32Array, y: Float32Array, from: number, to: number, into: SweepSums): void {
  for (let i = from; i < to; i++) {
    if (x[i] - x[i] !== 0) continue;
    const e = Math.fround(x[i] - y[i]);
    if (e - e !== 0) {
      into.brokenResults++;
      continue;
    }
    const a = Math.abs(e);
    into.signal += x[i] * x[i];
    into.error += a * a;
    into.absError += a;
    into.dot += x[i] * y[i];
    into.energy += y[i] * y[i];
    if (a > into.maxAbs) into.maxAbs = a;
  }
}
