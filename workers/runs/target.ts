/** Which tensor, and what to do to it. */
import type { BackendName, MatrixView } from "../../kernels/report/report.ts";

/** Which tensor, read how. `definitions` are named codebooks (`my4:=codebook(...)`). */
export interface Target {
  source: string;
  /** Its name; of a quantized weight that is not read as usual, its address with the readings (`NAME?nibbles=high`). */
  tensor: string;
  view: MatrixView;
  /** Tiles of rows with about as many elements at most, spread evenly, rather than the whole matrix. */
  sample?: number;
  /** What `given(1)`, `given(2)` ... stand for; `null` where the other checkpoint has no partner for this tensor. */
  given?: (GivenTensor | null)[];
  /** What is known of the weight's inputs: the name of an open calibration. Absent: nothing. */
  calibration?: string;
  /** With a calibration: how activations are quantized beside the weight (see `activations.ts`). Absent: not at all. */
  activations?: string;
}

/** A tensor of another open source that stands beside a target as the result of another program. */
export interface GivenTensor {
  source: string;
  tensor: string;
  view: MatrixView;
  /** What its file takes for it, and where that is known from. */
  bitsPerWeight: number;
  what: string;
  /** Heads whose rows are stored in the other rotary order: pairs of neighbours, or halves apart. */
  rows?: { heads: number; from: "pairs" | "halves" };
}

export interface RunRequest {
  target: Target;
  recipe: string;
  definitions: string[];
  /** `null` lets the worker choose. */
  backend: BackendName | null;
}
