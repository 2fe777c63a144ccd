/**
 * How ggml finds the scale of a group whose magnitudes are points of a grid: every scale near the plain one gives each run of
 * values a point, the nearest that fits its weights, and the least-squares scale of all of them; what explains most wins.
 */
import { RecipeError } from "../grammar/errors.ts";
import { fast } from "./fast.ts";
import { nearestInt } from "./float.ts";
import type { Points } from "./points.ts";

const f32 = Math.fround;
const MOST = f32(3.4028234663852886e38);

/** ggml's quantizer stops at an assertion where the sums over a group are beyond float32. */
export class ValuesTooLarge extends RecipeError {}

export function tooLarge(): never {
  throw new ValuesTooLarge(
    "some values, or their weights, are so large that their squares leave float32: ggml stops there",
  );
}

/** A group on its way: up to 32 values without their signs, what they weigh, and the codes found. */
export interface Group {
  values: Float32Array;
  weights: Float32Array;
  roots: Float32Array;
  codes: Uint8Array;
}

export const makeGroup = (): Group => ({
  values: new Float32Array(32),
  weights: new Float32Array(32),
  roots: new Float32Array(32),
  codes: new Uint8Array(32),
});

/** The code whose odd level 2 * code + 1 is nearest to value * inverse, within the grid's codes. */
function codeOf(value: number, inverse: number, last: number): number {
  const l = nearestInt(f32(0.5 * f32(f32(inverse * value) - 1)));
  return l < 0 ? 0 : Math.min(l, last);
}

/** The place of `dims` codes from `from` on. */
export function placeOf({ dims, bits }: Points, codes: Uint8Array, from: number): number {
  let place = 0;
  for (let k = 0; k < dims; k++) place |= codes[from + k] << (bits * k);
  return place & 0xffff;
}

/** Writes the codes of the point around a place that is nearest by the roots of the weights to the values at `from`. */
function moveToGrid(
  points: Points,
  place: number,
  { values, roots }: Group,
  from: number,
  scale: number,
  codes: Uint8Array,
) {
  const { dims, codes: all } = points;
  const list = points.around(place);
  let least = MOST;
  let best = -1;
  for (let c = 0; c < list.length; c++) {
    const base = list[c] * dims;
    let sum = 0;
    // Terms are not negative: a sum that has reached the least will not fall below it.
    for (let k = 0; k < dims && !(sum >= least); k++) {
      const diff = f32(f32(scale * (2 * all[base + k] + 1)) - values[from + k]);
      sum = f32(sum + f32(f32(roots[from + k] * diff) * diff));
    }
    if (sum < least) {
      least = sum;
      best = base;
    }
  }
  if (best < 0) tooLarge();
  for (let k = 0; k < dims; k++) codes[from + k] = all[best + k];
}

const fit = { sumqx: 0, sumq2: 0 };

/** The two sums of least squares for the odd levels of `codes`. */
function sumUp(n: number, { values, weights }: Group, codes: Uint8Array): void {
  let sumqx = 0;
  let sumq2 = 0;
  for (let i = 0; i < n; i++) {
    const q = 2 * codes[i] + 1;
    const w = weights[i];
    sumqx = f32(sumqx + f32(f32(w * values[i]) * q));
    sumq2 = f32(sumq2 + f32(f32(w * q) * q));
  }
  fit.sumqx = sumqx;
  fit.sumq2 = sumq2;
}

export interface GridSearch {
  points: () => Points;
  /** Values of a group. */
  n: 16 | 32;
  /** Scales from the plain one down and up, and the distance of their inverses in steps of a level. */
  tries: number;
  step: number;
  /** What is looked at again with the scale found: every run, every run if one is off the grid, or those off it alone. */
  again: "all" | "all if off" | "off";
}

const tried = new Uint8Array(32);
const off = new Uint8Array(8);
const offTried = new Uint8Array(8);

/**
 * The scale of a group, which may be negative or NaN; codes go into the group. `plain` is the inverse scale's counterpart: what
 * the largest level stands for; `scale` is what holds where no candidate is better than none.
 */
export function searchGrid(search: GridSearch, group: Group, plain: number, scale: number): number {
  const points = search.points();
  if (fast) return fast.grid(points, search, group, plain, scale) ?? tooLarge();
  const { dims, levels, at } = points;
  const { n, again } = search;
  const { values, codes, weights, roots } = group;
  for (let i = 0; i < n; i++) roots[i] = Math.sqrt(weights[i]);
  const last = levels - 1;
  const runs = n / dims;
  const top = 2 * levels - 1;
  let best = 0;
  off.fill(again === "off" ? 0 : 1);
  for (let k = -search.tries; k <= search.tries; k++) {
    const inverse = f32(f32(top + f32(k * search.step)) / plain);
    const itsScale = f32(1 / inverse);
    for (let run = 0; run < runs; run++) {
      const from = run * dims;
      for (let i = from; i < from + dims; i++) tried[i] = codeOf(values[i], inverse, last);
      const place = placeOf(points, tried, from);
      offTried[run] = at[place] < 0 ? 1 : 0;
      if (at[place] < 0) moveToGrid(points, place, group, from, itsScale, tried);
    }
    sumUp(n, group, tried);
    const { sumqx, sumq2 } = fit;
    if (sumq2 > 0 && f32(sumqx * sumqx) > f32(best * sumq2)) {
      scale = f32(sumqx / sumq2);
      best = f32(scale * sumqx);
      for (let i = 0; i < n; i++) codes[i] = tried[i];
      if (again !== "all") for (let run = 0; run < runs; run++) off[run] = offTried[run];
    }
  }
  if (!(scale > 0)) return scale;
  let any = false;
  for (let run = 0; run < runs; run++) any ||= off[run] === 1;
  if (!any) return scale;
  const inverse = f32(1 / scale);
  for (let run = 0; run < runs; run++) {
    if (again === "off" && off[run] === 0) continue;
    const from = run * dims;
    for (let i = from; i < from + dims; i++) codes[i] = codeOf(values[i], inverse, last);
    const place = placeOf(points, codes, from);
    if (at[place] < 0) moveToGrid(points, place, group, from, scale, codes);
  }
  sumUp(n, group, codes);
  return fit.sumq2 > 0 ? f32(fit.sumqx / fit.sumq2) : scale;
}
