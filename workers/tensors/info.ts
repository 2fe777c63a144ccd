import type { MatrixView } from "../../kernels/report/report.ts";
import type { StoredAs } from "./stored.ts";

export interface TensorInfo {
  name: string;
  dtype: string;
  shape: number[];
  /** Byte range in its file, for people; absent where there are no bytes (generators). */
  bytes?: { file: string; begin: number; end: number };
  elements: number;
  /** Why the tensor cannot be opened, where it cannot. */
  problem?: string;
  /** What the reader must know before trusting its values, in a clause: they may be codes that nothing here decodes. */
  warning?: string;
  /** The usual reading as a matrix. */
  view: MatrixView;
  /** Set for pictures: their samples, channel by channel, are the rows of the usual reading. */
  picture?: { channels: number; height: number; width: number };
  /** How a weight lies in its checkpoint that is decoded from several stored tensors; absent for plain numbers. */
  stored?: StoredAs;
}
