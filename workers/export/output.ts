/** What an export writes: tensors as files hold them, whose sizes are known before a value is read. */
import type { Quantized } from "../../kernels/engine/types.ts";
import type { JobControl } from "../pace/pace.ts";
import type { RunOrder } from "../runs/runs.ts";

/** An array of the file. */
export interface ArraySpec {
  name: string;
  /** As safetensors spells it; ggml's name for a block type. */
  dtype: string;
  /** Slowest dimension first. */
  shape: readonly number[];
  bytes: number;
}

/** What writing needs from its surroundings. */
export interface WriteTools {
  /** Applies a recipe. Rejects as `Runs.quantized` does. */
  quantize(order: RunOrder, control: JobControl): Promise<Quantized>;
  /** Lets go of a result that was written. */
  release(order: RunOrder): void;
  signal: AbortSignal;
  /** Throws AbortError when cancelled; yields to other messages now and then. */
  pace(): Promise<void>;
  /** For the person who reads the result: what was rounded, what overflowed. */
  note(text: string): void;
}

/** Bytes of one of a tensor's arrays, in a buffer of their own. They follow those given before for the same array. */
export interface Piece {
  /** Index into the tensor's arrays. */
  array: number;
  bytes: Uint8Array<ArrayBuffer>;
}

/** A tensor of the source and the arrays it becomes. */
export interface OutputTensor {
  /** The tensor's name in the source. */
  name: string;
  arrays: readonly ArraySpec[];
  /** Whether a recipe is applied, which takes two passes before the first byte. */
  quantized: boolean;
  /** All bytes of all arrays, some megabytes at a time. `quantizing` is told the share of that work done, 0 to 1. */
  pieces(tools: WriteTools, quantizing: (share: number) => void): AsyncGenerator<Piece>;
}

/** A tensor and the bytes of the file at which its arrays begin. */
export interface PlacedTensor {
  tensor: OutputTensor;
  begins: readonly number[];
}

/** A whole file. What lies between the arrays is zero. */
export interface OutputFile {
  /** Everything before the arrays. */
  head: Uint8Array<ArrayBuffer>;
  tensors: readonly PlacedTensor[];
  bytes: number;
}

export const sizeOf = (tensor: OutputTensor): number => tensor.arrays.reduce((sum, array) => sum + array.bytes, 0);
