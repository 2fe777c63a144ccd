import type { Plan } from "../plan/plan.ts";
import { addSums, makeSums, type Sums } from "./sums.ts";

/** Sums over outputs, of whom meets a calibration: D = W - Q, H the undamped Gram matrix. */
export interface OutputSums {
  /** tr(D H D^T) */
  error: number;
  /** tr(W H W^T) */
  signal: number;
}

/** All that metrics are computed from. That of several tensors is what `joined` gives. */
export interface Measured {
  sums: Readonly<Sums>;
  /** How often each code is used; `null` where that is not counted. */
  codes: Uint32Array | null;
  /** Blocks with a non-zero value whose stored scale is zero. */
  dead: number;
  /** Whether codes have a range, and a zero, of their own: those of vectors have not. */
  ranged: boolean;
  elements: number;
  /** Everything stored, over the elements. */
  bitsPerWeight: number;
  /** `null` without a calibration. */
  outputs: OutputSums | null;
}

/** What a recipe's sums are, with what its plan tells. */
export function measuredOf(
  plan: Plan,
  sums: Readonly<Sums>,
  dead: number,
  codes: Uint32Array | null = null,
  outputs: OutputSums | null = null,
): Measured {
  const { rows, cols, bits, code, module } = plan;
  let bitsPerWeight = 0;
  for (const part of bits) bitsPerWeight += part.bitsPerWeight;
  return { sums, codes, dead, outputs, ranged: !code && module === undefined, elements: rows * cols, bitsPerWeight };
}

/**
 * Several tensors as if they were one: sums, bits and counts added, maxima taken. Codes of different tensors are not counted
 * together; sums over outputs are there where every tensor has them.
 */
export function joined(parts: readonly Measured[]): Measured {
  const sums = makeSums();
  const outputs: OutputSums = { error: 0, signal: 0 };
  let [dead, elements, bits] = [0, 0, 0];
  for (const part of parts) {
    addSums(part.sums, sums);
    dead += part.dead;
    elements += part.elements;
    bits += part.bitsPerWeight * part.elements;
    outputs.error += part.outputs?.error ?? 0;
    outputs.signal += part.outputs?.signal ?? 0;
  }
  return {
    ...{ sums, codes: null, dead, elements },
    ranged: parts.every((part) => part.ranged),
    bitsPerWeight: elements > 0 ? bits / elements : 0,
    outputs: parts.length > 0 && parts.every((part) => part.outputs) ? outputs : null,
  };
}
