/** Formats that are the same on both sides of zero. They go over magnitudes. */
import { SLOTS } from "../fields.ts";
import { addError, type Doubts, settle } from "./errors.ts";
import { dies, type SweepParts, type SweepTarget, sweepWgsl } from "./frame.ts";
import { forAll, type RunText } from "./run.ts";
import { addBeyond, countLargest, countUpTo } from "./tails.ts";

/** How a run gets its results, and what may be wrong with them. */
interface Results {
  lines(run: RunText): string;
  doubts: Doubts | null;
}

const abs = (x: string) => `abs(${x})`;

const even = ({ short }: SweepTarget, { lines, doubts }: Results): SweepParts => ({
  declarations: /* wgsl */ `
var<workgroup> largest: array<f32, ${SLOTS}u * THREADS>;
`,
  element: abs,
  keep: "largest[k * THREADS + thread] = max(extent.y, -extent.x);",
  prepare: "",
  evaluate: (run) => /* wgsl */ `
      let scale = scale_of(largest[r.slot * THREADS + thread], 0.0, r);
      let s = scale.x;
      ${
        short
          ? "let inverse = around_ideal(s, scale.y, r.divisor); let half_s = 0.5 * s;"
          : "var inverse = select(1.0 / s, 0.0, s == 0.0);"
      }
      var cap = NEVER;
      ${lines(run)}
      // All values become zeros by a scale of zero.
      let flush = select(r.flush * s, NEVER, s == 0.0);
      ${countUpTo("zeros", run, "flush")}
      let last = ${run.names[run.size - 1]};
      let end = r.high_end * s;
      if (last >= end${doubts ? ` || ${doubts.inRun}` : ""}) {
        ${doubts ? `if (${doubts.inRun}) { ${settle(run, abs, doubts)} }` : ""}
        if (s > 0.0) {
          let beyond = product_down(r.high_end, s);
          ${countLargest("saturated", run, (x) => `${x} > beyond`)}
        } else if (largest[r.slot * THREADS + thread] > 0.0) { ${dies} }
      }
      ${addBeyond(
        run,
        (x) => `${x} > cap`,
        (x) => `${x} - cap`,
      )}
`,
});

/** With values taken to the limits or, where none goes beyond, as they are. */
const inRange = (run: RunText, lines: (c: string) => string) => /* wgsl */ `
      if (r.clamps == 0u) {
        ${forAll(run, (x) => lines(x))}
      } else {
        cap = r.high * s;
        ${forAll(run, (x) => `let c = min(${x}, cap); ${lines("c")}`)}
      }`;

const integers = (target: SweepTarget): SweepParts =>
  even(target, {
    lines: (run) =>
      target.short
        ? /* wgsl */ `
      let negated = -(MAGIC * s);
      ${inRange(
        run,
        (c) => `let v = fma(${c}, inverse.x, MAGIC) + fma(${c}, inverse.y, MAGIC);
        let y = half_difference_times(v, MAGIC, s, half_s, negated); ${addError(c)}`,
      )}`
        : /* wgsl */ `
      let negated = -(MAGIC * s);
      ${inRange(
        run,
        (c) => `let t = fma(${c}, inverse, MAGIC); let y = difference_times(t, MAGIC, s, negated); ${addError(c)}`,
      )}`,
    doubts: target.short
      ? null
      : {
          inRun: "top > r.least * s",
          added: (x) => `let c = min(${x}, cap); let y0 = difference_times(fma(c, inverse, MAGIC), MAGIC, s, negated);`,
          here: "abs(c - y0) > r.least * s",
          exact: "let y = rounded_product(settled(c, MAGIC, s, around_inverse(s)), s);",
        },
  });

const floats = (target: SweepTarget): SweepParts =>
  even(target, {
    lines: (run) =>
      target.short
        ? /* wgsl */ `
      let least = r.least * r.magic;
      let magic = r.magic * inverse.z;
      ${inRange(
        run,
        (c) => `let big = max(power_of(${c} * magic), least);
        let v = fma(${c}, inverse.x, big) + fma(${c}, inverse.y, big);
        let y = half_difference_times(v, big, s, half_s, -(big * s)); ${addError(c)}`,
      )}`
        : /* wgsl */ `
      // Bits in which two roundings of some value differ.
      var doubt = 0u;
      let more = inverse * (1.0 + NEAR);
      inverse *= 1.0 - NEAR;
      let least = r.least * r.magic;
      let magic = r.magic * inverse;
      ${inRange(
        run,
        (c) => `let big = max(power_of(${c} * magic), least); let t = fma(${c}, inverse, big);
        doubt |= differing(t, fma(${c}, more, big));
        let y = difference_times(t, big, s, -(big * s)); ${addError(c)}`,
      )}`,
    doubts: target.short
      ? null
      : {
          inRun: "doubt != 0u",
          added: (x) => `let c = min(${x}, cap);
          let big = max(power_of(c * magic), least); let t = fma(c, inverse, big);
          let y0 = difference_times(t, big, s, -(big * s));`,
          here: "differing(t, fma(c, more, big)) != 0u",
          exact: "let y = rounded_product(settled(c, big, s, around_inverse(s)), s);",
        },
  });

export const integerSweepWgsl = (target: SweepTarget): string => sweepWgsl(target, integers(target));
export const floatSweepWgsl = (target: SweepTarget): string => sweepWgsl(target, floats(target));
