/** What every chart is given. Charts hold no state of the experiment: highlight, zoom and view come in and go out as props. */
import type { Report } from "../../kernels/measure/report.ts";
import type { Highlight } from "../state/highlight.ts";
import type { Stale } from "../state/standing.ts";
import type { MatrixWindow, Pair, Range, Side } from "../state/types.ts";

export type { Highlight, MatrixWindow, Pair, Range, Side, Stale };

/** Along what errors are summed up. */
export type ProfileAxis = "row" | "col" | "block";

/** A hover gives `pinned: false`, a tap, click or key `pinned: true`; leaving the chart gives `null`. */
export type OnHighlight = (highlight: Highlight | null) => void;

/** Reports of A and B on the same tensor; `null` while there is none. `stale` says so where they are not of what is asked for. */
export interface ReportPair extends Pair<Report> {
  stale?: Stale | null;
}

/** A chart of something else than A's and B's reports: its own mark for export, its name, and what stands for "A". */
export interface Subject {
  chart: string;
  title: string;
  a: string;
}
