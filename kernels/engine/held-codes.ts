import { referenceBackend } from "../backends/reference/backend.ts";
import { binary } from "../exact/bits.ts";
import type { MatrixSource } from "../matrix/source.ts";
import type { CodeWord } from "../plan/code.ts";
import type { Plan } from "../plan/plan.ts";
import { resolveScales } from "../scales/resolve.ts";
import { makeStatistics } from "../scales/statistics.ts";
import { summaryOf } from "../scales/summary.ts";
import type { Bits } from "../steps/step.ts";
import type { Coded } from "./coded.ts";
import { quantizedOf } from "./run.ts";

/** A whole matrix's results and what is known of their codes. */
export interface HeldCodes {
  /** Row-major. */
  result: Float32Array;
  /** How often each code was used; null where there are none. */
  counts: Coded["counts"]["codes"];
  bits: Bits[];
  notes: string[];
  /** The code of the element at a row-major place; null where there is none. */
  codeAt: ((at: number) => number) | null;
  /** Bits that a code is written with. */
  codeBits: number;
  /** What the inspector says of an element, where there is more than its code. */
  words?(row: number, col: number): CodeWord[];
}

/** Codes that did not come from levels under scales. No value has a range or a zero of its own: none is saturated or flushed. */
export function heldCodes(inner: MatrixSource, core: Plan, held: HeldCodes): Coded {
  const { result, counts, bits, notes, codeAt, codeBits, words } = held;
  const { cols } = inner;
  // A cast to float32 has the same shape: no blocks, no scales.
  const run = { scales: resolveScales(core, makeStatistics(core)), statistics: makeStatistics(core) };
  return {
    quantized: result,
    counts: { codes: counts, saturated: 0, flushed: 0 },
    summary: summaryOf(run.scales),
    poisoned: 0,
    bits,
    notes,
    look(report) {
      const cast = quantizedOf(inner, core, referenceBackend, run, report);
      return {
        ...cast,
        async rows(row0, row1) {
          const rows = await cast.rows(row0, row1);
          return { ...rows, codes: codeAt && Uint32Array.from(rows.input, (_, i) => codeAt(row0 * cols + i)) };
        },
        async inspect(row, col) {
          const at = row * cols + col;
          const y = result[at];
          const code = codeAt?.(at) ?? null;
          return {
            ...(await cast.inspect(row, col)),
            ...{ code, codeBits: code === null ? null : binary(code, codeBits) },
            ...{ below: y, above: y, tie: false, level: y, quantized: y },
            ...(words && { words: words(row, col) }),
          };
        },
      };
    },
  };
}
