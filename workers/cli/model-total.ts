/** What recipes do to a whole checkpoint: the tensors' figures added up. */
import { joined, type Measured } from "../../kernels/measure/measured.ts";
import { type SweepMetrics, sweepFiguresOf } from "../../kernels/measure/metrics/index.ts";
import type { Report } from "../../kernels/measure/report.ts";
import type { TensorInfo } from "../tensors/info.ts";

/** Sums over the tensors so far. */
export class ModelTotal {
  /** Tensors that no rule names: they stay as they are stored, without error. */
  kept = 0;
  failed = 0;
  /** Norms, biases and one-dimensional tensors that are left out of the sums. */
  small = 0;
  readonly #measured: Measured[] = [];
  #kept = { elements: 0, bits: 0 };

  add({ measured }: Report): void {
    this.#measured.push(measured);
  }

  keep({ elements, bytes, stored }: TensorInfo): void {
    this.kept++;
    this.#kept.elements += elements;
    // A weight of several tensors is kept as they are.
    if (stored) this.#kept.bits += stored.bitsPerWeight * elements;
    else this.#kept.bits += bytes ? 8 * (bytes.end - bytes.begin) : 32 * elements;
  }

  /** Tensors that recipes were applied to. */
  get tensors(): number {
    return this.#measured.length;
  }

  get elements(): number {
    return joined(this.#measured).elements + this.#kept.elements;
  }

  /** Of the tensors that recipes were applied to as one; but bits are of those that are kept as well, `null` where there are none. */
  get metrics(): Omit<SweepMetrics, "bitsPerWeight"> & { bitsPerWeight: number | null } {
    const quantized = joined(this.#measured);
    const bits = quantized.bitsPerWeight * quantized.elements + this.#kept.bits;
    const { elements } = this;
    return { ...sweepFiguresOf(quantized), bitsPerWeight: elements > 0 ? bits / elements : null };
  }
}
