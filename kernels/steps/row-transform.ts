import type { Dual } from "../calibration/dual.ts";

/** A linear step on the rows of a matrix, in float32, with its inverse. */
export interface RowTransform {
  name: string;
  /** The same for steps that do the same to rows of one length. */
  key: string;
  /** Elements of a row that mix with each other: the row length is a multiple of it. */
  block: number;
  /**
   * What a block Hadamard rotation is made of, for backends that do it themselves. Absent from every other transform, which such
   * backends leave to the processor.
   */
  hadamard?: HadamardParts;
  /** In place over `count` elements from `from`, which start at a block's start. */
  forward(values: Float32Array, from: number, count: number, col: number): void;
  inverse(values: Float32Array, from: number, count: number, col: number): void;
  /** What becomes of the inputs, in float64; without it, what needs a calibration cannot stand behind the step. */
  dual?: Dual;
}

/** A block Hadamard rotation: butterflies in each of `paley` runs, the Paley matrix across them, one multiplication. */
export interface HadamardParts {
  /** Order of the Paley matrix: 1 (none), 12 or 20. */
  paley: number;
  /** Elements of a run, a power of two. */
  power: number;
  /** fl32(1/sqrt(n)) */
  factor: number;
  /** +-1 by column of the matrix, multiplied before the rotation; `null` for all ones. */
  signs: Int8Array | null;
}
