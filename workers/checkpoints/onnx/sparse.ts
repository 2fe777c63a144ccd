/** SparseTensorProto: values and where they stand, everything else being zero. */

import { formatBytes } from "../../bytes/format-bytes.ts";
import { Latest } from "../../bytes/latest.ts";
import { UserError } from "../../errors/user-error.ts";
import { countElements } from "../../tensors/shape.ts";
import { brokenTensor, defaultView, type Tensor } from "../../tensors/tensor.ts";
import { MAX_SPAN } from "../limits.ts";

const filled = new Latest<Float32Array>();

/**
 * The dense tensor of values and indices: [n], counted through the tensor, or [n, dimensions]. It is filled as a whole when it is
 * first read, up to `MAX_SPAN` of it.
 */
export function sparseTensor(file: string, values: Tensor, indices: Tensor | null, shape: readonly number[]): Tensor {
  const { name, dtype } = values.info;
  const elements = countElements(shape);
  const info = { name, dtype, shape: [...shape], elements, view: defaultView(shape) };
  const bad = (what: string) => brokenTensor(info, `${file}: tensor "${name}" ${what}.`);
  if (!Number.isSafeInteger(elements))
    return brokenTensor(
      { ...info, shape: [], elements: 0 },
      `${file}: tensor "${name}" has a shape that cannot be counted.`,
    );
  const count = values.info.elements;
  if (values.info.problem !== undefined) return brokenTensor(info, values.info.problem);
  if (count > 0 && (!indices || indices.info.problem !== undefined))
    return bad("is sparse, and where its values stand is not said");
  const wide = indices !== null && indices.info.shape.length === 2;
  if (count > 0 && indices && indices.info.elements !== count * (wide ? shape.length : 1)) {
    return bad(`is sparse, with ${indices.info.elements} indices for ${count} values in ${shape.length} dimensions`);
  }
  if (4 * elements > MAX_SPAN) {
    return bad(
      `is sparse and would take ${formatBytes(4 * elements)}; such tensors are read up to ${formatBytes(MAX_SPAN)}`,
    );
  }
  const fill = async (signal?: AbortSignal): Promise<Float32Array> => {
    const out = new Float32Array(elements);
    if (count === 0) return out;
    const [numbers, places] = await Promise.all([
      values.read(0, count, signal),
      // Counted as float32 these are exact up to 2^24 only: read as the integers they are.
      integersOf(indices!, signal),
    ]);
    for (let i = 0; i < count; i++) {
      let at = 0;
      if (wide)
        for (let d = 0; d < shape.length; d++) at = at * shape[d] + inside(places[i * shape.length + d], shape[d]);
      else at = inside(places[i], elements);
      out[at] = numbers[i];
    }
    return out;
  };
  const inside = (index: number, size: number): number => {
    if (index >= 0 && index < size) return index;
    throw new UserError(`${file}: tensor "${name}" is sparse and has a value at ${index}, of ${size}.`);
  };
  const tensor: Tensor = {
    info,
    notes: [`Sparse in its file: ${count} of ${elements} values are stored, the others are zero`],
    read: async (begin, end, signal) => (await filled.get(tensor, () => fill(signal))).slice(begin, end),
  };
  return tensor;
}

async function integersOf(tensor: Tensor, signal?: AbortSignal): Promise<Float64Array> {
  const { source, dtype, begin } = tensor.stored!;
  const { elements } = tensor.info;
  const bytes = await source.slice(begin, begin + (elements * dtype.bits) / 8, signal);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const wide = dtype.name === "I64" || dtype.name === "U64";
  return Float64Array.from({ length: elements }, (_, i) =>
    wide ? Number(view.getBigInt64(8 * i, true)) : view.getInt32(4 * i, true),
  );
}
