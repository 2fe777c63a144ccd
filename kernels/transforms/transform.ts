/** A linear step on the rows of a matrix, in float32, with its inverse. */
export interface RowTransform {
  name: string;
  /** Elements of a row that mix with each other: the row length is a multiple of it. */
  block: number;
  /** In place over `count` elements from `from`, which start at a block's start. */
  forward(values: Float32Array, from: number, count: number, col: number): void;
  inverse(values: Float32Array, from: number, count: number, col: number): void;
}
