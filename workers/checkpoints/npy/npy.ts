import type { ByteSource } from "../../bytes/byte-source.ts";
import { baseName, stem } from "../../bytes/paths.ts";
import { UserError } from "../../errors/user-error.ts";
import { bytesOf } from "../../tensors/decode.ts";
import { fortranTensor } from "../../tensors/fortran.ts";
import type { TensorInfo } from "../../tensors/info.ts";
import { countElements } from "../../tensors/shape.ts";
import { brokenTensor, defaultView, type Placement, storedTensor, type Tensor } from "../../tensors/tensor.ts";
import type { CheckpointKind } from "../checkpoint.ts";
import { isNpy, readNpyHeader } from "./header.ts";

/** One array saved by numpy, named after its file. */
export const npy: CheckpointKind = {
  kind: "npy",
  describe: "NumPy arrays (.npy)",
  match: ({ head }) => isNpy(head),
  async open({ file, signal }) {
    const notes: string[] = [];
    const tensor = await openNpy(file, stem(baseName(file.name)), notes, signal);
    if (tensor.info.problem) throw new UserError(tensor.info.problem);
    return { kind: "npy", tensors: [tensor], files: [file], notes, metadata: {} };
  },
};

/** The array in a file. What does not fit the file's size is its `problem`. Rejects with UserError for a bad header. */
export async function openNpy(file: ByteSource, name: string, notes: string[], signal?: AbortSignal): Promise<Tensor> {
  const header = await readNpyHeader(file.name, file.size, (begin, end) => file.slice(begin, end, signal));
  const { dtype, shape, dataStart, littleEndian, fortranOrder } = header;
  const info = { name, dtype: dtype.name, shape, elements: countElements(shape), view: defaultView(shape) };
  const tensor = arrayTensor(info, { source: file, dtype, begin: dataStart, littleEndian }, fortranOrder);
  const end = dataStart + bytesOf(dtype, info.elements);
  if (end < file.size) notes.push(`${file.name}: bytes ${end} to ${file.size} at the end belong to no array.`);
  return tensor;
}

/** A NumPy array where it is placed, in either order. What does not fit the source's size is its `problem`. */
export function arrayTensor(info: Omit<TensorInfo, "bytes">, placement: Placement, fortranOrder: boolean): Tensor {
  const { source, dtype, begin } = placement;
  const end = begin + bytesOf(dtype, info.elements);
  if (!Number.isSafeInteger(end) || end > source.size) {
    const needed = `${source.name}: an array of shape [${info.shape.join(", ")}] and dtype ${dtype.name} should end at byte ${end}`;
    return brokenTensor(
      info,
      `${needed}, but the file ends at byte ${source.size}. It was cut off, or its header is wrong.`,
    );
  }
  const stored = storedTensor(info, placement);
  return fortranOrder && info.shape.length > 1 ? fortranTensor(stored) : stored;
}
