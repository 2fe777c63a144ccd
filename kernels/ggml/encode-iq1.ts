/**
 * IQ1: three levels, moved up or down by an eighth for each run of values. With three levels the best split can be found among all:
 * sorted values fall into a low, a middle and a high part. What is then off the grid goes to a point near it.
 */
import { fast } from "./fast.ts";
import { halfBits, nearestInt, putHalf } from "./float.ts";
import { iq1Points, type Points } from "./points.ts";
import { placeOf, tooLarge } from "./search-grid.ts";
import { type EncodeBlock, SUPER } from "./types.ts";
import { ALIKE, sumOfSquares, weigh } from "./weights.ts";

const f32 = Math.fround;
const LEAST = -3.4028234663852886e38;
const MOST = 3.4028234663852886e38;

/** The levels moved up, and moved down. */
const UP = Float32Array.of(-0.875, 0.125, 1.125);
const DOWN = Float32Array.of(-1.125, -0.125, 0.875);

const weights = new Float32Array(32);
const codes = new Uint8Array(32);
const order = new Uint8Array(32);
const scales = new Float32Array(16);
const shifts = new Int8Array(16);
const index = new Uint16Array(4);

function largestMagnitude(x: Float32Array, from: number, n: number): number {
  let max = Math.abs(x[from]);
  for (let i = 1; i < n; i++) max = Math.max(max, Math.abs(x[from + i]));
  return max;
}

/** Places of the values by rising value, of equals the first (as glibc's qsort leaves them). */
function sort(x: Float32Array, from: number, n: number): void {
  for (let i = 0; i < n; i++) {
    const v = x[from + i];
    let j = i;
    for (; j > 0 && x[from + order[j - 1]] > v; j--) order[j] = order[j - 1];
    order[j] = i;
  }
}

/** Codes of a split of the sorted values. */
function split(n: number, low: number, high: number): void {
  for (let j = 0; j < n; j++) codes[order[j]] = j < low ? 0 : j < high ? 1 : 2;
}

function turnOver(n: number): void {
  for (let j = 0; j < n; j++) codes[j] = 2 - codes[j];
}

/** The point of the eight codes from k8 on, or the one near it that fits best; whether it lay on the grid stands in `moved`. */
let moved = false;
function pointFor(
  points: Points,
  x: Float32Array,
  from: number,
  k8: number,
  scale: number,
  levels: Float32Array,
): number {
  const place = placeOf(points, codes, k8);
  if (points.at[place] >= 0) return points.at[place];
  moved = true;
  const list = points.around(place);
  let least = MOST;
  let best = -1;
  for (let c = 0; c < list.length; c++) {
    const base = 8 * list[c];
    let sum = 0;
    for (let i = 0; i < 8 && !(sum >= least); i++) {
      const diff = f32(f32(scale * levels[points.codes[base + i]]) - x[from + k8 + i]);
      sum = f32(sum + f32(f32(weights[k8 + i] * diff) * diff));
    }
    if (sum < least) {
      least = sum;
      best = list[c];
    }
  }
  return best < 0 ? tooLarge() : best;
}

const fit = { sumqx: 0, sumq2: 0 };

/** Adds eight values at their point's levels times `factor` to the sums of least squares. */
function addPoint(
  points: Points,
  x: Float32Array,
  from: number,
  k8: number,
  point: number,
  levels: Float32Array,
  factor: number,
) {
  let { sumqx, sumq2 } = fit;
  for (let j = 0; j < 8; j++) {
    const w = weights[k8 + j];
    const q = f32(levels[points.codes[8 * point + j]] * factor);
    sumqx = f32(sumqx + f32(f32(w * q) * x[from + k8 + j]));
    sumq2 = f32(sumq2 + f32(f32(w * q) * q));
  }
  fit.sumqx = sumqx;
  fit.sumq2 = sumq2;
}

/** The 3-bit code of a group's scale: (1 + 2 code) times the block's factor. */
function scaleCode(inverse: number, scale: number): number {
  return Math.max(0, Math.min(7, nearestInt(f32(0.5 * f32(f32(inverse * scale) - 1)))));
}

const sumx = new Float32Array(33);
const sumw = new Float32Array(33);
const best = { scale: 0, low: -1, high: -1, which: 0 };

/** The best of all splits of 32 values and both directions, from sums over the sorted values; false where none says anything. */
function splitThirtyTwo(x: Float32Array, from: number): boolean {
  if (fast) return fast.split(32, x, from, weights, codes, best);
  sort(x, from, 32);
  for (let j = 0; j < 32; j++) {
    const i = order[j];
    sumx[j + 1] = sumx[j] + f32(weights[i] * x[from + i]);
    sumw[j + 1] = sumw[j] + weights[i];
  }
  let score = LEAST;
  best.low = -1;
  for (let low = 0; low <= 32; low++) {
    for (let high = low; high <= 32; high++) {
      const [xl, xm, xh] = [sumx[low], f32(sumx[high] - sumx[low]), f32(sumx[32] - sumx[high])];
      const [wl, wm, wh] = [sumw[low], f32(sumw[high] - sumw[low]), f32(sumw[32] - sumw[high])];
      for (let which = 1; which >= -1; which -= 2) {
        const [a, b, c] = which > 0 ? UP : DOWN;
        const sumqx = f32(f32(f32(xl * a) + f32(xm * b)) + f32(xh * c));
        const sumq2 = f32(f32(f32(f32(wl * a) * a) + f32(f32(wm * b) * b)) + f32(f32(wh * c) * c));
        if (!(sumq2 > 0 && f32(sumqx * sumqx) > f32(score * sumq2))) continue;
        best.scale = f32(sumqx / sumq2);
        score = f32(best.scale * sumqx);
        best.low = low;
        best.high = high;
        best.which = which;
      }
    }
  }
  if (best.low < 0) return false;
  split(32, best.low, best.high);
  return true;
}

/** Eight groups of 32 with one direction each. ggml asks for importance; without, columns count alike. */
export const encodeIq1_s: EncodeBlock = (x, _codes, bytes, at, given) => {
  const points = iq1Points();
  const variance = f32(f32(2 * sumOfSquares(x)) / SUPER);
  let largest = 0;
  for (let sub = 0; sub < 8; sub++) {
    const from = 32 * sub;
    scales[sub] = 0;
    shifts[sub] = 1;
    weigh(x, from, 32, given?.of ?? ALIKE, variance, weights);
    const max = largestMagnitude(x, from, 32);
    if (max < f32(1e-12)) continue;
    if (!splitThirtyTwo(x, from)) continue;
    let [scale, which] = [best.scale, best.which];
    if (scale < 0) {
      turnOver(32);
      [scale, which] = [-scale, -which];
    }
    const levels = which === 1 ? UP : DOWN;
    moved = false;
    for (let k = 0; k < 4; k++) index[k] = pointFor(points, x, from, 8 * k, scale, levels);
    if (moved) {
      fit.sumqx = fit.sumq2 = 0;
      for (let k = 0; k < 4; k++) addPoint(points, x, from, 8 * k, index[k], levels, 1);
      if (fit.sumqx > 0 && fit.sumq2 > 0) scale = f32(fit.sumqx / fit.sumq2);
    }
    let high = 0;
    for (let k = 0; k < 4; k++) {
      bytes[at + 2 + 4 * sub + k] = index[k];
      high |= (index[k] >> 8) << (3 * k);
    }
    bytes[at + 34 + 2 * sub] = high;
    bytes[at + 35 + 2 * sub] = high >> 8;
    if (!(scale >= 0)) tooLarge();
    scales[sub] = scale;
    shifts[sub] = which;
    largest = Math.max(largest, scale);
  }
  if (largest === 0) return;
  const d = f32(largest / 15);
  putHalf(bytes, at, f32(d * 1.125));
  const inverse = f32(1 / d);
  for (let sub = 0; sub < 8; sub++) {
    const stored = scaleCode(inverse, scales[sub]) | (shifts[sub] === -1 ? 8 : 0);
    bytes[at + 35 + 2 * sub] |= stored << 4;
  }
};

function weighOr(x: Float32Array, from: number, n: number, importance: Float32Array | null, variance: number): void {
  if (importance) weigh(x, from, n, importance, variance, weights);
  else for (let i = 0; i < n; i++) weights[i] = x[from + i] * x[from + i];
}

/** For each level and direction, what a value adds to the two sums. */
const termsX = Array.from({ length: 6 }, () => new Float32Array(16));
const terms2 = Array.from({ length: 6 }, () => new Float32Array(16));
const heads = new Float32Array(8);
const running = new Float32Array(8);

/** Directions of the two eights of a group, by `which`: both up, up and down, down and up, both down. */
const levelsOf = (which: number, k: number): Float32Array => ((which >> (1 - k)) & 1 ? DOWN : UP);

/** Adds a value of level `l` to the sums of all four choices of directions: four of x, four of squares. */
function addTerm(sums: Float32Array, i: number, l: number): void {
  const [up, down, up2, down2] = [termsX[l][i], termsX[l + 3][i], terms2[l][i], terms2[l + 3][i]];
  const first = i < 8;
  sums[0] += up;
  sums[1] += first ? up : down;
  sums[2] += first ? down : up;
  sums[3] += down;
  sums[4] += up2;
  sums[5] += first ? up2 : down2;
  sums[6] += first ? down2 : up2;
  sums[7] += down2;
}

/** The best of all splits of 16 values and the four choices of directions; false where none says anything. */
function splitSixteen(x: Float32Array, from: number): boolean {
  if (fast) return fast.split(16, x, from, weights, codes, best);
  sort(x, from, 16);
  for (let l = 0; l < 3; l++) {
    for (let i = 0; i < 16; i++) {
      const [up, down] = [f32(weights[i] * UP[l]), f32(weights[i] * DOWN[l])];
      termsX[l][i] = up * x[from + i];
      termsX[l + 3][i] = down * x[from + i];
      terms2[l][i] = up * UP[l];
      terms2[l + 3][i] = down * DOWN[l];
    }
  }
  let score = LEAST;
  best.low = -1;
  heads.fill(0);
  const sums = new Float32Array(8);
  for (let low = 0; low <= 16; low++) {
    // Sums are in the order of the sorted values: those of the low part, then of the middle, are what the split before had.
    if (low > 0) addTerm(heads, order[low - 1], 0);
    running.set(heads);
    for (let high = low; high <= 16; high++) {
      if (high > low) addTerm(running, order[high - 1], 1);
      sums.set(running);
      for (let j = high; j < 16; j++) addTerm(sums, order[j], 2);
      for (let which = 0; which < 4; which++) {
        const [sumqx, sumq2] = [sums[which], sums[4 + which]];
        if (!(sumq2 > 0 && f32(sumqx * sumqx) > f32(score * sumq2))) continue;
        best.scale = f32(sumqx / sumq2);
        score = f32(best.scale * sumqx);
        best.low = low;
        best.high = high;
        best.which = which;
      }
    }
  }
  if (best.low < 0) return false;
  split(16, best.low, best.high);
  return true;
}

/** Bits of the two directions in a group's byte of high bits. */
const DIRECTIONS = Uint8Array.of(0x00, 0x80, 0x08, 0x88);

/** Sixteen groups of 16 with a direction for each eight; the block's factor is fitted once more at the end. */
export const encodeIq1_m: EncodeBlock = (x, _codes, bytes, at, given) => {
  const points = iq1Points();
  const importance = given?.of ?? null;
  const variance = f32(f32(2 * sumOfSquares(x)) / SUPER);
  let largest = 0;
  for (let sub = 0; sub < 16; sub++) {
    const from = 16 * sub;
    scales[sub] = 0;
    shifts[sub] = 0;
    weighOr(x, from, 16, importance, variance);
    const max = largestMagnitude(x, from, 16);
    if (max < f32(1e-7)) continue;
    if (!splitSixteen(x, from)) continue;
    let [scale, which] = [best.scale, best.which];
    if (scale < 0) {
      turnOver(16);
      [scale, which] = [-scale, 3 - which];
    }
    moved = false;
    for (let k = 0; k < 2; k++) index[k] = pointFor(points, x, from, 8 * k, scale, levelsOf(which, k));
    if (moved) {
      fit.sumqx = fit.sumq2 = 0;
      for (let k = 0; k < 2; k++) addPoint(points, x, from, 8 * k, index[k], levelsOf(which, k), 1);
      if (fit.sumqx > 0 && fit.sumq2 > 0) scale = f32(fit.sumqx / fit.sumq2);
    }
    for (let k = 0; k < 2; k++) {
      bytes[at + 2 * sub + k] = index[k];
      bytes[at + 32 + sub] |= (index[k] >> 8) << (4 * k);
    }
    if (!(scale >= 0)) tooLarge();
    scales[sub] = scale;
    shifts[sub] = which;
    largest = Math.max(largest, scale);
  }
  if (largest === 0) return;
  const inverse = f32(1 / f32(largest / 15));
  fit.sumqx = fit.sumq2 = 0;
  for (let sub = 0; sub < 16; sub++) {
    const from = 16 * sub;
    const stored = scaleCode(inverse, scales[sub]);
    const word = stored << (3 * (sub & 3));
    bytes[at + 48 + 2 * (sub >> 2)] |= word;
    bytes[at + 49 + 2 * (sub >> 2)] |= word >> 8;
    weighOr(x, from, 16, importance, variance);
    for (let k = 0; k < 2; k++) {
      const point = bytes[at + 2 * sub + k] | (((bytes[at + 32 + sub] >> (4 * k)) & 7) << 8);
      addPoint(points, x, from, 8 * k, point, levelsOf(shifts[sub], k), 2 * stored + 1);
    }
    bytes[at + 32 + sub] |= DIRECTIONS[shifts[sub]];
  }
  const d = fit.sumq2 > 0 ? f32(fit.sumqx / fit.sumq2) : f32(largest / 15);
  const bits = halfBits(f32(d * f32(1.1125)));
  for (let i = 0; i < 4; i++) bytes[at + 49 + 2 * i] |= ((bits >> (4 * i)) & 15) << 4;
};
