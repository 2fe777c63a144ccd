/** Formats that are the same on both sides of zero. They go over magnitudes. */
import { magnitudeShape, SLOTS } from "../fields.ts";
import { addError, forAll, type RunText, type SweepParts, settleDoubts, sweepWgsl } from "./frame.ts";
import { countWgsl } from "./sort.ts";

/** Counts x if it does not become zero, exactly. */
const keep = (x: string) => `kept += saturate(fma(${x}, beyond.x, beyond.y));`;

/** A kernel from how a run gets its results. */
const even = (results: (run: RunText) => string): SweepParts => ({
  shape: magnitudeShape,
  declarations: /* wgsl */ `
var<workgroup> largest: array<f32, ${SLOTS} * RUNS * THREADS>;
`,
  element: (x) => `abs(${x})`,
  keep: "largest[at] = max(extent.y, -extent.x);",
  prepare: "",
  evaluate: (run) => /* wgsl */ `
        let amax = largest[at];
        let s = scale_of(amax, 0.0, r) * r.unit;
        let inverse = around_inverse(s);
        let cap = r.high * s;
        // A scale of zero leaves zeros and saturates nothing.
        var flush = r.flush * s;
        var end = product_down(r.high_end, s);
        if (s == 0.0) {
          flush = NEVER;
          end = NEVER;
          if (amax > 0.0) { dead = begins_block; }
        }
        let beyond = beyond_of(flush);
        ${results(run)}
        ${countWgsl("saturated", run.names.toReversed(), (x) => `${x} > end`)}
`,
});

const integers = even(
  (run) => /* wgsl */ `
        let negated = -(MAGIC * s);
        ${forAll(
          run,
          (x) => `let c = min(${x}, cap); let t = fma(c, inverse.x, MAGIC);
          doubt |= differing(t, fma(c, inverse.y, MAGIC));
          let y = difference_times(t, MAGIC, s, negated);
          ${addError(x)} ${keep(x)}`,
        )}
        ${settleDoubts(run, `let y = rounded_product(settled(min(x, cap), MAGIC, s, inverse), s); ${keep("x")}`)}
`,
);

const floats = even(
  (run) => /* wgsl */ `
        let least = r.least * r.magic;
        let magic = r.magic * inverse.z;
        ${forAll(
          run,
          (x) => `let c = min(${x}, cap); let big = max(power_of(c * magic), least); let t = fma(c, inverse.x, big);
          doubt |= differing(t, fma(c, inverse.y, big));
          let y = difference_times(t, big, s, -(big * s));
          ${addError(x)} ${keep(x)}`,
        )}
        ${settleDoubts(
          run,
          `let c = min(x, cap);
            let y = rounded_product(settled(c, max(power_of(c * magic), least), s, inverse), s); ${keep("x")}`,
        )}
`,
);

export const integerSweepWgsl = (fused: boolean): string => sweepWgsl(fused, integers);
export const floatSweepWgsl = (fused: boolean): string => sweepWgsl(fused, floats);
