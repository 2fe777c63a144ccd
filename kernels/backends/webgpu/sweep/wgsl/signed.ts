/** Integers with a zero point or unlike ends, and codebooks. They go over signed values. */
import { SLOTS, TABLE_CELLS, TABLE_LEVELS, TABLE_WORDS, TABLES } from "../fields.ts";
import { addError, type Doubts, settle } from "./errors.ts";
import { dies, type SweepParts, type SweepTarget, sweepWgsl } from "./frame.ts";
import { forAll, type RunText } from "./run.ts";
import { addBeyond, countLargest } from "./tails.ts";

const endsWgsl = /* wgsl */ `
var<workgroup> ends: array<vec2<f32>, ${SLOTS}u * THREADS>;
`;
const keepEnds = "ends[k * THREADS + thread] = extent;";

const same = (x: string) => x;

/** Looks at a run again where that is called for, and counts beyond the ends, once scale and zero point are known. */
const rareWgsl = (run: RunText, zeroPoint: string, doubts: Doubts) => /* wgsl */ `
      let last = ${run.names[run.size - 1]};
      if (abs(last) >= min(r.high_end - ${zeroPoint}, ${zeroPoint} - r.low_end) * s || ${doubts.inRun}) {
        if (${doubts.inRun}) { ${settle(run, same, doubts)} }
        if (s > 0.0) {
          let above = product_down(r.high_end - ${zeroPoint}, s);
          let below = product_down(${zeroPoint} - r.low_end, s);
          let nearest = min(above, below);
          ${countLargest(
            "saturated",
            run,
            (x) => `abs(${x}) > nearest`,
            (x) => `${x} > above || -${x} > below`,
          )}
        } else if (amax > 0.0) { ${dies} }
      }`;

const integers = ({ short }: SweepTarget): SweepParts => {
  const rounded = short
    ? "0.5 * (fma(c, around.x, SIGNED_MAGIC) + fma(c, around.y, SIGNED_MAGIC))"
    : "fma(c, around.z, SIGNED_MAGIC)";
  const result = `rounded_product(taken_away(${rounded}, SIGNED_MAGIC), s)`;
  return {
    declarations: endsWgsl,
    element: same,
    keep: keepEnds,
    prepare: "",
    evaluate: (run) => /* wgsl */ `
      let extent = ends[r.slot * THREADS + thread];
      let amax = max(extent.y, -extent.x);
      var span = amax;
      var rest = 0.0;
      if (r.affine == 1u) {
        // Knuth's TwoSum of the ends, which an H100's compiler took for zero where it could see through it.
        span = extent.y - extent.x;
        let part = taken_away(span, extent.y);
        rest = (extent.y - taken_away(span, part)) + (-extent.x - part);
      }
      let scale = scale_of(span, rest, r);
      let s = scale.x;
      let inverse = around_inverse(s);
      let around = ${short ? "around_ideal(s, scale.y, r.divisor)" : "inverse"};
      var zero_point = 0.0;
      if (r.affine == 1u) { zero_point = clamp(settled(-extent.x, SIGNED_MAGIC, s, inverse), 0.0, r.high); }
      let low = (r.low - zero_point) * s;
      let high = (r.high - zero_point) * s;
      let beyond = beyond_of(select(0.5 * s, NEVER, s == 0.0));
      zeros = f32(RUN);
      ${forAll(
        run,
        (x) => `let c = clamp(${x}, low, high); let y = ${result};
        ${addError("c")} zeros -= saturate(fma(abs(c), beyond.x, beyond.y));`,
      )}
      ${rareWgsl(run, "zero_point", {
        // Of ends that lie far apart a tie may be no tie but nearly one.
        inRun: short
          ? "(scale.y != 0.0 && ((bitcast<u32>(span) & r.coarse) != 0u || rest != 0.0))"
          : "top > r.least * s",
        added: (x) => `let c = clamp(${x}, low, high); let y0 = ${result};`,
        here: "abs(c - y0) > r.least * s",
        exact: "let y = rounded_product(settled(c, SIGNED_MAGIC, s, inverse), s);",
      })}
      let nearest = min(high, -low);
      ${addBeyond(
        run,
        (x) => `abs(${x}) > nearest`,
        (x) => `max(${x} - high, low - ${x})`,
      )}
`,
  };
};

const codebooks: SweepParts = {
  declarations: /* wgsl */ `
var<workgroup> largest: array<f32, ${SLOTS}u * THREADS>;
const LEVELS = ${TABLE_LEVELS}u;
const CELLS = ${TABLE_CELLS}u;
const TABLE_WORDS = ${TABLE_WORDS}u;
@group(0) @binding(7) var<storage, read> tables: array<f32>;
// Of each codebook's cells the middle, the level below it and the one above.
var<workgroup> cells: array<f32, ${TABLES * 3}u * CELLS>;

// The level of x / s by the cell of the quotient, and how far that is beyond the middle in the cell.
fn in_cell(x: f32, near: f32, factor: f32, r: Recipe, table: u32) -> vec2<f32> {
  let place = fma(saturate(fma(x, factor, r.magic)), r.low, MAGIC);
  let cell = table + (bitcast<u32>(place) & (CELLS - 1u));
  let d = fma(x, near, -cells[cell]);
  return vec2<f32>(select(cells[CELLS + cell], cells[2u * CELLS + cell], d > 0.0), d);
}

// The level of x / s, ties to the even rank.
fn settled_in_book(x: f32, table: u32, s: f32, near: f32) -> f32 {
  let base = table * TABLE_WORDS + 3u * CELLS;
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
  element: same,
  keep: "largest[k * THREADS + thread] = max(extent.y, -extent.x);",
  prepare: /* wgsl */ `
  for (var k = thread; k < ${TABLES * 3}u * CELLS; k += THREADS) {
    cells[k] = tables[(k / (3u * CELLS)) * TABLE_WORDS + k % (3u * CELLS)];
  }`,
  evaluate: (run) => /* wgsl */ `
      let amax = largest[r.slot * THREADS + thread];
      let s = scale_of(amax, 0.0, r).x;
      let near = select(1.0 / s, 0.0, s == 0.0);
      // What a quotient is from the middle in its cell, at least.
      var nearest = NEVER;
      let table = r.table * 3u * CELLS;
      let factor = near * r.least;
      zeros = f32(RUN);
      ${forAll(
        run,
        (x) => `let found = in_cell(${x}, near, factor, r, table); nearest = min(nearest, abs(found.y));
        let y = rounded_product(found.x, s); ${addError(x)} zeros -= saturate(abs(found.x) * MANY);`,
      )}
      ${rareWgsl(run, "0.0", {
        inRun: "nearest <= NEAR * max(r.high, -r.low_end)",
        added: (x) =>
          `let c = ${x}; let first = in_cell(c, near, factor, r, table); let y0 = rounded_product(first.x, s);`,
        here: "abs(first.y) <= NEAR * max(r.high, -r.low_end)",
        exact: `let level = settled_in_book(x, r.table, s, near);
            let y = rounded_product(level, s);
            zeros += saturate(abs(first.x) * MANY) - saturate(abs(level) * MANY);`,
      })}
`,
};

export const affineSweepWgsl = (target: SweepTarget): string => sweepWgsl(target, integers(target));
export const bookSweepWgsl = (target: SweepTarget): string => sweepWgsl(target, codebooks);
