/** What a panel of the Bench is: one chart or table, with its options. */
import type { ComponentType } from "react";
import type { TensorInfo } from "../../workers/tensors/info.ts";
import type { Charts } from "../charts/useCharts.ts";
import type { LinkPart } from "../link/scheme.ts";
import type { Experiment } from "../state/experiment.ts";

export interface PanelProps {
  charts: Charts;
}

/** Where on the Bench a panel stands. Those of one place share it: one of them is seen at a time. */
export type Place = "top left" | "top right" | "bottom left" | "bottom right" | "side top" | "side bottom";

/** What is on the screen, for a panel to say whether it has something to show of it. */
export interface Showing {
  experiment: Experiment;
  /** The shown tensor, under the address of its reading; `null` while no source is open that has it. */
  tensor: TensorInfo | null;
  /** Size of the matrix that the results are of; `null` while there are none. */
  matrix: { rows: number; cols: number } | null;
}

export interface Panel {
  /** No two panels share one. */
  id: string;
  /** Its name, as others of its place are told from it. */
  title: string;
  place: Place;
  /** Loaded when it is first drawn. Its charts have their tables and files from `ChartFrame`. */
  View: ComponentType<PanelProps>;
  /** Its options, as links and files hold them. */
  link?: LinkPart;
  /** What it needs; a panel without this has always something to show. */
  shows?(showing: Showing): boolean;
  /** While it has something to show, it has its place for itself. */
  alone?: boolean;
  /** Asks for more than half of the height; told before there are results, so that charts do not move when they come. */
  tall?(experiment: Experiment): boolean;
  /** It reaches to the edges of its pane. */
  bare?: boolean;
  /** Its height on a phone, in CSS pixels; as high as it is by itself without one. */
  phone?: number;
  /** It tells of the marked element: on a phone it stays in sight while there is one. */
  ofMark?: boolean;
  /** Names of its charts, for panels that do not always show all of them: an export of every chart draws those, too. */
  figures?: readonly string[];
}
