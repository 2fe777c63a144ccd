// ../trellis/viterbi.ts: the cheapest walk through a bit-shift trellis of 16 bits that ends where it began, in float32.
//
// A state's upper 16 - B bits are those that it came with, its lower 16 - B bits those that it hands on, its edge. `costs` has room for
// two costs an edge, `back` for one byte an edge and step: the upper B bits of the state by which the edge is reached most cheaply.

// One step: the cost of each edge from the costs of the edges before. `first` has no costs before it.
function forward(
  bits: i32,
  pair: bool,
  tables: usize,
  w0: f32,
  w1: f32,
  before: usize,
  after: usize,
  back: usize,
  first: bool,
  pre: i32,
): void {
  const edges = 65536 >> bits;
  const rest = 16 - bits;
  const branches = 1 << bits;
  const a = f32x4.splat(w0);
  const b = f32x4.splat(w1);
  for (let e = 0; e < edges; e += 4) {
    let least = f32x4.splat(Infinity);
    let best = i32x4.splat(0);
    for (let k = 0; k < branches; k++) {
      const state = (k << rest) | e;
      const d = f32x4.sub(v128.load(tables + ((<usize>state) << 2)), a);
      let cost = f32x4.mul(d, d);
      if (pair) {
        const f = f32x4.sub(v128.load(tables + 262144 + ((<usize>state) << 2)), b);
        cost = f32x4.add(cost, f32x4.mul(f, f));
      }
      const from = state >> bits;
      if (!first) {
        const at = before + ((<usize>from) << 2);
        if (bits == 1) {
          const two = v128.load64_zero(at);
          cost = f32x4.add(cost, v128.shuffle<i32>(two, two, 0, 0, 1, 1));
        } else cost = f32x4.add(cost, v128.load32_splat(at));
      } else if (pre >= 0) {
        const own = bits == 1 ? i32x4(from, from, from + 1, from + 1) : i32x4.splat(from);
        cost = v128.bitselect(cost, f32x4.splat(Infinity), i32x4.eq(own, i32x4.splat(pre)));
      }
      const less = f32x4.lt(cost, least);
      least = f32x4.pmin(least, cost);
      best = v128.bitselect(i32x4.splat(k), best, less);
    }
    v128.store(after + ((<usize>e) << 2), least);
    const narrow = i16x8.narrow_i32x4_s(best, best);
    v128.store32_lane(back + <usize>e, i8x16.narrow_i16x8_u(narrow, narrow), 0);
  }
}

// The same for two bits a step and single values, with its four branches written out.
function forwardTwo(tables: usize, w: f32, before: usize, after: usize, back: usize): void {
  const a = f32x4.splat(w);
  for (let e: usize = 0; e < 65536; e += 16) {
    const from = before + ((e >> 4) << 2);
    const d0 = f32x4.sub(v128.load(tables + e), a);
    const d1 = f32x4.sub(v128.load(tables + e, 65536), a);
    const d2 = f32x4.sub(v128.load(tables + e, 131072), a);
    const d3 = f32x4.sub(v128.load(tables + e, 196608), a);
    const c0 = f32x4.add(f32x4.mul(d0, d0), v128.load32_splat(from));
    const c1 = f32x4.add(f32x4.mul(d1, d1), v128.load32_splat(from, 16384));
    const c2 = f32x4.add(f32x4.mul(d2, d2), v128.load32_splat(from, 32768));
    const c3 = f32x4.add(f32x4.mul(d3, d3), v128.load32_splat(from, 49152));
    const low = f32x4.pmin(c0, c1);
    const high = f32x4.pmin(c2, c3);
    const upper = f32x4.lt(high, low);
    const odd = v128.bitselect(f32x4.lt(c3, c2), f32x4.lt(c1, c0), upper);
    v128.store(after + e, f32x4.pmin(low, high));
    const best = v128.or(v128.and(upper, i32x4.splat(2)), v128.and(odd, i32x4.splat(1)));
    const narrow = i16x8.narrow_i32x4_s(best, best);
    v128.store32_lane(back + (e >> 2), i8x16.narrow_i16x8_u(narrow, narrow), 0);
  }
}

// All steps from `roll` on, around; the costs of the edges at the end lie in the half of `costs` that is given back.
function walk(values: usize, steps: i32, roll: i32, bits: i32, pair: bool, tables: usize, costs: usize, back: usize, pre: i32): usize {
  const edges = 65536 >> bits;
  let before = costs;
  let after = costs + ((<usize>edges) << 2);
  for (let i = 0; i < steps; i++) {
    const at = i + roll < steps ? i + roll : i + roll - steps;
    const w0 = load<f32>(values + ((<usize>at) << (pair ? 3 : 2)));
    const w1 = pair ? load<f32>(values + ((<usize>at) << 3), 4) : 0;
    const own = back + <usize>at * <usize>edges;
    if (bits == 2 && !pair && i > 0) forwardTwo(tables, w0, before, after, own);
    else forward(bits, pair, tables, w0, w1, before, after, own, i == 0, pre);
    const swap = before;
    before = after;
    after = swap;
  }
  return before;
}

// Two passes: from the middle, free, for the bits in which the walk crosses its beginning; then from the beginning, held to them.
export function tailBite(
  values: usize,
  steps: i32,
  bits: i32,
  pair: bool,
  tables: usize,
  costs: usize,
  back: usize,
  states: usize,
): void {
  const edges = 65536 >> bits;
  const rest = 16 - bits;
  const half = steps >> 1;
  const ends = walk(values, steps, half, bits, pair, tables, costs, back, -1);
  let edge = 0;
  for (let e = 1; e < edges; e++) {
    if (load<f32>(ends + ((<usize>e) << 2)) < load<f32>(ends + ((<usize>edge) << 2))) edge = e;
  }
  // Back to the beginning, which lies as many steps after the middle as there are before it.
  for (let at = half - 1; at >= 0; at--) {
    edge = ((<i32>load<u8>(back + <usize>at * <usize>edges + <usize>edge) << rest) | edge) >> bits;
  }
  walk(values, steps, 0, bits, pair, tables, costs, back, edge);
  for (let at = steps - 1; at >= 0; at--) {
    const state = (<i32>load<u8>(back + <usize>at * <usize>edges + <usize>edge) << rest) | edge;
    store<u16>(states + ((<usize>at) << 1), <u16>state);
    edge = state >> bits;
  }
}
