import type { MatrixView } from "../report/report.ts";

/** A tensor seen as a matrix, read by rows. Must give the same values each time it is asked. */
export interface MatrixSource {
  name: string;
  shape: number[];
  view: MatrixView;
  rows: number;
  cols: number;
  /** Rows [row0, row1) as float32, row-major; the engine does not write into the array. */
  read(row0: number, row1: number): Promise<Float32Array>;
  /** For the report: a wider type rounded on reading, for example. */
  notes: string[];
}
