/** What a format makes of normally distributed values: the expected squared error, and the scale where it is least. */

import { decidingOf, isNearest } from "../rounding/modes/index.ts";
import { density, FAR, moments, squareIntegral } from "./normal.ts";
import { eachPiece, type Rounded } from "./pieces.ts";

/** Equal gaps from the level of one index to that of another. */
interface Run {
  first: number;
  last: number;
}

/** Pieces this near to zero, with their levels, hold less than 1e-17 of all error together. */
const NOTHING = 2 ** -20;
/** From this many equal gaps on, and where they are this narrow, their sum is had at once. */
const MANY = 32;
const NARROW = 2 ** -6;

const runs = new WeakMap<Float64Array, readonly Run[]>();

/** Stretches of many equal gaps. */
function runsOf(levels: Float64Array): readonly Run[] {
  const known = runs.get(levels);
  if (known) return known;
  const found: Run[] = [];
  let first = 0;
  for (let i = 1; i < levels.length; i++) {
    if (i + 1 < levels.length && levels[i + 1] - levels[i] === levels[i] - levels[i - 1]) continue;
    if (i - first >= MANY) found.push({ first, last: i });
    first = i;
  }
  runs.set(levels, found);
  return found;
}

/**
 * The squared error of rounding to nearest between two levels `h` apart from each of many others: h^2/12 of the mass,
 * with the Euler-Maclaurin term; what is left out is of the order of h^6.
 */
function runIntegral(a: number, b: number, h: number): number {
  const slope = (x: number) => -x * density(x);
  return ((h * h) / 12) * moments(a, b)[0] - ((7 * h ** 4) / 2880) * (slope(b) - slope(a));
}

/**
 * Expected squared error of N(0, 1) values quantized with scale `s` > 0: the sum over the pieces of the number line of
 * closed forms. Random roundings are averaged over their draws (stochastic: the mean of unlimited random bits). Infinity
 * where some values become no finite number.
 */
export function gaussianError(r: Rounded, s: number): number {
  const { levels } = r.ladder;
  let sum = 0;
  let from = -Infinity;
  const pieces = (to: number) => {
    if (!(from < to)) return;
    let broken = false;
    const [start, end] = [Math.max(from, -FAR / s), Math.min(to, FAR / s)];
    if (!(start < end)) return;
    eachPiece(r, from === -Infinity ? -Infinity : start, to === Infinity ? Infinity : end, (a, b, target, other) => {
      const lo = Math.max(a, from);
      const hi = Math.min(b, to);
      if (!(lo < hi)) return;
      if (Number.isNaN(target) || Number.isNaN(other)) {
        broken = true;
        return;
      }
      sum += pieceError(r, s, lo, hi, target, other);
    });
    if (broken) sum = Infinity;
  };
  if (isNearest(r.mode)) {
    for (const { first, last } of runsOf(levels)) {
      const h = (levels[first + 1] - levels[first]) * s;
      const [a, b] = [Math.max(-FAR, levels[first] * s), Math.min(FAR, levels[last] * s)];
      if (h > NARROW || !(a < b)) continue;
      pieces(levels[first]);
      sum += runIntegral(a, b, h);
      from = levels[last];
    }
  }
  pieces(Infinity);
  return sum;
}

function pieceError(r: Rounded, s: number, lo: number, hi: number, target: number, other: number): number {
  const [a, b, p, q] = [lo * s, hi * s, target * s, other * s];
  if (a > -NOTHING && b < NOTHING && Math.abs(p) < NOTHING && Math.abs(q) < NOTHING) return 0;
  const deciding = decidingOf(r.mode);
  if (deciding.by !== "chance" || p === q) return squareIntegral(a, b, p, p);
  // Up with the probability of the fraction: (x - p)^2 (q - x)/(q - p) + (q - x)^2 (x - p)/(q - p) = (x - p)(q - x).
  if (deciding.odds === "fraction") return -squareIntegral(a, b, p, q);
  return (squareIntegral(a, b, p, p) + squareIntegral(a, b, q, q)) / 2;
}

/** Few random bits, under which a fraction is not the mean that is taken for granted here. */
export const isCoarse = ({ mode, bits }: Pick<Rounded, "mode" | "bits">): boolean => {
  const deciding = decidingOf(mode);
  return deciding.by === "chance" && deciding.odds === "fraction" && bits < 16;
};

export interface BestClip {
  /** What levels are multiplied by, for values of unit variance. */
  scale: number;
  /** The largest level's magnitude times the scale, in standard deviations. */
  clip: number;
  /** Expected squared error there, a share of the variance. */
  mse: number;
}

/** Scales tried in an octave before the best are looked at closely. */
const IN_OCTAVE = 8;
/** Clips to begin with, in octaves of standard deviations. Where a float's range has room, a wider clip changes nothing. */
const FIRST = -2;
const LAST = 5;
/** Codebooks may have lone levels far out. */
const LAST_OF_CODEBOOKS = 40;

/** Steps of equal ratio without engines' own powers: roots of roots of two. */
const RATIO = Math.sqrt(Math.sqrt(Math.sqrt(2)));

/**
 * The scale at which the expected squared error on N(0, 1) is least. Floats have a valley in every octave: a grid is
 * looked through first, then each valley near the best to its bottom; of equals the narrowest clip. `null` where no
 * scale gives every value a finite result, or there is no level but zero.
 */
export function bestClip(r: Rounded): BestClip | null {
  const { maxAbs, levels, format } = r.ladder;
  if (!(maxAbs > 0) || r.sat !== "clamp" || isCoarse(r)) return null;
  let octaves = LAST - FIRST;
  if (format.kind === "codebook") {
    const least = levels.reduce((m, v) => (v !== 0 && Math.abs(v) < m ? Math.abs(v) : m), maxAbs);
    const reach = Math.min(LAST_OF_CODEBOOKS, Math.ceil(Math.log2(maxAbs / least)) + 3);
    octaves = Math.max(octaves, reach - FIRST);
  }
  const scales: number[] = [];
  for (let k = 0, s = 2 ** FIRST / maxAbs; k <= octaves * IN_OCTAVE; k++, s *= RATIO) scales.push(s);
  const errors = scales.map((s) => gaussianError(r, s));
  const lowest = Math.min(...errors);
  let best: BestClip | null = null;
  for (let k = 1; k + 1 < scales.length; k++) {
    if (errors[k] > errors[k - 1] || errors[k] > errors[k + 1] || errors[k] > 1.25 * lowest) continue;
    const scale = bottom((s) => gaussianError(r, s), scales[k - 1], scales[k + 1]);
    const mse = gaussianError(r, scale);
    if (!best || mse < best.mse * (1 - 1e-9)) best = { scale, clip: scale * maxAbs, mse };
  }
  return best;
}

const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** Where a function with one valley between a and b is least, to half of a double's digits. */
function bottom(of: (x: number) => number, a: number, b: number): number {
  let [lo, hi] = [a, b];
  let [x1, x2] = [hi - GOLDEN * (hi - lo), lo + GOLDEN * (hi - lo)];
  let [f1, f2] = [of(x1), of(x2)];
  while (hi - lo > 1e-8 * hi) {
    if (f1 <= f2) {
      [hi, x2, f2] = [x2, x1, f1];
      x1 = hi - GOLDEN * (hi - lo);
      f1 = of(x1);
    } else {
      [lo, x1, f1] = [x1, x2, f2];
      x2 = lo + GOLDEN * (hi - lo);
      f2 = of(x2);
    }
  }
  return (lo + hi) / 2;
}
