import type { GgmlType } from "../../kernels/ggml/index.ts";
import type { MatrixView } from "../../kernels/report/report.ts";
import type { ByteSource } from "../bytes/byte-source.ts";
import { UserError } from "../errors/user-error.ts";
import { bytesOf, type Dtype, decodeInto } from "./decode.ts";
import type { Dequantization } from "./dequantization.ts";
import type { TensorInfo } from "./info.ts";

/** An array that can be read by ranges of its row-major elements. Always gives the same values. */
export interface Tensor {
  info: TensorInfo;
  /**
   * What the reader must know about the values: rounding of wider types, for one. Grows while values are read, so it is
   * complete after a pass over the tensor.
   */
  notes: string[];
  /** Where it lies in its file as plain numbers, for whoever copies it as it is; absent for anything else. */
  stored?: Placement;
  /** The same for blocks of ggml's. */
  blocks?: BlockPlacement;
  /** A tensor of the same file that is multiplied in: whoever writes these values leaves it out. */
  scaledBy?: string;
  /** What its file says that its codes stand for; `findQuantized` makes the weight of it. */
  dequantized?: Dequantization;
  /** Elements [begin, end) as float32, in an array of the caller's. Rejects with UserError. */
  read(begin: number, end: number, signal?: AbortSignal): Promise<Float32Array>;
  /** The same into an array there is; absent where they are not decoded one by one. */
  readInto?(out: Float32Array, begin: number, signal?: AbortSignal): Promise<void>;
}

/** Elements decoded at a time: bounds the bytes held beside the values, and the time until a cancel is seen. */
export const CHUNK = 2 ** 21;

/** How a tensor lies in its file. */
export interface Placement {
  source: ByteSource;
  dtype: Dtype;
  /** First byte. */
  begin: number;
  littleEndian: boolean;
}

/** How a tensor of blocks lies in its file. */
export interface BlockPlacement {
  source: ByteSource;
  /** A block type; big-endian files hold only those that have such a form. */
  type: GgmlType;
  /** First byte. */
  begin: number;
  littleEndian: boolean;
}

/** A tensor over a byte range. `info.bytes` is filled in from the placement. */
export function storedTensor(
  info: Omit<TensorInfo, "bytes">,
  { source, dtype, begin, littleEndian }: Placement,
): Tensor {
  const end = begin + bytesOf(dtype, info.elements);
  const notes: string[] = [];
  const readInto = async (out: Float32Array, first: number, signal?: AbortSignal) => {
    const last = first + out.length;
    for (let at = first; at < last; at += CHUNK) {
      const stop = Math.min(at + CHUNK, last);
      const from = begin + Math.floor(at / 8) * dtype.bits + Math.floor(((at % 8) * dtype.bits) / 8);
      const bytes = await source.slice(from, begin + bytesOf(dtype, stop), signal);
      const rounded = decodeInto(dtype, bytes, at, littleEndian, out.subarray(at - first, stop - first));
      if (rounded?.inexact) addNote(notes, `${dtype.name} values were rounded to float32`);
      if (rounded?.overflow) addNote(notes, `${dtype.name} values beyond float32's range became infinite`);
    }
  };
  return {
    info: { ...info, bytes: { file: source.name, begin, end } },
    notes,
    stored: { source, dtype, begin, littleEndian },
    readInto,
    async read(first, last, signal) {
      const out = new Float32Array(last - first);
      await readInto(out, first, signal);
      return out;
    },
  };
}

/** A tensor whose values are in memory. */
export function memoryTensor(info: TensorInfo, values: Float32Array, notes: string[] = []): Tensor {
  return { info, notes, read: async (begin, end) => values.slice(begin, end) };
}

/** A tensor that is listed but cannot be read, with the reason. */
export function brokenTensor(info: TensorInfo, problem: string): Tensor {
  return {
    info: { ...info, problem },
    notes: [],
    read: async () => {
      throw new UserError(problem);
    },
  };
}

function addNote(notes: string[], note: string): void {
  if (!notes.includes(note)) notes.push(note);
}

/** Frameworks whose arrays are not [out, in, ...] as PyTorch's: for how many dimensions the outputs are last. */
const outputsLast = new Map<string, (dimensions: number) => boolean>([
  // Kernels are [in, out] and [height, width, in, out].
  ["tensorflow", () => true],
  // Linear layers are [in, out]; convolutions are [out, in, height, width].
  ["paddle", (dimensions) => dimensions === 2],
]);

/**
 * The usual reading as a matrix, rows = outputs: [out, rest] as stored, a vector or a scalar as one row, and transposed
 * where the framework that wrote the file (`layout` in its metadata) keeps outputs last.
 */
export function defaultView(shape: readonly number[], layout?: string): MatrixView {
  if (shape.length < 2) return { split: 0, transpose: false };
  if (layout !== undefined && outputsLast.get(layout)?.(shape.length))
    return { split: shape.length - 1, transpose: true };
  return { split: 1, transpose: false };
}
