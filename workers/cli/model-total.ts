/** What recipes do to a whole checkpoint: the tensors' figures added up. */
import type { Report } from "../../kernels/measure/report.ts";
import type { TensorInfo } from "../tensors/info.ts";

/** Sums over the tensors so far. */
export class ModelTotal {
  tensors = 0;
  /** Tensors that no rule names: they stay as they are stored, without error. */
  kept = 0;
  failed = 0;
  /** Norms, biases and one-dimensional tensors that are left out of the sums. */
  small = 0;
  /** Results that are not finite where values were: no figure of errors holds them. */
  broken = 0;
  elements = 0;
  bits = 0;
  error = 0;
  signal = 0;

  add({ metrics, matrix, rowProfile }: Report): void {
    const elements = matrix.rows * matrix.cols;
    this.tensors++;
    this.elements += elements;
    this.bits += metrics.bitsPerWeight * elements;
    this.broken += metrics.broken;
    this.error += sum(rowProfile.error);
    this.signal += sum(rowProfile.signal);
  }

  keep({ elements, bytes, stored }: TensorInfo): void {
    this.kept++;
    this.elements += elements;
    // A weight of several tensors is kept as they are.
    if (stored) this.bits += stored.bitsPerWeight * elements;
    else this.bits += bytes ? 8 * (bytes.end - bytes.begin) : 32 * elements;
  }

  get bitsPerWeight(): number | null {
    return this.elements > 0 ? this.bits / this.elements : null;
  }

  /** Of the tensors that recipes were applied to; `null` where they have no signal. */
  get nmse(): number | null {
    const ratio = this.error / this.signal;
    return Number.isFinite(ratio) ? ratio : null;
  }

  get sqnrDb(): number | null {
    return this.nmse !== null && this.nmse > 0 ? -10 * Math.log10(this.nmse) : null;
  }
}

const sum = (values: Float64Array): number => values.reduce((total, v) => total + v, 0);
