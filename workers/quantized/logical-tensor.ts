import type { Tensor } from "../tensors/tensor.ts";
import type { Decoding } from "./decoding.ts";
import type { Reading } from "./stored.ts";

/** A weight made of several stored tensors, seen as one that is read like any other. */
export interface LogicalTensor extends Tensor {
  decoding: Decoding;
  /** Its stored parts as tensors of their own: codes and packed zero points unpacked, the others as they are. */
  parts: readonly Tensor[];
  readings: readonly Reading[];
  /** The same weight under another reading, `nibbles=high&scale=divide`. Throws UserError for one there is not. */
  as(reading: string): LogicalTensor;
  /** Gives up what is held of its bytes. */
  forget(): void;
}

export const isLogical = (tensor: Tensor): tensor is LogicalTensor => "decoding" in tensor;
