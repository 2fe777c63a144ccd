/** Words that the state and everything that draws it share. */

/** The two recipes of the bench. */
export type Side = "a" | "b";

/** Something known for A and for B; `null` while it is not. */
export interface Pair<T> {
  a: T | null;
  b: T | null;
}

/** A closed stretch of a value axis. */
export interface Range {
  lo: number;
  hi: number;
}

/** Part of the matrix, half open, in whole or fractional rows and columns. */
export interface MatrixWindow {
  row0: number;
  row1: number;
  col0: number;
  col1: number;
}
