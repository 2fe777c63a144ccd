/** The formats of the view in the units that are chosen: what the charts draw. */
import { formatRange } from "../../../kernels/formats/index.ts";
import type { Rounded } from "../../../kernels/precision/index.ts";
import type { Side } from "../../charts/types.ts";
import { clipOf } from "./gaussian.ts";
import type { Shown } from "./readFormat.ts";
import type { FormatUnit } from "./state.ts";

export interface FormatRow {
  side: Side;
  name: string;
  shown: Shown;
  /** Its own, the same in every view. */
  colour: string;
  /** What is drawn: with a zero point in its middle where values are measured about zero; null for float32. */
  rounded: Rounded | null;
  /** What levels are multiplied by. */
  scale: number;
  /** Why the unit that is chosen does not apply; null where it does. */
  note: string | null;
}

export const unitLabels: Record<FormatUnit, { short: string; name: string; axis: string }> = {
  own: { short: "own", name: "values as they are", axis: "value" },
  largest: { short: "max = 1", name: "each scaled so that its largest level is 1", axis: "share of the largest" },
  clip: { short: "best clip", name: "each at the best clip for a Gaussian", axis: "standard deviations" },
};

export function rowOf(side: Side, shown: Shown, unit: FormatUnit, colour: string): FormatRow {
  const row = { side, name: shown.text, shown, colour };
  if (unit === "own") return { ...row, rounded: shown.rounded, scale: 1, note: null };
  const rounded = shown.centred;
  const largest = 1 / (rounded?.ladder.maxAbs ?? formatRange(shown.format).max);
  if (unit === "largest") return { ...row, rounded, scale: largest, note: null };
  const clip = clipOf(rounded);
  if (clip) return { ...row, rounded, scale: clip.scale, note: null };
  return { ...row, rounded, scale: largest, note: `${shown.text} has no best clip; its largest level is 1.` };
}
