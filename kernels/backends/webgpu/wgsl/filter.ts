/**
 * Floats that propose, four neighbours at a time. A quotient formed here may be off by 2^-21 of itself: 2.5 ulp of the
 * reciprocal and one of the product. Whatever lies within twice that of a decision stays open. What a level is and how
 * far a value lies from it are exact, so that nothing else has to be asked.
 */
export const filterFloatsWgsl = /* wgsl */ `
fn float_product(a: vec4<f32>, b: f32) -> vec4<f32> { return a * b; }
fn float_add(a: vec4<f32>, b: vec4<f32>) -> vec4<f32> { return a + b; }
fn float_add_product(a: vec4<f32>, b: vec4<f32>, sum: vec4<f32>) -> vec4<f32> { return fma(a, b, sum); }
// Two sums, of two products each.
fn float_add_pairs(a: vec4<f32>, b: vec4<f32>, sums: vec2<f32>) -> vec2<f32> {
  return fma(a.zw, b.zw, fma(a.xy, b.xy, sums));
}
fn float_reciprocal(a: f32) -> f32 { return 1.0 / a; }
// Only where the difference is a float, or where nothing rests on its last bits: those no GPU may round.
fn exact_difference(a: vec4<f32>, b: vec4<f32>) -> vec4<f32> { return a - b; }
// Powers of two scale without error.
fn exact_product(a: vec4<f32>, b: f32) -> vec4<f32> { return a * b; }
const NEAR = 0x1p-20f;
// Compilers are known to cancel a number that is added and taken away again, and to keep a product from being rounded
// that is added to something. Neither happens across an integer operation that they cannot foresee.
fn rounded(a: vec4<f32>) -> vec4<f32> { return bitcast<vec4<f32>>(bitcast<vec4<u32>>(a) | vec4<u32>(lean.nothing)); }

// Either whole number beside a, and so much more: what WGSL leaves open is which.
fn beside_whole(a: vec4<f32>) -> vec4<f32> { return a + vec4<f32>(lean.whole); }

// size: the level times the scale, without sign on grids. index: of the level among the counters. cut: the quotient's
// magnitude up to the end; on grids with its level, and half a step there.
struct Quad {
  size: vec4<f32>, index: vec4<u32>, open: vec4<bool>, quotient: vec4<f32>,
  cut: vec4<f32>, level: vec4<f32>, half: vec4<f32>
}
`;

/** fl32(level * scale) where a GPU was seen to round every product to nearest, and where it was not. */
export const productsWgsl = {
  rounded: /* wgsl */ `
fn results(level: vec4<f32>, scale: f32) -> vec4<f32> { return level * scale; }
`,
  integers: /* wgsl */ `
fn result(level: f32, scale: Parts) -> f32 { return bitcast<f32>(product(unpack(bitcast<u32>(level)), scale)); }
fn results(level: vec4<f32>, scale: f32) -> vec4<f32> {
  let s = unpack(bitcast<u32>(scale));
  return vec4<f32>(result(level.x, s), result(level.y, s), result(level.z, s), result(level.w, s));
}
`,
};

/** What a filter is made for. */
export interface FilterText {
  /** Whether all scales are powers of two: quotients and products are exact then. */
  powers: boolean;
  /** Whether levels are the same on both sides of zero. */
  symmetric: boolean;
  /** Bits of a counter's index below the sign. */
  signShift: number;
}

const nearMiddle = "float_add_product(cut, vec4<f32>(NEAR), away) > half";
/** Ties are common among exact quotients: the even one is right, as long as that is the rule. */
const notEven = `(away > half) |
    ((away == half) & ((n & vec4<u32>(1u)) != vec4<u32>(lean.even_parity)))`;

/**
 * Floats and symmetric integers. What lies beyond the end has its level. Beside a number that has no room for less than a step of the grid, the sum drops what
 * lies between steps: to one neighbour or the other, and how far that is from the quotient tells whether to the nearer.
 */
const grid = (magic: string, level: string, { powers, symmetric, signShift }: FilterText) => /* wgsl */ `
fn quantize(x: vec4<f32>, lane: Lane) -> Quad {
  let quotient = float_product(abs(x), lane.inverse);
  let cut = min(quotient, ${symmetric ? "vec4<f32>(lean.top)" : "select(vec4<f32>(lean.top), vec4<f32>(lean.bottom), x < vec4<f32>())"});
  ${magic}
  let dropped = ${level};
  let away = abs(exact_difference(cut, level));
  let n = bitcast<vec4<u32>>(dropped) - bitcast<vec4<u32>>(magic) + skipped;
  let open = ${powers ? notEven : nearMiddle};
  let sign = (bitcast<vec4<u32>>(x) >> vec4<u32>(${31 - signShift}u)) & vec4<u32>(${2 ** signShift}u);
  let size = results(level, lane.scale);
  return Quad(${powers ? "size" : "rounded(size)"}, n | sign, open, quotient, cut, level, half);
}
fn magnitude_of(x: vec4<f32>) -> vec4<f32> { return abs(x); }
fn prepare_levels(thread: u32) {}
`;

const floatMagic = /* wgsl */ `
  let field = max(bitcast<vec4<u32>>(cut) & vec4<u32>(INFINITY_BITS), vec4<u32>(lean.min_field));
  let magic = bitcast<vec4<f32>>(field + vec4<u32>(lean.to_magic));
  let half = bitcast<vec4<f32>>(field - vec4<u32>(lean.to_half));
  let skipped = (field - vec4<u32>(lean.min_field)) >> vec4<u32>(lean.to_level);`;

const integerMagic = /* wgsl */ `
  let magic = vec4<f32>(lean.magic);
  let half = vec4<f32>(lean.half);
  let skipped = vec4<u32>();`;

export const filterFloatsOnGridWgsl = (text: FilterText) =>
  grid(
    floatMagic,
    `rounded(float_add(cut, magic));
  let level = exact_difference(dropped, magic)`,
    text,
  );

/** The same number is added and taken away, under two names, so that no compiler can tell. */
export const filterIntegersWgsl = (text: FilterText) =>
  grid(
    integerMagic,
    `float_add(cut, magic);
  let level = exact_difference(dropped, vec4<f32>(lean.same_magic))`,
    text,
  );

export const FILTER_CELLS = 128;
export const FILTER_LEVELS = 16;

/**
 * Codebooks of few levels. A cell of quotients tells the rank below its threshold. Cells overlap: whichever the sum
 * names, its threshold is the only one near.
 */
export const filterTableWgsl = (at: number) => /* wgsl */ `
fn prepare_levels(thread: u32) {
  if (thread < ${FILTER_CELLS}u) {
    let cell = lookup[lean.cells_at + thread];
    atomicStore(&pool[${at}u + 2u * thread], cell.x);
    atomicStore(&pool[${at + 1}u + 2u * thread], cell.y);
  }
  if (thread < min(spec.levels, ${FILTER_LEVELS}u)) { atomicStore(&pool[${at + 2 * FILTER_CELLS}u + thread], table[thread].value); }
}
fn prepared(k: vec4<u32>) -> vec4<u32> {
  return vec4<u32>(atomicLoad(&pool[k.x]), atomicLoad(&pool[k.y]), atomicLoad(&pool[k.z]), atomicLoad(&pool[k.w]));
}

fn quantize(x: vec4<f32>, lane: Lane) -> Quad {
  let quotient = float_product(x, lane.inverse);
  let magic = vec4<f32>(lean.magic);
  let spot = bitcast<vec4<i32>>(float_add(float_product(quotient, lean.cells_per_unit), magic)) - bitcast<vec4<i32>>(magic);
  let cell = vec4<u32>(clamp(spot + vec4<i32>(lean.cell_of_zero), vec4<i32>(), vec4<i32>(${FILTER_CELLS - 1})));
  let threshold = bitcast<vec4<f32>>(prepared(2u * cell + vec4<u32>(${at}u)));
  let below = prepared(2u * cell + vec4<u32>(${at + 1}u));
  let away = exact_difference(quotient, threshold);
  let rank = below + select(vec4<u32>(), vec4<u32>(1u), away > vec4<f32>());
  // A threshold is a float near the middle, which is less than what is added to the quotient's own error.
  let open = abs(away) <= abs(quotient) * (2.0 * NEAR);
  let level = bitcast<vec4<f32>>(prepared(rank + vec4<u32>(${at + 2 * FILTER_CELLS}u)));
  return Quad(rounded(results(level, lane.scale)), rank, open, quotient, quotient, level, vec4<f32>());
}
fn magnitude_of(x: vec4<f32>) -> vec4<f32> { return x; }
`;
