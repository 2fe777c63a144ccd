// ../e8p/search.ts: the nearest of E8P's points, in float32. The 256 magnitudes lie in fours: for each four, four numbers a dimension,
// then the norms, then masks of those whose signs are odd in number.
const STRIDE: usize = 16 * 10;

const magnitudes = memory.data(32);
const found = memory.data(16);

// The best of all magnitudes for x less a shift: its index, its score and the place of a sign that turns, or -1, left in `found`.
function search(x: usize, shift: f32, grid: usize): void {
  let odd = 0;
  for (let d: usize = 0; d < 32; d += 4) {
    const y = load<f32>(x + d) - shift;
    if (y < 0) odd ^= -1;
    store<f32>(magnitudes + d, abs<f32>(y));
  }
  const parity = i32x4.splat(odd);
  let most = f32x4.splat(-Infinity);
  let best = i32x4.splat(0);
  let own = i32x4.splat(0);
  const one = i32x4.splat(1);
  for (let q = 0; q < 64; q++) {
    let sum = f32x4.splat(0);
    let least = f32x4.splat(Infinity);
    for (let d: usize = 0; d < 8; d++) {
      const p = f32x4.mul(v128.load32_splat(magnitudes + (d << 2)), v128.load(grid + (d << 4)));
      sum = f32x4.add(sum, p);
      least = f32x4.pmin(least, p);
    }
    // Where the signs do not suit, the least product changes its own.
    const turns = v128.xor(parity, v128.load(grid, 144));
    sum = f32x4.sub(sum, v128.and(turns, f32x4.add(least, least)));
    const score = f32x4.sub(f32x4.add(sum, sum), v128.load(grid, 128));
    const more = f32x4.gt(score, most);
    most = v128.bitselect(score, most, more);
    best = v128.bitselect(own, best, more);
    own = i32x4.add(own, one);
    grid += STRIDE;
  }
  let score: f32 = -Infinity;
  let index = 0;
  for (let lane = 0; lane < 4; lane++) {
    const s = lane == 0 ? f32x4.extract_lane(most, 0) : lane == 1 ? f32x4.extract_lane(most, 1) : lane == 2 ? f32x4.extract_lane(most, 2) : f32x4.extract_lane(most, 3);
    const b = lane == 0 ? i32x4.extract_lane(best, 0) : lane == 1 ? i32x4.extract_lane(best, 1) : lane == 2 ? i32x4.extract_lane(best, 2) : i32x4.extract_lane(best, 3);
    const i = b * 4 + lane;
    if (s > score || (s == score && i < index)) {
      score = s;
      index = i;
    }
  }
  store<i32>(found, index);
  store<f32>(found, score, 4);
}

// For each of `count` vectors of eight: the index of its magnitudes, and 256 more where it is shifted by -1/4 rather than by 1/4.
export function nearestE8p(values: usize, count: i32, grid: usize, codes: usize): void {
  for (let i = 0; i < count; i++) {
    let plus: f32 = 0;
    let minus: f32 = 0;
    for (let d: usize = 0; d < 32; d += 4) {
      const a = load<f32>(values + d) - <f32>0.25;
      const b = load<f32>(values + d) + <f32>0.25;
      plus += a * a;
      minus += b * b;
    }
    search(values, 0.25, grid);
    const first = load<i32>(found);
    const firstError = plus - load<f32>(found, 4);
    search(values, -0.25, grid);
    const second = load<i32>(found);
    const secondError = minus - load<f32>(found, 4);
    store<i32>(codes, secondError < firstError ? second + 256 : first);
    codes += 4;
    values += 32;
  }
}
