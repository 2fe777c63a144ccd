// ../encode-iq1.ts: the best of all splits of sorted values into three levels. Leaves codes, and in the floats scale and direction.
import { FLOATS, setCode, value, weight } from "./areas";

const UP_LOW: f32 = -0.875;
const UP_MIDDLE: f32 = 0.125;
const UP_HIGH: f32 = 1.125;
const DOWN_LOW: f32 = -1.125;
const DOWN_MIDDLE: f32 = -0.125;
const DOWN_HIGH: f32 = 0.875;
const LEAST: f32 = -f32.MAX_VALUE;

const ORDER = memory.data(32, 16);

@inline function place(j: i32): i32 {
  return <i32>load<u8>(ORDER + <usize>j);
}

function sort(n: i32): void {
  for (let i = 0; i < n; i++) {
    const v = value(i);
    let j = i;
    for (; j > 0 && value(place(j - 1)) > v; j--) store<u8>(ORDER + <usize>j, <u8>place(j - 1));
    store<u8>(ORDER + <usize>j, <u8>i);
  }
}

function finish(n: i32, low: i32, high: i32, scale: f32, which: i32): bool {
  if (low < 0) return false;
  for (let j = 0; j < n; j++) setCode(place(j), j < low ? 0 : j < high ? 1 : 2);
  store<f32>(FLOATS, scale);
  store<f32>(FLOATS, <f32>which, 4);
  return true;
}

const SUMX = memory.data(4 * 33, 16);
const SUMW = memory.data(4 * 33, 16);

@inline function sum(at: usize, i: i32): f32 {
  return load<f32>(at + (<usize>i << 2));
}

/** 32 values with one direction, 1 for up and -1 for down. False where no split says anything. */
export function splitThirtyTwo(): bool {
  sort(32);
  store<f32>(SUMX, 0);
  store<f32>(SUMW, 0);
  for (let j = 0; j < 32; j++) {
    const i = place(j);
    store<f32>(SUMX + (<usize>(j + 1) << 2), sum(SUMX, j) + weight(i) * value(i));
    store<f32>(SUMW + (<usize>(j + 1) << 2), sum(SUMW, j) + weight(i));
  }
  const allX = sum(SUMX, 32);
  const allW = sum(SUMW, 32);
  let score = LEAST;
  let scale: f32 = 0;
  let bestLow = -1;
  let bestHigh = -1;
  let which = 0;
  for (let low = 0; low <= 32; low++) {
    const xl = sum(SUMX, low);
    const wl = sum(SUMW, low);
    for (let high = low; high <= 32; high++) {
      const xm = sum(SUMX, high) - xl;
      const wm = sum(SUMW, high) - wl;
      const xh = allX - sum(SUMX, high);
      const wh = allW - sum(SUMW, high);
      let sumqx = xl * UP_LOW + xm * UP_MIDDLE + xh * UP_HIGH;
      let sumq2 = wl * UP_LOW * UP_LOW + wm * UP_MIDDLE * UP_MIDDLE + wh * UP_HIGH * UP_HIGH;
      if (sumq2 > 0 && sumqx * sumqx > score * sumq2) {
        scale = sumqx / sumq2;
        score = scale * sumqx;
        bestLow = low;
        bestHigh = high;
        which = 1;
      }
      sumqx = xl * DOWN_LOW + xm * DOWN_MIDDLE + xh * DOWN_HIGH;
      sumq2 = wl * DOWN_LOW * DOWN_LOW + wm * DOWN_MIDDLE * DOWN_MIDDLE + wh * DOWN_HIGH * DOWN_HIGH;
      if (sumq2 > 0 && sumqx * sumqx > score * sumq2) {
        scale = sumqx / sumq2;
        score = scale * sumqx;
        bestLow = low;
        bestHigh = high;
        which = -1;
      }
    }
  }
  return finish(32, bestLow, bestHigh, scale, which);
}

// What each value adds at each level to the sums of all four choices of directions: four of x, then four of squares.
const TERMS = memory.data(3 * 16 * 32, 16);

@inline function terms(level: i32, i: i32): usize {
  return TERMS + (<usize>(level * 16 + i) << 5);
}

function fillTerms(level: i32, up: f32, down: f32): void {
  for (let i = 0; i < 16; i++) {
    const w = weight(i);
    const upX = w * up * value(i);
    const downX = w * down * value(i);
    const up2 = w * up * up;
    const down2 = w * down * down;
    const at = terms(level, i);
    const first = i < 8;
    store<f32>(at, upX);
    store<f32>(at, first ? upX : downX, 4);
    store<f32>(at, first ? downX : upX, 8);
    store<f32>(at, downX, 12);
    store<f32>(at, up2, 16);
    store<f32>(at, first ? up2 : down2, 20);
    store<f32>(at, first ? down2 : up2, 24);
    store<f32>(at, down2, 28);
  }
}

/** 16 values with a direction for each half: 0 for both up, then up and down, down and up, both down. */
export function splitSixteen(): bool {
  sort(16);
  fillTerms(0, UP_LOW, DOWN_LOW);
  fillTerms(1, UP_MIDDLE, DOWN_MIDDLE);
  fillTerms(2, UP_HIGH, DOWN_HIGH);
  let score = LEAST;
  let scale: f32 = 0;
  let bestLow = -1;
  let bestHigh = -1;
  let which = 0;
  let headX = f32x4.splat(0);
  let head2 = f32x4.splat(0);
  for (let low = 0; low <= 16; low++) {
    if (low > 0) {
      const at = terms(0, place(low - 1));
      headX = f32x4.add(headX, v128.load(at));
      head2 = f32x4.add(head2, v128.load(at, 16));
    }
    let runX = headX;
    let run2 = head2;
    for (let high = low; high <= 16; high++) {
      if (high > low) {
        const at = terms(1, place(high - 1));
        runX = f32x4.add(runX, v128.load(at));
        run2 = f32x4.add(run2, v128.load(at, 16));
      }
      let x = runX;
      let two = run2;
      for (let j = high; j < 16; j++) {
        const at = terms(2, place(j));
        x = f32x4.add(x, v128.load(at));
        two = f32x4.add(two, v128.load(at, 16));
      }
      const squares = f32x4.mul(x, x);
      // Most splits are worse in every direction than the best so far.
      if (!v128.any_true(f32x4.gt(squares, f32x4.mul(f32x4.splat(score), two)))) continue;
      for (let k = 0; k < 4; k++) {
        const sumqx = k == 0 ? f32x4.extract_lane(x, 0) : k == 1 ? f32x4.extract_lane(x, 1) : k == 2 ? f32x4.extract_lane(x, 2) : f32x4.extract_lane(x, 3);
        const sumq2 = k == 0 ? f32x4.extract_lane(two, 0) : k == 1 ? f32x4.extract_lane(two, 1) : k == 2 ? f32x4.extract_lane(two, 2) : f32x4.extract_lane(two, 3);
        if (!(sumq2 > 0 && sumqx * sumqx > score * sumq2)) continue;
        scale = sumqx / sumq2;
        score = scale * sumqx;
        bestLow = low;
        bestHigh = high;
        which = k;
      }
    }
  }
  return finish(16, bestLow, bestHigh, scale, which);
}
