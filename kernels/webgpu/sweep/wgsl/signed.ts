/** Integers with a zero point or unlike ends, and codebooks. They go over signed values. */
import { SLOTS, signedShape, TABLE_LEVELS, TABLES } from "../fields.ts";
import { addError, forAll, type RunText, type SweepParts, settleDoubts, sweepWgsl } from "./frame.ts";
import { countWgsl } from "./sort.ts";

const endsWgsl = /* wgsl */ `
var<workgroup> ends: array<vec2<f32>, ${SLOTS} * RUNS * THREADS>;
`;

const saturation = ({ names }: RunText) => /* wgsl */ `
        ${countWgsl("saturated", names.toReversed(), (x) => `${x} > above`)}
        ${countWgsl("saturated", names, (x) => `-${x} > below`)}
`;

/** The ends beyond which values count, once the scale and the zero point are known. */
const boundsWgsl = (zeroPoint: string) => /* wgsl */ `
        // A scale of zero leaves zeros and saturates nothing.
        var above = product_down(r.high_end - ${zeroPoint}, s);
        var below = product_down(${zeroPoint} - r.low_end, s);
        if (s == 0.0) {
          above = NEVER;
          below = NEVER;
          if (amax > 0.0) { dead = begins_block; }
        }
`;

const integers: SweepParts = {
  shape: signedShape,
  declarations: endsWgsl,
  element: (x) => x,
  keep: "ends[at] = extent;",
  prepare: "",
  evaluate: (run) => /* wgsl */ `
        let extent = ends[at];
        let amax = max(extent.y, -extent.x);
        var span = amax;
        var rest = 0.0;
        if (r.affine == 1u) {
          // Knuth's TwoSum of the ends, which an H100's compiler took for zero where it could see through it.
          span = extent.y - extent.x;
          let part = taken_away(span, extent.y);
          rest = (extent.y - taken_away(span, part)) + (-extent.x - part);
        }
        let s = scale_of(span, rest, r) * r.unit;
        let inverse = around_inverse(s);
        var zero_point = 0.0;
        if (r.affine == 1u) { zero_point = clamp(settled(-extent.x, SIGNED_MAGIC, s, inverse), 0.0, r.high); }
        ${boundsWgsl("zero_point")}
        let low = (r.low - zero_point) * s;
        let high = (r.high - zero_point) * s;
        ${forAll(
          run,
          (x) => `let c = clamp(${x}, low, high); let t = fma(c, inverse.x, SIGNED_MAGIC);
          doubt |= differing(t, fma(c, inverse.y, SIGNED_MAGIC));
          let level = taken_away(t, SIGNED_MAGIC); let y = rounded_product(level, s);
          ${addError(x)} kept += saturate(abs(level));`,
        )}
        ${settleDoubts(
          run,
          `let level = settled(clamp(x, low, high), SIGNED_MAGIC, s, inverse); let y = rounded_product(level, s);
            kept += saturate(abs(level));`,
        )}
        ${saturation(run)}
`,
};

const count = "kept += select(0.0, 1.0, level != 0.0);";

const codebooks: SweepParts = {
  shape: signedShape,
  declarations: /* wgsl */ `${endsWgsl}
const LEVELS = ${TABLE_LEVELS}u;
@group(0) @binding(5) var<storage, read> tables: array<f32>;
// Of each codebook the middles above its levels, then the levels.
var<workgroup> books: array<f32, ${TABLES * 2 * TABLE_LEVELS}>;

// The rank of the last level whose lower middle is below q, in steps of half the rest.
fn rank_of(q: f32, book: u32) -> u32 {
  var rank = book + select(0u, 8u, q > books[book + 7u]);
  rank += select(0u, 4u, q > books[rank + 3u]);
  rank += select(0u, 2u, q > books[rank + 1u]);
  return rank + select(0u, 1u, q > books[rank]);
}

// The level of x / s, ties to the even rank; the middles' last digits and the levels that are odd are in the third and
// fourth part of a table.
fn settled_in_book(x: f32, table: u32, s: f32, near: f32) -> f32 {
  let base = table * 4u * LEVELS;
  let q = x * near;
  let low = q - abs(q) * NEAR;
  var rank = 0u;
  for (; rank + 1u < LEVELS; rank++) {
    let middle = tables[base + rank];
    if (low > middle) { continue; }
    let p = middle * s;
    let beyond = ((x - p) - lost(middle, s, p)) - tables[base + 2u * LEVELS + rank] * s;
    if (!(beyond > 0.0 || (beyond == 0.0 && tables[base + 3u * LEVELS + rank] == 1.0))) { break; }
  }
  return tables[base + LEVELS + rank];
}
`,
  element: (x) => x,
  keep: "ends[at] = extent;",
  prepare: /* wgsl */ `
  for (var k = thread; k < ${TABLES * 2 * TABLE_LEVELS}u; k += THREADS) {
    books[k] = tables[(k / (2u * LEVELS)) * 4u * LEVELS + k % (2u * LEVELS)];
  }
  workgroupBarrier();`,
  evaluate: (run) => /* wgsl */ `
        let extent = ends[at];
        let amax = max(extent.y, -extent.x);
        let s = scale_of(amax, 0.0, r);
        let near = around_inverse(s).z;
        ${boundsWgsl("0.0")}
        let book = r.table * 2u * LEVELS;
        ${forAll(
          run,
          (x) => `let q = ${x} * near; let margin = abs(q) * NEAR; let rank = rank_of(q - margin, book);
          doubt |= select(0u, 1u, q + margin >= books[rank]);
          let level = books[rank + LEVELS]; let y = rounded_product(level, s);
          ${addError(x)} ${count}`,
        )}
        ${settleDoubts(run, `let level = settled_in_book(x, r.table, s, near); let y = rounded_product(level, s); ${count}`)}
        ${saturation(run)}
`,
};

export const affineSweepWgsl = (fused: boolean): string => sweepWgsl(fused, integers);
export const bookSweepWgsl = (fused: boolean): string => sweepWgsl(fused, codebooks);
