/** Tensors whose elements do not lie in row-major order, or not side by side: transposed, sliced, expanded. */

import { formatBytes } from "../../bytes/format-bytes.ts";
import { Latest } from "../../bytes/latest.ts";
import { UserError } from "../../errors/user-error.ts";
import type { TensorInfo } from "../../tensors/info.ts";
import { type Placement, storedTensor, type Tensor } from "../../tensors/tensor.ts";
import { MAX_EXPANDED, MAX_SPAN } from "../limits.ts";

/** Where element (i, j, ...) lies: at offset + i*stride[0] + j*stride[1] + ..., counted in elements. */
export interface Layout {
  offset: number;
  shape: readonly number[];
  stride: readonly number[];
}

/** Elements from the first to the last that a layout reaches; 0 for a tensor without elements. */
export function spanOf({ shape, stride }: Layout): number {
  if (shape.includes(0)) return 0;
  return 1 + shape.reduce((sum, size, d) => sum + (size - 1) * stride[d], 0);
}

export function isContiguous({ shape, stride }: Layout): boolean {
  let expected = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    if (shape[d] !== 1 && stride[d] !== expected) return false;
    expected *= shape[d];
  }
  return true;
}

const gathered = new Latest<Float32Array>();

/**
 * A tensor over a strided view of what is placed; `placement.begin` is the storage's first byte. What is not in
 * row-major order is gathered from the span it lies in, of which the one used last is held.
 */
export function stridedTensor(info: Omit<TensorInfo, "bytes">, placement: Placement, layout: Layout): Tensor {
  const begin = placement.begin + (layout.offset * placement.dtype.bits) / 8;
  if (info.elements === 0 || isContiguous(layout)) return storedTensor(info, { ...placement, begin });
  const elements = spanOf(layout);
  const span = storedTensor({ ...info, elements }, { ...placement, begin });
  const refuse = (what: string) => new UserError(`${info.name} ${what}. Save it with tensor.contiguous().`);
  return {
    info: { ...span.info, elements: info.elements },
    notes: span.notes,
    async read(first, last, signal) {
      if (4 * elements > MAX_SPAN) {
        throw refuse(
          `is not stored row by row and lies within ${formatBytes(4 * elements)}; such tensors are read up to ${formatBytes(MAX_SPAN)}`,
        );
      }
      if (info.elements > MAX_EXPANDED)
        throw refuse(`repeats ${elements} elements to ${info.elements}; the limit is ${MAX_EXPANDED}`);
      const values = await gathered.get(span, () => span.read(0, elements, signal));
      return gather(values, layout, first, last);
    },
  };
}

/** Elements [first, last) in row-major order. */
function gather(values: Float32Array, { shape, stride }: Layout, first: number, last: number): Float32Array {
  const out = new Float32Array(last - first);
  const index = new Array<number>(shape.length).fill(0);
  let from = 0;
  for (let d = shape.length - 1, rest = first; d >= 0; d--) {
    index[d] = rest % shape[d];
    rest = Math.floor(rest / shape[d]);
    from += index[d] * stride[d];
  }
  for (let i = 0; i < out.length; i++) {
    out[i] = values[from];
    for (let d = shape.length - 1; d >= 0; d--) {
      from += stride[d];
      if (++index[d] < shape[d]) break;
      from -= shape[d] * stride[d];
      index[d] = 0;
    }
  }
  return out;
}
