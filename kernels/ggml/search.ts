/**
 * How ggml finds the scale of a sub-block: least squares around rounding with scales near the plain one. Float32 in
 * ggml's order of operations, which decides between candidates that are nearly equal.
 */
import { fast } from "./fast.ts";
import { nearestInt } from "./float.ts";

const f32 = Math.fround;

/** Magnitudes below this make a group of zeros. */
export const GROUP_EPSILON = f32(1e-15);

const clamp = (n: number, low: number, high: number): number => Math.min(high, Math.max(low, n));

/** The element with the largest magnitude, with its sign; the first of equals. */
export function signedMax(x: Float32Array, from: number, n: number): number {
  let amax = 0;
  let max = 0;
  for (let i = from; i < from + n; i++) {
    const a = Math.abs(x[i]);
    if (a > amax) {
      amax = a;
      max = x[i];
    }
  }
  return max;
}

/**
 * A symmetric scale for codes -nmax..nmax-1: the plain one (the signed maximum over -nmax) and 18 around it, each refitted by
 * least squares; the one that explains most wins. Weights are x^2, or from `at` on in `weights`. Writes code + nmax; a group of
 * zeros gets 0. Returns the scale.
 */
export function searchSymmetric(
  x: Float32Array,
  from: number,
  n: number,
  nmax: number,
  codes: Uint8Array,
  weights: Float32Array | null,
  at = 0,
): number {
  if (fast) return fast.symmetric(x, from, n, nmax, codes, weights, at);
  const max = signedMax(x, from, n);
  if (Math.abs(max) < GROUP_EPSILON) {
    codes.fill(0, from, from + n);
    return 0;
  }
  let scale = 0;
  let best = 0;
  // The plain scale is tried first and is best until another exceeds it.
  for (let k = -10; k <= 9; k++) {
    const first = k === -10;
    if (k === 0) continue;
    const inverse = f32(first ? -nmax / max : -f32(nmax + f32(f32(0.1) * k)) / max);
    let sumlx = 0;
    let suml2 = 0;
    for (let i = from; i < from + n; i++) {
      const v = x[i];
      const l = clamp(nearestInt(f32(inverse * v)), -nmax, nmax - 1);
      const w = weights ? weights[at + i - from] : f32(v * v);
      sumlx = f32(sumlx + f32(f32(w * v) * l));
      suml2 = f32(suml2 + f32(f32(w * l) * l));
    }
    const better = first || (suml2 > 0 && f32(sumlx * sumlx) > f32(best * suml2));
    if (!better) continue;
    for (let i = from; i < from + n; i++) {
      codes[i] = nmax + clamp(nearestInt(f32(inverse * x[i])), -nmax, nmax - 1);
    }
    scale = suml2 === 0 ? 0 : f32(sumlx / suml2);
    best = f32(scale * sumlx);
  }
  return scale;
}

/**
 * As above for Q3_K: from the plain scale's codes, at most five rounds in which each code in turn moves to where the
 * least-squares scale of the others would put it, if that explains more.
 */
export function descend(x: Float32Array, from: number, n: number, nmax: number, codes: Uint8Array): number {
  const max = signedMax(x, from, n);
  if (Math.abs(max) < GROUP_EPSILON) {
    codes.fill(0, from, from + n);
    return 0;
  }
  const inverse = f32(-nmax / max);
  let sumlx = 0;
  let suml2 = 0;
  for (let i = from; i < from + n; i++) {
    const v = x[i];
    const l = clamp(nearestInt(f32(inverse * v)), -nmax, nmax - 1);
    const w = f32(v * v);
    codes[i] = l + nmax;
    sumlx = f32(sumlx + f32(f32(w * v) * l));
    suml2 = f32(suml2 + f32(f32(w * l) * l));
  }
  for (let round = 0, changed = true; round < 5 && changed; round++) {
    changed = false;
    for (let i = from; i < from + n; i++) {
      const v = x[i];
      const w = f32(v * v);
      const old = codes[i] - nmax;
      let slx = f32(sumlx - f32(f32(w * v) * old));
      if (!(slx > 0)) continue;
      let sl2 = f32(suml2 - f32(f32(w * old) * old));
      const l = clamp(nearestInt(f32(f32(v * sl2) / slx)), -nmax, nmax - 1);
      if (l === old) continue;
      slx = f32(slx + f32(f32(w * v) * l));
      sl2 = f32(sl2 + f32(f32(w * l) * l));
      if (sl2 > 0 && f32(f32(slx * slx) * suml2) > f32(f32(sumlx * sumlx) * sl2)) {
        codes[i] = l + nmax;
        sumlx = slx;
        suml2 = sl2;
        changed = true;
      }
    }
  }
  return suml2 > 0 ? f32(sumlx / suml2) : 0;
}

/** How an affine scale is searched. */
export interface AffineSearch {
  /** Largest code. */
  nmax: number;
  /** Candidates have (rmin + rdelta * k + nmax) steps over the range, k from 0 to steps. */
  rmin: number;
  rdelta: number;
  steps: number;
  /** Weighs magnitudes of errors instead of their squares. */
  magnitudes: boolean;
}

const tried = new Uint8Array(32);

/** A scale and what is taken off after scaling: x = scale * code - min, min >= 0. */
export interface AffineFit {
  scale: number;
  min: number;
}

/**
 * An affine scale and minimum for codes 0..nmax: the plain fit to [min, max] (which holds 0), then candidates whose scale
 * and minimum solve the weighted least squares; the least weighted error wins, and its minimum is where the candidates
 * after it start. Writes codes, and the fit into `fit`.
 */
export function searchAffine(
  x: Float32Array,
  from: number,
  n: number,
  weights: Float32Array,
  search: AffineSearch,
  codes: Uint8Array,
  fit: AffineFit,
): void {
  if (fast) {
    fast.affine(x, from, n, weights, search, codes, fit);
    return;
  }
  const { nmax, rmin, rdelta, steps, magnitudes } = search;
  let min = x[from];
  let max = x[from];
  let sumW = weights[0];
  let sumX = f32(sumW * x[from]);
  for (let i = 1; i < n; i++) {
    const v = x[from + i];
    if (v < min) min = v;
    if (v > max) max = v;
    sumW = f32(sumW + weights[i]);
    sumX = f32(sumX + f32(weights[i] * v));
  }
  if (min > 0) min = 0;
  if (max === min) {
    codes.fill(0, from, from + n);
    fit.scale = 0;
    fit.min = -min;
    return;
  }
  const plain = f32(nmax / f32(max - min));
  let scale = f32(1 / plain);
  let least = 0;
  for (let i = 0; i < n; i++) {
    const v = x[from + i];
    const l = clamp(nearestInt(f32(plain * f32(v - min))), 0, nmax);
    codes[from + i] = l;
    const diff = f32(f32(f32(scale * l) + min) - v);
    least = f32(least + f32(weights[i] * (magnitudes ? Math.abs(diff) : f32(diff * diff))));
  }
  for (let k = 0; k <= steps; k++) {
    const inverse = f32(f32(f32(rmin + f32(f32(rdelta) * k)) + nmax) / f32(max - min));
    let sumL = 0;
    let sumL2 = 0;
    let sumXL = 0;
    for (let i = 0; i < n; i++) {
      const v = x[from + i];
      const l = clamp(nearestInt(f32(inverse * f32(v - min))), 0, nmax);
      tried[i] = l;
      const wl = f32(weights[i] * l);
      sumL = f32(sumL + wl);
      sumL2 = f32(sumL2 + f32(wl * l));
      sumXL = f32(sumXL + f32(wl * v));
    }
    const determinant = f32(f32(sumW * sumL2) - f32(sumL * sumL));
    if (!(determinant > 0)) continue;
    let newScale = f32(f32(f32(sumW * sumXL) - f32(sumX * sumL)) / determinant);
    let newMin = f32(f32(f32(sumL2 * sumX) - f32(sumL * sumXL)) / determinant);
    if (newMin > 0) {
      newMin = 0;
      newScale = f32(sumXL / sumL2);
    }
    let error = 0;
    // The terms are not negative: what has reached the least error will not fall below it again.
    for (let i = 0; i < n && !(error >= least); i++) {
      const diff = f32(f32(f32(newScale * tried[i]) + newMin) - x[from + i]);
      error = f32(error + f32(weights[i] * (magnitudes ? Math.abs(diff) : f32(diff * diff))));
    }
    if (error < least) {
      for (let i = 0; i < n; i++) codes[from + i] = tried[i];
      least = error;
      scale = newScale;
      min = newMin;
    }
  }
  fit.scale = scale;
  fit.min = -min;
}

/**
 * A scale for values that are not negative, or nearly so, and codes 0..nmax: the plain one (the maximum over nmax) and eight
 * around it, compared by their weighted squared error; then at most five rounds in which each code in turn moves to where the
 * least-squares scale of the others would put it. Values below zero give codes that wrap around in a byte, as in C. Writes the
 * codes of `n` values from 0 on; returns the scale.
 */
export function searchPositive(
  n: number,
  nmax: number,
  x: Float32Array,
  codes: Uint8Array,
  weights: Float32Array,
): number {
  if (fast) return fast.positive(n, nmax, x, codes, weights);
  let max = 0;
  // As C takes a maximum: a NaN gives way to whatever comes after it.
  for (let i = 0; i < n; i++) if (!(max > x[i])) max = x[i];
  if (max < GROUP_EPSILON) {
    codes.fill(0, 0, n);
    return 0;
  }
  const plain = f32(nmax / max);
  let inverse = plain;
  let least = 0;
  for (let k = -5; k <= 4; k++) {
    // The plain scale is tried first, without keeping its codes at nmax.
    const first = k === -5;
    if (k === 0) continue;
    const tried = first ? plain : f32(f32(f32(f32(0.1) * k) + nmax) / max);
    const scale = f32(1 / tried);
    let error = 0;
    for (let i = 0; i < n; i++) {
      let l = nearestInt(f32(tried * x[i]));
      if (first) l &= 255;
      else if (nmax < l) l = nmax;
      const diff = f32(x[i] - f32(scale * l));
      error = f32(error + f32(f32(weights[i] * diff) * diff));
    }
    if (first) least = error;
    else if (error < least) {
      least = error;
      inverse = tried;
    }
  }
  let sumlx = 0;
  let suml2 = 0;
  for (let i = 0; i < n; i++) {
    const l = Math.min(nmax, nearestInt(f32(inverse * x[i])));
    codes[i] = l;
    sumlx = f32(sumlx + f32(f32(weights[i] * x[i]) * l));
    suml2 = f32(suml2 + f32(f32(weights[i] * l) * l));
  }
  for (let round = 0, changed = true; round < 5 && changed; round++) {
    changed = false;
    for (let i = 0; i < n; i++) {
      const [w, v, old] = [weights[i], x[i], codes[i]];
      let slx = f32(sumlx - f32(f32(w * v) * old));
      let sl2 = f32(suml2 - f32(f32(w * old) * old));
      if (!(slx > 0 && sl2 > 0)) continue;
      const l = Math.min(nmax, nearestInt(f32(f32(v * sl2) / slx)));
      if (l === old) continue;
      slx = f32(slx + f32(f32(w * v) * l));
      sl2 = f32(sl2 + f32(f32(w * l) * l));
      if (f32(f32(slx * slx) * suml2) > f32(f32(sumlx * sumlx) * sl2)) {
        codes[i] = l;
        sumlx = slx;
        suml2 = sl2;
        changed = true;
      }
    }
  }
  return suml2 > 0 ? f32(sumlx / suml2) : 0;
}
