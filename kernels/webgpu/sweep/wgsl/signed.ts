/** Integers with a zero point or unlike ends, and codebooks. They go over signed values. */
import { SLOTS, TABLE_CELLS, TABLE_LEVELS, TABLE_WORDS, TABLES } from "../fields.ts";
import { addError, dies, type SweepParts, type SweepTarget, settle, sweepWgsl } from "./frame.ts";
import { forAll, type RunText } from "./run.ts";
import { addBeyond, countLargest } from "./tails.ts";

const endsWgsl = /* wgsl */ `
var<workgroup> ends: array<vec2<f32>, ${SLOTS}u * THREADS>;
`;
const keepEnds = "ends[k * THREADS + thread] = extent;";

const same = (x: string) => x;

/** Looks at a run again where that is called for, and counts beyond the ends, once scale and zero point are known. */
const rareWgsl = (run: RunText, zeroPoint: string, doubtful: string, again: string) => /* wgsl */ `
      let last = ${run.names[run.size - 1]};
      if (abs(last) >= min(r.high_end - ${zeroPoint}, ${zeroPoint} - r.low_end) * s || ${doubtful}) {
        if (${doubtful}) { ${settle(same, again)} }
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

const integers = ({ short }: SweepTarget): SweepParts => ({
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
        (x) => `let c = clamp(${x}, low, high);
        ${
          short
            ? `let v = fma(c, around.x, SIGNED_MAGIC) + fma(c, around.y, SIGNED_MAGIC);
        let y = rounded_product(taken_away(0.5 * v, SIGNED_MAGIC), s);`
            : "let y = rounded_product(taken_away(fma(c, around.z, SIGNED_MAGIC), SIGNED_MAGIC), s);"
        }
        ${addError("c")} zeros -= saturate(fma(abs(c), beyond.x, beyond.y));`,
      )}
      ${rareWgsl(
        run,
        "zero_point",
        // Of ends that lie far apart a tie may be no tie but nearly one.
        short ? "(scale.y != 0.0 && ((bitcast<u32>(span) & r.coarse) != 0u || rest != 0.0))" : "top > r.least * s",
        /* wgsl */ `
            let c = clamp(x, low, high);
            ${
              short
                ? `let v = fma(c, around.x, SIGNED_MAGIC) + fma(c, around.y, SIGNED_MAGIC);
            let y0 = rounded_product(taken_away(0.5 * v, SIGNED_MAGIC), s);`
                : "let y0 = rounded_product(taken_away(fma(c, around.z, SIGNED_MAGIC), SIGNED_MAGIC), s);"
            }
            let y = rounded_product(settled(c, SIGNED_MAGIC, s, inverse), s);`,
      )}
      let nearest = min(high, -low);
      ${addBeyond(
        run,
        (x) => `abs(${x}) > nearest`,
        (x) => `max(${x} - high, low - ${x})`,
      )}
`,
});

const codebooks: SweepParts = {
  declarations: /* wgsl */ `${endsWgsl}
const LEVELS = ${TABLE_LEVELS}u;
const CELLS = ${TABLE_CELLS}u;
const TABLE_WORDS = ${TABLE_WORDS}u;
@group(0) @binding(7) var<storage, read> tables: array<f32>;
// Of each codebook's cells the middle, the level below it and the one above.
var<workgroup> cells: array<f32, ${TABLES * 3}u * CELLS>;

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
  keep: keepEnds,
  prepare: /* wgsl */ `
  for (var k = thread; k < ${TABLES * 3}u * CELLS; k += THREADS) {
    cells[k] = tables[(k / (3u * CELLS)) * TABLE_WORDS + k % (3u * CELLS)];
  }`,
  evaluate: (run) => /* wgsl */ `
      let extent = ends[r.slot * THREADS + thread];
      let amax = max(extent.y, -extent.x);
      let s = scale_of(amax, 0.0, r).x;
      let near = select(1.0 / s, 0.0, s == 0.0);
      // What a quotient is from the middle in its cell, at least.
      var nearest = NEVER;
      let table = r.table * 3u * CELLS;
      let factor = near * r.least;
      zeros = f32(RUN);
      ${forAll(run, (x) => `${lookUp(x)} nearest = min(nearest, abs(d)); ${addError(x)} zeros -= saturate(abs(level) * MANY);`)}
      ${rareWgsl(
        run,
        "0.0",
        "nearest <= NEAR * max(r.high, -r.low_end)",
        /* wgsl */ `
            let c = x;
            var y0 = 0.0;
            { ${lookUp("x")} y0 = y; zeros += saturate(abs(level) * MANY); }
            let level = settled_in_book(x, r.table, s, near);
            let y = rounded_product(level, s);
            zeros -= saturate(abs(level) * MANY);`,
      )}
`,
};

/** The level of x by the cell of its quotient. */
const lookUp = (x: string) => /* wgsl */ `
        let place = fma(saturate(fma(${x}, factor, r.magic)), r.low, MAGIC);
        let cell = table + (bitcast<u32>(place) & (CELLS - 1u));
        let d = fma(${x}, near, -cells[cell]);
        let level = select(cells[CELLS + cell], cells[2u * CELLS + cell], d > 0.0);
        let y = rounded_product(level, s);`;

export const affineSweepWgsl = (target: SweepTarget): string => sweepWgsl(target, integers(target));
export const bookSweepWgsl = (target: SweepTarget): string => sweepWgsl(target, codebooks);
