// ../search.ts: least squares around rounding with scales near the plain one.
import { FLOATS, clamp, code, nearestInt, setCode, setTried, tried, value, weight } from "./areas";

const EPSILON: f32 = 1e-15;

// The value of largest magnitude, with its sign; the first of equals.
function signedMax(n: i32): f32 {
  let amax: f32 = 0;
  let max: f32 = 0;
  for (let i = 0; i < n; i++) {
    const a = abs<f32>(value(i));
    if (a > amax) {
      amax = a;
      max = value(i);
    }
  }
  return max;
}

// A symmetric scale for codes -nmax..nmax-1, weighted by the weights or by squares. Codes are found with nmax added.
export function searchSymmetric(n: i32, nmax: i32, weighted: bool): f32 {
  const max = signedMax(n);
  if (abs<f32>(max) < EPSILON) {
    for (let i = 0; i < n; i++) setCode(i, 0);
    return 0;
  }
  let scale: f32 = 0;
  let best: f32 = 0;
  for (let k = -10; k <= 9; k++) {
    if (k == 0) continue;
    const first = k == -10;
    const inverse: f32 = first ? <f32>-nmax / max : -(<f32>nmax + <f32>0.1 * <f32>k) / max;
    let sumlx: f32 = 0;
    let suml2: f32 = 0;
    for (let i = 0; i < n; i++) {
      const v = value(i);
      const l = clamp(nearestInt(inverse * v), -nmax, nmax - 1);
      const w = weighted ? weight(i) : v * v;
      const lf = <f32>l;
      sumlx += w * v * lf;
      suml2 += w * lf * lf;
      setTried(i, l + nmax);
    }
    if (!(first || (suml2 > 0 && sumlx * sumlx > best * suml2))) continue;
    for (let i = 0; i < n; i++) setCode(i, tried(i));
    scale = suml2 == 0 ? 0 : sumlx / suml2;
    best = scale * sumlx;
  }
  return scale;
}

// For Q3_K: from the plain scale's codes each code of 16 in turn moves, at most five times. `from` is the sub-block's first value.
function descend(from: i32, nmax: i32): f32 {
  let amax: f32 = 0;
  let max: f32 = 0;
  for (let i = from; i < from + 16; i++) {
    const a = abs<f32>(value(i));
    if (a > amax) {
      amax = a;
      max = value(i);
    }
  }
  if (amax < EPSILON) {
    for (let i = from; i < from + 16; i++) setCode(i, 0);
    return 0;
  }
  const inverse: f32 = <f32>-nmax / max;
  let sumlx: f32 = 0;
  let suml2: f32 = 0;
  for (let i = from; i < from + 16; i++) {
    const v = value(i);
    const l = clamp(nearestInt(inverse * v), -nmax, nmax - 1);
    const w = v * v;
    setCode(i, l + nmax);
    sumlx += w * v * <f32>l;
    suml2 += w * <f32>l * <f32>l;
  }
  let changed = true;
  for (let round = 0; round < 5 && changed; round++) {
    changed = false;
    for (let i = from; i < from + 16; i++) {
      const v = value(i);
      const w = v * v;
      const old = code(i) - nmax;
      let slx = sumlx - w * v * <f32>old;
      if (!(slx > 0)) continue;
      let sl2 = suml2 - w * <f32>old * <f32>old;
      const l = clamp(nearestInt((v * sl2) / slx), -nmax, nmax - 1);
      if (l == old) continue;
      slx += w * v * <f32>l;
      sl2 += w * <f32>l * <f32>l;
      if (sl2 > 0 && slx * slx * suml2 > sumlx * sumlx * sl2) {
        setCode(i, l + nmax);
        sumlx = slx;
        suml2 = sl2;
        changed = true;
      }
    }
  }
  return suml2 > 0 ? sumlx / suml2 : 0;
}

// The scales of all 16 sub-blocks of a block, into the floats.
export function descendAll(nmax: i32): void {
  for (let j = 0; j < 16; j++) store<f32>(FLOATS + (<usize>j << 2), descend(16 * j, nmax));
}

// Rounds all 16 sub-blocks of a block by the scales in the floats, for codes -half..half-1 with half added; where the scale is zero
// the codes stay.
export function roundAll(half: i32): void {
  for (let j = 0; j < 16; j++) {
    const d = load<f32>(FLOATS + (<usize>j << 2));
    if (d == 0) continue;
    for (let i = 16 * j; i < 16 * j + 16; i++) setCode(i, half + clamp(nearestInt(value(i) / d), -half, half - 1));
  }
}

// An affine scale and minimum for codes 0..nmax; leaves scale and -minimum in the floats.
export function searchAffine(n: i32, nmax: i32, rmin: f32, rdelta: f32, steps: i32, magnitudes: bool): void {
  let min = value(0);
  let max = min;
  let sumW = weight(0);
  let sumX = sumW * value(0);
  for (let i = 1; i < n; i++) {
    const v = value(i);
    if (v < min) min = v;
    if (v > max) max = v;
    sumW += weight(i);
    sumX += weight(i) * v;
  }
  if (min > 0) min = 0;
  if (max == min) {
    for (let i = 0; i < n; i++) setCode(i, 0);
    store<f32>(FLOATS, 0);
    store<f32>(FLOATS, -min, 4);
    return;
  }
  const plain: f32 = <f32>nmax / (max - min);
  let scale: f32 = 1 / plain;
  let least: f32 = 0;
  for (let i = 0; i < n; i++) {
    const v = value(i);
    const l = clamp(nearestInt(plain * (v - min)), 0, nmax);
    setCode(i, l);
    const diff = scale * <f32>l + min - v;
    least += weight(i) * (magnitudes ? abs<f32>(diff) : diff * diff);
  }
  for (let k = 0; k <= steps; k++) {
    const inverse: f32 = (rmin + rdelta * <f32>k + <f32>nmax) / (max - min);
    let sumL: f32 = 0;
    let sumL2: f32 = 0;
    let sumXL: f32 = 0;
    for (let i = 0; i < n; i++) {
      const v = value(i);
      const l = clamp(nearestInt(inverse * (v - min)), 0, nmax);
      setTried(i, l);
      const wl = weight(i) * <f32>l;
      sumL += wl;
      sumL2 += wl * <f32>l;
      sumXL += wl * v;
    }
    const determinant = sumW * sumL2 - sumL * sumL;
    if (!(determinant > 0)) continue;
    let newScale = (sumW * sumXL - sumX * sumL) / determinant;
    let newMin = (sumL2 * sumX - sumL * sumXL) / determinant;
    if (newMin > 0) {
      newMin = 0;
      newScale = sumXL / sumL2;
    }
    let error: f32 = 0;
    for (let i = 0; i < n && !(error >= least); i++) {
      const diff = newScale * <f32>tried(i) + newMin - value(i);
      error += weight(i) * (magnitudes ? abs<f32>(diff) : diff * diff);
    }
    if (error < least) {
      for (let i = 0; i < n; i++) setCode(i, tried(i));
      least = error;
      scale = newScale;
      min = newMin;
    }
  }
  store<f32>(FLOATS, scale);
  store<f32>(FLOATS, -min, 4);
}

// A scale for values that are not negative, or nearly so, and codes 0..nmax.
export function searchPositive(n: i32, nmax: i32): f32 {
  let max: f32 = 0;
  for (let i = 0; i < n; i++) if (!(max > value(i))) max = value(i);
  if (max < EPSILON) {
    for (let i = 0; i < n; i++) setCode(i, 0);
    return 0;
  }
  const plain: f32 = <f32>nmax / max;
  let inverse = plain;
  let least: f32 = 0;
  for (let k = -5; k <= 4; k++) {
    const first = k == -5;
    if (k == 0) continue;
    const trial: f32 = first ? plain : (<f32>0.1 * <f32>k + <f32>nmax) / max;
    const scale: f32 = 1 / trial;
    let error: f32 = 0;
    for (let i = 0; i < n; i++) {
      let l = nearestInt(trial * value(i));
      if (first) l &= 255;
      else if (nmax < l) l = nmax;
      const diff = value(i) - scale * <f32>l;
      error += weight(i) * diff * diff;
    }
    if (first) least = error;
    else if (error < least) {
      least = error;
      inverse = trial;
    }
  }
  let sumlx: f32 = 0;
  let suml2: f32 = 0;
  for (let i = 0; i < n; i++) {
    const l = min<i32>(nmax, nearestInt(inverse * value(i)));
    setCode(i, l);
    sumlx += weight(i) * value(i) * <f32>l;
    suml2 += weight(i) * <f32>l * <f32>l;
  }
  let changed = true;
  for (let round = 0; round < 5 && changed; round++) {
    changed = false;
    for (let i = 0; i < n; i++) {
      const w = weight(i);
      const v = value(i);
      const old = code(i);
      let slx = sumlx - w * v * <f32>old;
      let sl2 = suml2 - w * <f32>old * <f32>old;
      if (!(slx > 0 && sl2 > 0)) continue;
      const l = min<i32>(nmax, nearestInt((v * sl2) / slx));
      if (l == old) continue;
      slx += w * v * <f32>l;
      sl2 += w * <f32>l * <f32>l;
      if (slx * slx * suml2 > sumlx * sumlx * sl2) {
        setCode(i, l);
        sumlx = slx;
        suml2 = sl2;
        changed = true;
      }
    }
  }
  return suml2 > 0 ? sumlx / suml2 : 0;
}
