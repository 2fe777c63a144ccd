// ../additive/search.ts: the centres with the largest 2 x c - n(c), in float32, the first among equals before the rest.

// Centres lie in fours: for each four, four numbers a dimension. What fills the last four has a norm of infinity. `indices` and `scores`
// take `most` of them, best first.
export function bestCentres(
  x: usize,
  dim: i32,
  centres: usize,
  norms: usize,
  fours: i32,
  most: i32,
  indices: usize,
  scores: usize,
): void {
  for (let b = 0; b < most; b++) {
    store<f32>(scores + ((<usize>b) << 2), -Infinity);
    store<i32>(indices + ((<usize>b) << 2), 0);
  }
  const last = scores + ((<usize>(most - 1)) << 2);
  let bar = f32x4.splat(-Infinity);
  const width = (<usize>dim) << 4;
  for (let q = 0; q < fours; q++) {
    let sum = f32x4.splat(0);
    for (let d: usize = 0; d < width; d += 16) {
      sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(x + (d >> 2)), v128.load(centres + d)));
    }
    centres += width;
    const score = f32x4.sub(f32x4.add(sum, sum), v128.load(norms + ((<usize>q) << 4)));
    if (!v128.any_true(f32x4.gt(score, bar))) continue;
    insert(f32x4.extract_lane(score, 0), q * 4, most, indices, scores);
    insert(f32x4.extract_lane(score, 1), q * 4 + 1, most, indices, scores);
    insert(f32x4.extract_lane(score, 2), q * 4 + 2, most, indices, scores);
    insert(f32x4.extract_lane(score, 3), q * 4 + 3, most, indices, scores);
    bar = v128.load32_splat(last);
  }
}

function insert(score: f32, index: i32, most: i32, indices: usize, scores: usize): void {
  let place = most;
  while (place > 0 && score > load<f32>(scores + ((<usize>(place - 1)) << 2))) place--;
  if (place == most) return;
  for (let b = most - 1; b > place; b--) {
    store<f32>(scores + ((<usize>b) << 2), load<f32>(scores + ((<usize>(b - 1)) << 2)));
    store<i32>(indices + ((<usize>b) << 2), load<i32>(indices + ((<usize>(b - 1)) << 2)));
  }
  store<f32>(scores + ((<usize>place) << 2), score);
  store<i32>(indices + ((<usize>place) << 2), index);
}
