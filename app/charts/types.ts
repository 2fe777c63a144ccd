/** What every chart is given. Charts hold no state of the experiment: highlight, zoom and view come in and go out as props. */

import type { Report } from "../../kernels/measure/report.ts";
import type { Inspection, LinearHistogram } from "../../kernels/report/report.ts";
import type { WindowReply, WindowRequest } from "../../workers/jobs/window/window.ts";
import type { Highlight } from "../state/highlight.ts";
import type { Stale } from "../state/standing.ts";
import type { HeatMapMode, MatrixWindow, Pair, ProfileAxis, Range, Side } from "../state/types.ts";

export type { HeatMapMode, Highlight, MatrixWindow, Pair, ProfileAxis, Range, Side, Stale };

/** A hover gives `pinned: false`, a tap, click or key `pinned: true`; leaving the chart gives `null`. */
export type OnHighlight = (highlight: Highlight | null) => void;

/** Reports of A and B on the same tensor; `null` while there is none. `stale` says so where they are not of what is asked for. */
export interface ReportPair extends Pair<Report> {
  stale?: Stale | null;
}

/** What the steps before a recipe's quantizer make of the values. */
export interface AfterSteps {
  /** As the notation writes them: `rht(64,seed=1)`. */
  steps: string;
  /** Histogram of what enters the quantizer; `null` while it is being counted, or could not be. */
  values: LinearHistogram | null;
  /** Why there is none. */
  problem: string | null;
  /** A finer one over [lo, hi). */
  refine: (lo: number, hi: number, bins: number) => Promise<LinearHistogram>;
}

/** A chart of something else than A's and B's reports: its own mark for export, its name, and what stands for "A". */
export interface Subject {
  chart: "stored-codes" | "stored-scales" | "stored-zeros";
  title: string;
  a: string;
}

export interface ValueHistogramProps extends ReportPair {
  /** A finer histogram of the input over [lo, hi). */
  refine: (lo: number, hi: number, bins: number) => Promise<LinearHistogram>;
  /** For recipes with steps before the quantizer; `null` for those without. */
  after?: Pair<AfterSteps>;
  highlight: Highlight | null;
  /** Not called by this chart: no element can be told from its value alone. */
  onHighlight: OnHighlight;
  /** `null` shows the whole range. */
  zoom: Range | null;
  onZoom: (zoom: Range | null) => void;
  /** The input value of the highlighted element. */
  highlightValue?: number | null;
  /** What of it enters the quantizers: another value where steps stand before them. */
  highlightInput?: Pair<number>;
  /** The scale in force at the highlighted element; absent, the median of the report stands in. */
  scaleA?: number | null;
  scaleB?: number | null;
  /** The zero point of the highlighted element's block, for affine formats. */
  zeroPointA?: number | null;
  zeroPointB?: number | null;
}

export interface ErrorHeatMapProps extends ReportPair {
  mode: HeatMapMode;
  onMode: (mode: HeatMapMode) => void;
  /** `null` shows the whole matrix. */
  view: MatrixWindow | null;
  onView: (view: MatrixWindow | null) => void;
  /** Replies hold one entry a recipe that is there, A before B. Rejections are shown as a sentence. */
  loadWindow: (request: HeatMapRequest) => Promise<WindowReply>;
  /** Shows the values in the map's place. */
  onValues?: () => void;
  highlight: Highlight | null;
  onHighlight: OnHighlight;
}

export type HeatMapRequest = Pick<WindowRequest, "row0" | "row1" | "col0" | "col1" | "outRows" | "outCols">;

export interface ErrorProfilesProps extends ReportPair {
  axis: ProfileAxis;
  onAxis: (axis: ProfileAxis) => void;
  highlight: Highlight | null;
  onHighlight: OnHighlight;
}

export interface ScaleAndCodesProps extends ReportPair {
  highlight: Highlight | null;
  onHighlight: OnHighlight;
  /** Codes of the highlighted element. */
  highlightCode?: Pair<number>;
  /** Stored scales of the highlighted element, innermost first. */
  highlightScales?: Pair<number[]>;
  /** Error of the highlighted element. */
  highlightError?: Pair<number>;
}

export interface InspectorProps extends Pair<Inspection> {
  /** Canonical recipes, as headings. */
  recipeA?: string;
  recipeB?: string;
  pinned: boolean;
  /** Moves the highlight; the owner clamps at the edges. */
  onStep: (dRow: number, dCol: number) => void;
  onPin: (pinned: boolean) => void;
}
