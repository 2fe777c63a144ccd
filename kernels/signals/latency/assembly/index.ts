// One token times a matrix of packed codes, as ../packed.ts lays them out. Four columns at a time.

/** Where memory begins that nothing else uses. */
export function heapAddress(): usize {
  return (__heap_base + 63) & ~63;
}

function sumOf(a: v128): f32 {
  return (
    f32x4.extract_lane(a, 0) + f32x4.extract_lane(a, 1) + (f32x4.extract_lane(a, 2) + f32x4.extract_lane(a, 3))
  );
}

/** Codes of `width` bits below 16, with a scale a group. */
export function multiplyCodes(
  words: usize,
  scales: usize,
  token: usize,
  out: usize,
  rows: i32,
  groups: i32,
  width: i32,
): void {
  const codes = 32 / width;
  const mask = i32x4.splat((1 << width) - 1);
  const middle = i32x4.splat(1 << (width - 1));
  for (let row = 0; row < rows; row++) {
    let sum = f32x4.splat(0);
    let x = token;
    for (let g = 0; g < groups; g++) {
      let four = v128.load(words);
      let part = f32x4.splat(0);
      for (let k = 0; k < codes; k++) {
        const code = i32x4.sub(v128.and(four, mask), middle);
        part = f32x4.add(part, f32x4.mul(f32x4.convert_i32x4_s(code), v128.load(x)));
        four = i32x4.shr_u(four, width);
        x += 16;
      }
      sum = f32x4.add(sum, f32x4.mul(part, f32x4.splat(load<f32>(scales))));
      words += 16;
      scales += 4;
    }
    store<f32>(out, sumOf(sum));
    out += 4;
  }
}

/** bfloat16: two to a word, the lower half first. */
export function multiplyHalves(words: usize, token: usize, out: usize, rows: i32, groups: i32): void {
  const upper = i32x4.splat(0xffff0000);
  for (let row = 0; row < rows; row++) {
    let sum = f32x4.splat(0);
    let x = token;
    for (let g = 0; g < groups; g++) {
      const four = v128.load(words);
      sum = f32x4.add(sum, f32x4.mul(i32x4.shl(four, 16), v128.load(x)));
      sum = f32x4.add(sum, f32x4.mul(v128.and(four, upper), v128.load(x, 16)));
      words += 16;
      x += 32;
    }
    store<f32>(out, sumOf(sum));
    out += 4;
  }
}

/** float32. */
export function multiplySingles(words: usize, token: usize, out: usize, rows: i32, groups: i32): void {
  for (let row = 0; row < rows; row++) {
    let sum = f32x4.splat(0);
    let x = token;
    for (let g = 0; g < groups; g++) {
      sum = f32x4.add(sum, f32x4.mul(v128.load(words), v128.load(x)));
      words += 16;
      x += 16;
    }
    store<f32>(out, sumOf(sum));
    out += 4;
  }
}
