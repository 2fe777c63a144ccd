// ../search-grid.ts: the scale of a group whose magnitudes are points of a grid.
import { CODES, TRIED, nearestInt, setTried, tried, value, weight } from "./areas";

const MOST: f32 = f32.MAX_VALUE;
const ROOTS = memory.data(4 * 32, 16);

// A grid as it lies in memory: how its points are coded, the codes of their coordinates, and for every place its point, or where the
// list of points around it lies (an address, as a negative number), or 0x80000000 where nobody asked yet.
@unmanaged class Grid {
  dims: i32;
  bits: i32;
  levels: i32;
  count: i32;
  distances: i32;
  points: usize;
  places: usize;
}

const NOT_ASKED = i32.MIN_VALUE;

let end: usize = 0;

/** Memory that is never given back. */
function take(bytes: usize): usize {
  if (end == 0) end = __heap_base;
  const at = (end + 15) & ~15;
  end = at + bytes;
  const pages = <i32>((end + 0xffff) >> 16) - memory.size();
  if (pages > 0 && memory.grow(pages) < 0) unreachable();
  return at;
}

export function pointsOf(grid: Grid): usize {
  return grid.points;
}

/** A grid of `count` points, whose codes are to be written where `pointsOf` says before anything else. */
export function makeGrid(dims: i32, bits: i32, levels: i32, count: i32, distances: i32): Grid {
  const grid = changetype<Grid>(take(offsetof<Grid>()));
  grid.dims = dims;
  grid.bits = bits;
  grid.levels = levels;
  grid.count = count;
  grid.distances = distances;
  grid.points = take(dims * count + 8);
  grid.places = 0;
  return grid;
}

function fillPlaces(grid: Grid): void {
  const size: i32 = 1 << (grid.bits * grid.dims);
  const places = take(<usize>size << 2);
  for (let i = 0; i < size; i++) store<i32>(places + (<usize>i << 2), NOT_ASKED);
  for (let p = 0; p < grid.count; p++) {
    let place = 0;
    for (let k = 0; k < grid.dims; k++) {
      place |= <i32>load<u8>(grid.points + <usize>(p * grid.dims + k)) << (grid.bits * k);
    }
    store<i32>(places + (<usize>place << 2), p);
  }
  grid.places = places;
}

const FAR = memory.data(2 * 2048, 16);
const AT_DISTANCE = memory.data(2 * 400, 16);
const OWN = memory.data(8, 8);

/** The list of points around a place off the grid: how many, then their numbers. */
function around(grid: Grid, place: i32): usize {
  const dims = grid.dims;
  memory.fill(AT_DISTANCE, 0, 800);
  memory.fill(OWN, 0, 8);
  for (let k = 0; k < dims; k++) {
    store<u8>(OWN + <usize>k, <u8>((place >> (grid.bits * k)) & ((1 << grid.bits) - 1)));
  }
  const own = v128.load8x8_u(OWN);
  // Points of four codes lie closer: what is read beyond them is left out of the sum.
  const four = dims == 4;
  for (let p = 0; p < grid.count; p++) {
    const difference = i16x8.sub(v128.load8x8_u(grid.points + <usize>(p * dims)), own);
    const squares = i32x4.dot_i16x8_s(difference, difference);
    let sum = i32x4.extract_lane(squares, 0) + i32x4.extract_lane(squares, 1);
    if (!four) sum += i32x4.extract_lane(squares, 2) + i32x4.extract_lane(squares, 3);
    store<u16>(FAR + (<usize>p << 1), <u16>sum);
    const at = AT_DISTANCE + (<usize>sum << 1);
    store<u16>(at, load<u16>(at) + 1);
  }
  let total = 0;
  let chosen = 0;
  let last = 0;
  for (let d = 0; d < 400 && chosen < grid.distances; d++) {
    const there = <i32>load<u16>(AT_DISTANCE + (<usize>d << 1));
    if (there == 0) continue;
    total += there;
    chosen++;
    last = d;
  }
  const list = take(<usize>(total + 1) << 1);
  store<u16>(list, <u16>total);
  let next = list + 2;
  for (let d = 0; d <= last; d++) {
    if (load<u16>(AT_DISTANCE + (<usize>d << 1)) == 0) continue;
    for (let p = 0; p < grid.count; p++) {
      if (<i32>load<u16>(FAR + (<usize>p << 1)) != d) continue;
      store<u16>(next, <u16>p);
      next += 2;
    }
  }
  return list;
}

/** The point of the codes at an address, or below zero where they lie off the grid: then the list around them is at minus it. */
@inline function lookUp(grid: Grid, codes: usize): i32 {
  let place = 0;
  const dims = grid.dims;
  const bits = grid.bits;
  for (let k = 0; k < dims; k++) place |= <i32>load<u8>(codes + <usize>k) << (bits * k);
  const at = grid.places + (<usize>(place & 0xffff) << 2);
  const known = load<i32>(at);
  if (known != NOT_ASKED) return known;
  const list = -(<i32>around(grid, place));
  store<i32>(at, list);
  return list;
}

/** Moves the codes at an address to the nearest point of a list; false where no distance is a number. */
function moveToGrid(grid: Grid, list: usize, from: i32, scale: f32, codes: usize): bool {
  const dims = grid.dims;
  const count = <i32>load<u16>(list);
  let least = MOST;
  let best: usize = 0;
  for (let c = 0; c < count; c++) {
    list += 2;
    const point = grid.points + <usize>load<u16>(list) * dims;
    let sum: f32 = 0;
    for (let k = 0; k < dims; k++) {
      const level: i32 = 2 * <i32>load<u8>(point + <usize>k) + 1;
      const diff: f32 = scale * <f32>level - value(from + k);
      sum += load<f32>(ROOTS + (<usize>(from + k) << 2)) * diff * diff;
    }
    if (sum < least) {
      least = sum;
      best = point;
    }
  }
  if (best == 0) return false;
  memory.copy(codes, best, dims);
  return true;
}

let sumqx: f32 = 0;
let sumq2: f32 = 0;

@inline function sumUp(n: i32, codes: usize): void {
  let x: f32 = 0;
  let two: f32 = 0;
  for (let i = 0; i < n; i++) {
    const level: i32 = 2 * <i32>load<u8>(codes + <usize>i) + 1;
    const q = <f32>level;
    const w = weight(i);
    x += w * value(i) * q;
    two += w * q * q;
  }
  sumqx = x;
  sumq2 = two;
}

@inline function codeOf(v: f32, inverse: f32, last: i32): i32 {
  const l = nearestInt(<f32>0.5 * (inverse * v - 1));
  return l < 0 ? 0 : l > last ? last : l;
}

const OFF = memory.data(8, 8);
const OFF_TRIED = memory.data(8, 8);

/** What `again` says: every run, every run if one is off the grid, or those off it alone. */
const ALL = 0;
const OFF_ALONE = 2;

/** As ../search-grid.ts; -1 for "ggml stops here", which no scale is: scales below zero come back from a group as they are, in `floats`. */
export function searchGrid(
  grid: Grid,
  n: i32,
  tries: i32,
  step: f32,
  again: i32,
  plain: f32,
  scale: f32,
  into: usize,
): bool {
  if (grid.places == 0) fillPlaces(grid);
  for (let i = 0; i < n; i++) store<f32>(ROOTS + (<usize>i << 2), sqrt<f32>(weight(i)));
  const dims = grid.dims;
  const last = grid.levels - 1;
  const runs = n / dims;
  const levels: i32 = 2 * grid.levels - 1;
  const top = <f32>levels;
  let best: f32 = 0;
  memory.fill(OFF, again == OFF_ALONE ? 0 : 1, 8);
  for (let k = -tries; k <= tries; k++) {
    const inverse: f32 = (top + <f32>k * step) / plain;
    const itsScale: f32 = 1 / inverse;
    for (let run = 0; run < runs; run++) {
      const from = run * dims;
      for (let i = from; i < from + dims; i++) setTried(i, codeOf(value(i), inverse, last));
      const codes = TRIED + <usize>from;
      const found = lookUp(grid, codes);
      store<u8>(OFF_TRIED + <usize>run, found < 0 ? 1 : 0);
      if (found < 0 && !moveToGrid(grid, <usize>-found, from, itsScale, codes)) return false;
    }
    sumUp(n, TRIED);
    if (sumq2 > 0 && sumqx * sumqx > best * sumq2) {
      scale = sumqx / sumq2;
      best = scale * sumqx;
      memory.copy(CODES, TRIED, n);
      if (again != ALL) memory.copy(OFF, OFF_TRIED, runs);
    }
  }
  store<f32>(into, scale);
  if (!(scale > 0)) return true;
  let any = false;
  for (let run = 0; run < runs; run++) if (load<u8>(OFF + <usize>run)) any = true;
  if (!any) return true;
  const inverse: f32 = 1 / scale;
  for (let run = 0; run < runs; run++) {
    if (again == OFF_ALONE && load<u8>(OFF + <usize>run) == 0) continue;
    const from = run * dims;
    const codes = CODES + <usize>from;
    for (let i = 0; i < dims; i++) store<u8>(codes + <usize>i, <u8>codeOf(value(from + i), inverse, last));
    const found = lookUp(grid, codes);
    if (found < 0 && !moveToGrid(grid, <usize>-found, from, scale, codes)) return false;
  }
  sumUp(n, CODES);
  if (sumq2 > 0) store<f32>(into, sumqx / sumq2);
  return true;
}
