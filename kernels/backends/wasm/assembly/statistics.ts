// Largest magnitudes, ends and signed maxima of blocks; NaN and Inf are left out and remembered.
import { Field } from "../fields";
import { address, int } from "./memory";

let most: usize = 0;
let least: usize = 0;
let greatest: usize = 0;
let signed: usize = 0;
let bad: usize = 0;

export function startStatistics(): void {
  most = address(Field.amax);
  least = address(Field.min);
  greatest = address(Field.max);
  signed = address(Field.signed);
  bad = address(Field.bad);
}

function one(value: f32, block: usize): void {
  if (value - value != 0) {
    store<u8>(bad + block, 1);
    return;
  }
  const at = block << 2;
  const m = Mathf.abs(value);
  if (m > load<f32>(most + at)) {
    store<f32>(most + at, m);
    if (signed) store<f32>(signed + at, value);
  }
  if (least) {
    if (value < load<f32>(least + at)) store<f32>(least + at, value);
    if (value > load<f32>(greatest + at)) store<f32>(greatest + at, value);
  }
}

/** Adds n elements, each of a block of its own from `block` on. */
export function statisticsByColumn(u: usize, n: i32, block: i32): void {
  let i: usize = 0;
  const b = <usize>block;
  if (!least && !signed) {
    const magnitude = i32x4.splat(0x7fffffff);
    for (const whole = <usize>(n & ~3); i < whole; i += 4) {
      const m = v128.and(v128.load(u + (i << 2)), magnitude);
      const at = most + ((b + i) << 2);
      if (v128.any_true(i32x4.gt_s(m, i32x4.splat(0x7f7fffff)))) {
        for (let k: usize = i; k < i + 4; k++) one(load<f32>(u + (k << 2)), b + k);
      } else v128.store(at, i32x4.max_s(v128.load(at), m));
    }
  }
  for (; i < <usize>n; i++) one(load<f32>(u + (i << 2)), b + i);
}

/** Adds the n elements of a run to its block. */
// @ts-ignore: decorator
@inline export function statisticsOfRun(u: usize, n: i32, block: usize): void {
  const magnitude = i32x4.splat(0x7fffffff);
  const whole = ((<usize>n) << 2) & ~15;
  const at = block << 2;
  let i: usize = 0;
  if (whole) {
    let m = i32x4.splat(0);
    let low = i32x4.splat(0);
    let high = i32x4.splat(0);
    if (least) {
      for (; i < whole; i += 16) {
        const x = v128.load(u + i);
        m = i32x4.max_s(m, v128.and(x, magnitude));
        low = f32x4.pmin(low, x);
        high = f32x4.pmax(high, x);
      }
    } else {
      let m1 = m;
      for (const double = whole & ~31; i < double; i += 32) {
        m = i32x4.max_s(m, v128.and(v128.load(u + i), magnitude));
        m1 = i32x4.max_s(m1, v128.and(v128.load(u + i, 16), magnitude));
      }
      if (i < whole) {
        m = i32x4.max_s(m, v128.and(v128.load(u + i), magnitude));
        i += 16;
      }
      m = i32x4.max_s(m, m1);
    }
    m = i32x4.max_s(m, v128.shuffle<i64>(m, m, 1, 0));
    const bits = max(i32x4.extract_lane(m, 0), i32x4.extract_lane(m, 1));
    if (bits > 0x7f7fffff) i = 0;
    else {
      const top = reinterpret<f32>(bits);
      if (top > load<f32>(most + at)) {
        store<f32>(most + at, top);
        if (signed) {
          // The first of equals.
          let k = u;
          while (Mathf.abs(load<f32>(k)) != top) k += 4;
          store<f32>(signed + at, load<f32>(k));
        }
      }
      if (least) {
        v128.store(LANES, low);
        v128.store(LANES, high, 16);
        for (let k: usize = 0; k < 16; k += 4) {
          const a = load<f32>(LANES + k);
          const b = load<f32>(LANES + k, 16);
          if (a < load<f32>(least + at)) store<f32>(least + at, a);
          if (b > load<f32>(greatest + at)) store<f32>(greatest + at, b);
        }
      }
    }
  }
  for (const end = (<usize>n) << 2; i < end; i += 4) one(load<f32>(u + i), block);
}

const LANES: usize = memory.data(32, 16);
