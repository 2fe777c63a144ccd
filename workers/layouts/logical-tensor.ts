import type { Reading } from "../tensors/stored.ts";
import type { Tensor } from "../tensors/tensor.ts";
import type { Decoding } from "./decoding.ts";

/** A weight made of several stored tensors, seen as one that is read like any other. */
export interface LogicalTensor extends Tensor {
  readonly readings: readonly Reading[];
  decoding(): Promise<Decoding>;
  /** A stored part by its name, as a tensor of its own: codes and packed zero points unpacked, the others as they are. */
  part(name: string): Tensor | undefined;
  /** The same weight under another reading, `nibbles=high&scale=divide`. Throws UserError for one there is not. */
  as(reading: string): LogicalTensor;
  /** Gives up what is held of its bytes. */
  forget(): void;
}

export const isLogical = (tensor: Tensor): tensor is LogicalTensor => "decoding" in tensor;
