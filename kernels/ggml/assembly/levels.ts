// ../encode-levels.ts: the scale of 32 values whose codes are looked up in the levels of IQ4.
import { value, weight } from "./areas";

const LEVELS = memory.data<i8>([-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113]);
const EPSILON: f32 = 1e-15;

@inline function level(code: i32): f32 {
  return <f32>load<i8>(LEVELS + <usize>code);
}

// The level nearest to x; midway between two the upper.
function nearestLevel(x: f32): f32 {
  if (!(x > -127)) return x <= -127 ? -127 : 113;
  if (x >= 113) return 113;
  let low = 0;
  let high = 15;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (x < level(middle)) high = middle;
    else low = middle;
  }
  return x - level(low) < level(high) - x ? level(low) : level(high);
}

export function searchLevels(): f32 {
  let amax: f32 = 0;
  let max: f32 = 0;
  for (let i = 0; i < 32; i++) {
    const a = abs<f32>(value(i));
    if (a > amax) {
      amax = a;
      max = value(i);
    }
  }
  if (amax < EPSILON) return 0;
  let d: f32 = -max / -127;
  let best: f32 = 0;
  for (let k = -8; k <= 7; k++) {
    const first = k == -8;
    const id: f32 = first ? 1 / d : <f32>(k - 127) / max;
    let sumqx: f32 = 0;
    let sumq2: f32 = 0;
    for (let i = 0; i < 32; i++) {
      const v = value(i);
      const q = nearestLevel(id * v);
      const wq = weight(i) * q;
      sumqx += wq * v;
      sumq2 += wq * q;
    }
    if (first) d = sumq2 > 0 ? sumqx / sumq2 : 0;
    else if (sumq2 > 0 && sumqx * sumqx > best * sumq2) d = sumqx / sumq2;
    else continue;
    best = d * sumqx;
  }
  return d;
}
