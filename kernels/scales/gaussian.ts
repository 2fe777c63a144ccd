import { stableExp } from "../exact/pow.ts";
import type { Ladder } from "../formats/ladder.ts";

/** The density of N(0,1). */
const density = (x: number) => stableExp(-0.5 * x * x) * 0.3989422804014327;

/** The distribution function of N(0,1) by Marsaglia's series ("Evaluating the Normal Distribution", 2004). */
function distribution(x: number): number {
  if (x <= -9) return 0;
  if (x >= 9) return 1;
  let [sum, term] = [x, x];
  for (let i = 3; sum + term !== sum; i += 2) {
    term *= (x * x) / i;
    sum += term;
  }
  return 0.5 + sum * density(x);
}

/** E[(x - s*level(x/s))^2] for x ~ N(0,1) and nearest rounding to the ladder's levels. */
export function gaussianMse(levels: Float64Array, s: number): number {
  let mse = 0;
  let [below, densityBelow, xDensityBelow] = [0, 0, 0];
  for (let i = 0; i < levels.length; i++) {
    const edge = i + 1 < levels.length ? (s * (levels[i] + levels[i + 1])) / 2 : Infinity;
    const above = edge > 9 ? 1 : distribution(edge);
    const densityAbove = edge > 9 ? 0 : density(edge);
    const xDensityAbove = edge > 9 ? 0 : edge * densityAbove;
    const level = s * levels[i];
    // Moments of the normal over the cell: probability, mean part and second moment.
    const p = above - below;
    const first = densityBelow - densityAbove;
    const second = p + xDensityBelow - xDensityAbove;
    mse += second - 2 * level * first + level * level * p;
    [below, densityBelow, xDensityBelow] = [above, densityAbove, xDensityAbove];
  }
  return mse;
}

const known = new WeakMap<Ladder, number>();

/** The scale that gives a unit Gaussian its least mean squared error on these levels; searched once a ladder. */
export function gaussianOptimalScale(ladder: Ladder): number {
  const scale = known.get(ladder) ?? searchOptimalScale(ladder);
  known.set(ladder, scale);
  return scale;
}

/** A coarse scan, then golden sections. */
function searchOptimalScale(ladder: Ladder): number {
  const { levels, maxAbs } = ladder;
  const at = (t: number) => gaussianMse(levels, stableExp(t));
  // Clips from 0.6 sigma, below which no format has its optimum, to far beyond any sample's maximum.
  const span = 24 / maxAbs;
  const steps = 400;
  const start = Math.log2(0.6 / maxAbs) * Math.LN2;
  const width = (Math.log2(span) * Math.LN2 - start) / steps;
  let best = 0;
  let least = Infinity;
  for (let i = 0; i <= steps; i++) {
    const mse = at(start + i * width);
    if (mse < least) [best, least] = [i, mse];
  }
  let [lo, hi] = [start + (best - 1) * width, start + (best + 1) * width];
  const golden = 0.6180339887498949;
  for (let i = 0; i < 48; i++) {
    const [a, b] = [hi - golden * (hi - lo), lo + golden * (hi - lo)];
    if (at(a) <= at(b)) hi = b;
    else lo = a;
  }
  return Math.fround(stableExp((lo + hi) / 2));
}
