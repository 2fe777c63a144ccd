// ../vector/kmeans.ts: the nearest centre by the sum of squares in float64, in the order of the dimensions; the first among equals.

// Centres lie in pairs: for each pair, two numbers a dimension. An odd last one has a partner at infinity.
export function nearestCentres(
  values: usize,
  count: i32,
  dim: i32,
  centres: usize,
  pairs: i32,
  codes: usize,
): void {
  const width = <usize>dim << 4;
  for (let i = 0; i < count; i++) {
    let least = f64x2.splat(Infinity);
    let best = i64x2.splat(0);
    let own = i64x2.splat(0);
    let at = centres;
    for (let p = 0; p < pairs; p++) {
      let sum = f64x2.splat(0);
      for (let d: usize = 0; d < width; d += 16) {
        const e = f64x2.sub(f64x2.splat(<f64>load<f32>(values + (d >> 2))), v128.load(at + d));
        sum = f64x2.add(sum, f64x2.mul(e, e));
      }
      at += width;
      const less = f64x2.lt(sum, least);
      least = v128.bitselect(sum, least, less);
      best = v128.bitselect(own, best, less);
      own = i64x2.add(own, i64x2.splat(1));
    }
    const even = f64x2.extract_lane(least, 0);
    const odd = f64x2.extract_lane(least, 1);
    const a = <i32>i64x2.extract_lane(best, 0) * 2;
    const b = <i32>i64x2.extract_lane(best, 1) * 2 + 1;
    store<i32>(codes, odd < even || (odd == even && b < a) ? b : a);
    codes += 4;
    values += <usize>dim << 2;
  }
}
