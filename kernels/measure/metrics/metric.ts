/**
 * What a metric is: one folder, registered by one line in `index.ts`, which reports, tables, sweeps, frontiers, totals, the command
 * line, exports and the glossary read. Nothing else knows a metric by its name.
 */
import type { Measured } from "../measured.ts";

/** Figures by the names of their metrics, as a report or a point of a sweep has them. */
export type AnyFigures = Readonly<Partial<Record<string, unknown>>>;

/**
 * Where a metric comes from: `sums` over elements are there for every result, as `bits` and `scales` (counts of what is stored)
 * are; `codes` (their histogram) only in a whole report; `calibration` where one is given.
 */
export type Need = "sums" | "codes" | "scales" | "bits" | "calibration";

export interface Metric {
  /** Its key in reports, JSON, CSV and links, and on the command line. */
  name: string;
  /** What tables and axes call it. Of one that is shown in another form (`shown`) it is the name of that form. */
  label: string;
  /** What it is called at the head of a column of text, where its name is long. */
  column?: string;
  unit: string;
  /** What an axis is called, where not by label and unit. */
  along?: string;
  /** What it is, in one clause. */
  short: string;
  /** What it tells, and what to make of it. */
  long: string;
  /** Which of two is the better one, as they are shown. What is neither makes no axis and no frontier. */
  better: "lower" | "higher" | "none";
  /** Two digits after the point; four digits in all; whole numbers; three digits after the point. */
  print: "decibels" | "figure" | "count" | "bits";
  /** The steps of its axis, or that it is logarithmic: then only values above zero have a place on it. */
  axis: "log" | number;
  needs: readonly Need[];
  /** The definition. `null` where there is none: never NaN for want of elements or of signal. */
  value(measured: Measured): number | null;
  /** What is shown in the value's place; infinite for what has no error where that has no number. */
  shown?(value: number | null, figures: AnyFigures): number | null;
  /** The same of a ratio of squared errors to squares, of a metric that follows from that alone: what is known of NMSE is known of it. */
  ofRatio?(nmse: number): number | null;
  /** Why there may be no value, in a clause that goes on after "since". */
  none?: string;
  /** It has a sign, and the nearest to zero is the best: axes and frontiers take the magnitude. */
  signed?: boolean;
  /** It is taken over all elements, so that it can be compared even where results are broken. */
  whole?: boolean;
  /** It comes first, and stands where there is room for two figures. */
  headline?: boolean;
  /** In which tables that have no room for all it stands: also in those of many tensors as one, or only where a result has any. */
  brief?: "everywhere" | "one tensor" | "where any";
}
