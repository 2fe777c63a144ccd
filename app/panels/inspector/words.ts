/** What the inspector says in words, and how it groups bits. */
import type { Inspection } from "../../../kernels/report/report.ts";

const STATES: Record<Inspection["state"], string> = {
  ordinary: "",
  saturated: "Saturated: the value lies beyond the format's range and got the code at its end.",
  flushed: "Flushed: the value is not zero, its code is.",
  "non-finite": "Not finite: NaN or Inf in the input, left out of sums and scales.",
  "dead block": "Dead block: its scale rounded to zero, so every value of it became zero.",
  "zero block": "Zero block: every value of it is zero.",
};

/** The sentence for a state worth telling; empty for an ordinary value. */
export function stateSentence(i: Inspection): string {
  if (STATES[i.state]) return STATES[i.state];
  if (i.chosen && i.chosen.nearest !== i.code) {
    return `Chosen by ${i.chosen.by}, for the sake of other values: by itself this one would have code ${i.chosen.nearest}.`;
  }
  if (i.below === i.above) return "Exact: the quotient is a level of the format.";
  return i.tie ? "A tie: the quotient lies half-way between two levels, and the rounding decides." : "";
}

/** Sign, exponent and fraction of a float32, as bits. */
export function float32Groups(bits: string): { sign: string; exponent: string; fraction: string } {
  const plain = bits.replace(/\s/g, "");
  return { sign: plain.slice(0, 1), exponent: plain.slice(1, 9), fraction: plain.slice(9) };
}

/** Place of the quotient between its neighbours, 0 to 1; `null` where they are the same or not finite. */
export function placeBetween(i: Inspection): number | null {
  const span = i.above - i.below;
  if (!(span > 0) || !Number.isFinite(span) || !Number.isFinite(i.quotient)) return null;
  return Math.max(0, Math.min(1, (i.quotient - i.below) / span));
}
