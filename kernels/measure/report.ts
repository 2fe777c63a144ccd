import type { CalibrationUse } from "../calibration/use.ts";
import type {
  BackendName,
  BlockGrid,
  CoarseMap,
  CodeHistogram,
  LinearHistogram,
  LogHistogram,
  MatrixView,
  Profile,
  ScaleReport,
} from "../report/report.ts";
import type { Measured } from "./measured.ts";
import type { Figures } from "./metrics/index.ts";

export type Metrics = Figures & {
  /** Where the bits go: elements, each level of scale from the innermost out, zero points, side tensors. */
  bitsBreakdown: { what: string; bitsPerWeight: number }[];
};

/**
 * What quantized activations do beside the weight, as shares of the outputs' energy over the tokens that the calibration keeps; `null`
 * where the outputs are zero.
 */
export interface ActivationsReport {
  /** Canonical. */
  recipe: string;
  scales: "dynamic" | "static";
  /** Tokens that it is over. */
  rows: number;
  bitsPerActivation: number;
  /** |X W^T - X Q(W)^T|^2 / |X W^T|^2 */
  weightOnly: number | null;
  /** |X W^T - Q(X) W^T|^2 / |X W^T|^2 */
  activationOnly: number | null;
  /** |X W^T - Q(X) Q(W)^T|^2 / |X W^T|^2 */
  joint: number | null;
}

/**
 * What a recipe did to a tensor. Plain data (structured-cloneable, no methods): a worker makes it, the page draws it,
 * the command line prints it.
 */
export interface Report {
  numbers: number;
  tensor: string;
  shape: number[];
  matrix: { rows: number; cols: number; view: MatrixView };
  /** Canonical. */
  recipe: string;
  backend: BackendName;
  seconds: number;
  /** Absent where nothing is known of the inputs. */
  calibration?: CalibrationUse;
  /** Where activations have a recipe as well: `outputNmse` is then `joint`. */
  activations?: ActivationsReport;
  metrics: Metrics;
  /** What the metrics are made of, without the histogram of codes: from it come the figures of several tensors as one. */
  measured: Measured;
  /** Things the reader must know: a short last block, a value type rounded on reading, a backend that was passed over. */
  notes: string[];
  values: LinearHistogram;
  /** Histogram of |e|. */
  errors: LogHistogram;
  codes: CodeHistogram | null;
  /** Unscaled values of the element format, ascending; `null` where there are more than 4096. */
  levels: Float32Array | null;
  scales: ScaleReport[];
  grid: BlockGrid;
  rowProfile: Profile;
  colProfile: Profile;
  /** `null` for a direct cast, which has no blocks. */
  blockProfile: Profile | null;
  map: CoarseMap;
}
