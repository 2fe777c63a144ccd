/** From what a pickle describes to tensors that can be read. */

import { type ByteSource, memorySource } from "../../bytes/byte-source.ts";
import { UserError } from "../../errors/user-error.ts";
import { type Dtype, findDtype } from "../../tensors/decode.ts";
import type { Dequantization } from "../../tensors/dequantization.ts";
import type { TensorInfo } from "../../tensors/info.ts";
import { countElements } from "../../tensors/shape.ts";
import { brokenTensor, defaultView, storedTensor, type Tensor } from "../../tensors/tensor.ts";
import { npyDtype } from "../npy/header.ts";
import { arrayTensor } from "../npy/npy.ts";
import type { Saved } from "./listing.ts";
import { SavedArray, SavedNumbers, type SavedStorage, SavedTensor } from "./saved.ts";
import { isContiguous, spanOf, stridedTensor } from "./strided.ts";
import { elementBytes } from "./torch-types.ts";

/** Where a storage's bytes are. */
export interface StoragePlace {
  source: ByteSource;
  begin: number;
  /** Bytes there are. */
  size: number;
  littleEndian: boolean;
}

/** Finds storages. Throws UserError for one that is missing or cannot be read. */
export type FindStorage = (storage: SavedStorage) => StoragePlace;

/** The tensors of a file. Of a name that occurs twice one is kept, to say so: nobody knows which is meant. */
export function savedTensors(
  file: string,
  listed: readonly { name: string; saved: Saved }[],
  find: FindStorage,
): Tensor[] {
  const tensors = new Map<string, Tensor>();
  for (const { name, saved } of listed) {
    const first = tensors.get(name);
    if (first) tensors.set(name, brokenTensor(first.info, `${file}: tensor "${name}" is in the file twice.`));
    else tensors.set(name, savedTensor(file, name, saved, find));
  }
  return [...tensors.values()];
}

function savedTensor(file: string, name: string, saved: Saved, find: FindStorage): Tensor {
  const shape = [...saved.shape];
  const info = { name, dtype: dtypeName(saved), shape, elements: countElements(shape), view: defaultView(shape) };
  const bad = (what: string) => brokenTensor(info, `${file}: tensor "${name}" ${what}.`);
  if (!Number.isSafeInteger(info.elements))
    return bad(`has more elements than can be counted: shape [${shape.join(", ")}]`);
  try {
    if (saved instanceof SavedArray) return numpyTensor(file, info, saved);
    if (saved instanceof SavedNumbers) return numbersTensor(name, info, saved);
    if (!(saved instanceof SavedTensor)) return bad(saved.what);
    const { quantizer, type } = saved;
    if (type.name === "float4_e2m1fn_x2") return pairsTensor(file, name, saved, find);
    const dtype = type.dtype ?? (quantizer ? type.codes : undefined);
    if (!dtype) return bad(type.refusal);
    if (saved.refusal) return bad(saved.refusal);
    const place = find(saved.storage);
    const offset = saved.offset + saved.storage.offset;
    const problem = beyond(saved, dtype, offset, place.size);
    if (problem) return bad(problem);
    const tensor = stridedTensor(info, { ...place, dtype }, { offset, shape, stride: saved.stride });
    if (!quantizer) return tensor;
    const dequantized: Dequantization = {
      ...{ kind: "blocked", by: `PyTorch ${type.name}`, axis: quantizer.axis, run: null },
      ...{ scales: `${name}.scale`, zeros: `${name}.zero_point` },
    };
    return { ...tensor, dequantized };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return brokenTensor(info, error.message);
  }
}

function dtypeName(saved: Saved): string {
  if (saved instanceof SavedTensor) {
    const { dtype, codes, name } = saved.type;
    return dtype?.name ?? (saved.quantizer ? codes?.name : undefined) ?? name;
  }
  if (saved instanceof SavedNumbers) return "F64";
  return saved instanceof SavedArray ? saved.descr : "?";
}

/** What is wrong where a tensor reaches beyond its storage, or a storage beyond its bytes. */
function beyond({ storage, shape, stride }: SavedTensor, dtype: Dtype, offset: number, size: number): string | null {
  const { type, key, count } = storage;
  const announced = count * (type.element ? elementBytes(type.element) : 1);
  if (!storage.offset && announced > size)
    return `is in storage ${key}, which should have ${announced} bytes but has ${size}. The file was cut off or is damaged`;
  const span = spanOf({ offset, shape, stride });
  const needed = (offset + span) * (dtype.bits / 8);
  if (span === 0 || (Number.isSafeInteger(needed) && needed <= size)) return null;
  return `of shape [${shape.join(", ")}] and strides [${stride.join(", ")}] from element ${offset} needs ${needed} bytes of storage ${key}, which has ${size}`;
}

/** Numbers that are in the pickle itself. */
function numbersTensor(file: string, info: Omit<TensorInfo, "bytes">, { values }: SavedNumbers): Tensor {
  const source = memorySource(file, new Uint8Array(Float64Array.from(values).buffer));
  const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
  const tensor = storedTensor(info, { source, dtype: findDtype("F64")!, begin: 0, littleEndian });
  const { bytes: _, ...unplaced } = tensor.info;
  return { ...tensor, info: unplaced };
}

/** torch.float4_e2m1fn_x2: an element is two numbers of 4 bits, the first in the low nibble. Read where it lies row by row. */
function pairsTensor(file: string, name: string, saved: SavedTensor, find: FindStorage): Tensor {
  const stored = [...saved.shape];
  const shape = [...stored.slice(0, -1), 2 * (stored[stored.length - 1] ?? 0)];
  const info = { name, dtype: "F4", shape, elements: countElements(shape), view: defaultView(shape) };
  const bad = (what: string) => brokenTensor(info, `${file}: tensor "${name}" ${what}.`);
  if (stored.length === 0 || !isContiguous({ offset: 0, shape: stored, stride: saved.stride })) {
    return bad("holds pairs of 4-bit numbers that do not lie row by row. Save it with tensor.contiguous()");
  }
  const place = find(saved.storage);
  const offset = saved.offset + saved.storage.offset;
  const problem = beyond(saved, findDtype("U8")!, offset, place.size);
  if (problem) return bad(problem);
  return storedTensor(info, { ...place, dtype: findDtype("F4")!, begin: place.begin + offset });
}

/** A NumPy array among the tensors. Its bytes are in the pickle, so it has no range in the file. */
function numpyTensor(file: string, info: Omit<TensorInfo, "bytes">, saved: SavedArray): Tensor {
  const name = `${file}: array "${info.name}"`;
  const { dtype, littleEndian } = npyDtype(name, saved.descr);
  const source = memorySource(name, saved.bytes ?? new Uint8Array());
  const placement = { source, dtype, begin: 0, littleEndian };
  const tensor = arrayTensor({ ...info, dtype: dtype.name }, placement, saved.fortranOrder);
  const { bytes: _, ...unplaced } = tensor.info;
  return { ...tensor, info: unplaced };
}
