/**
 * What a machine does, as data that crosses threads. A machine holds panels: matrices under a number that the caller
 * chooses. No command takes longer than some 30 ms where panels are of `PANEL` rows, so that between two of them a
 * computation can be cancelled.
 */

/** Rows of a panel. Figures do not depend on it where it says so in `update`. */
export const PANEL = 128;

export type Command =
  | Put
  | Zeros
  | Get
  | Drop
  | Update
  | Factor
  | Forward
  | Backward
  | SolveRight
  | Reflect
  | Reflected
  | Dots
  | Rotate
  | Jacobi;

/** Keeps a matrix of these values, in the place of what had the number before. */
export interface Put {
  do: "put";
  id: number;
  rows: number;
  cols: number;
  values: Float64Array | Float32Array;
}

/** Keeps a matrix of zeros, with ones from (0, `col`) down where `identity` is set. */
export interface Zeros {
  do: "zeros";
  id: number;
  rows: number;
  cols: number;
  identity?: boolean;
  col?: number;
}

/** Answers with a panel's values, row-major, or with those of one row. */
export interface Get {
  do: "get";
  id: number;
  row?: number;
}

export interface Drop {
  do: "drop";
  ids: number[];
}

/**
 * c[:, cCol ..] += (or -=) op(a) op(b), m x n over an inner index of k:
 *
 * | form | op(a) | op(b) |
 * | --- | --- | --- |
 * | `tn` | a[:, aCol .. + m]^T | b[:, bCol .. + n] |
 * | `nn` | a[:, aCol .. + k] | b[:, bCol .. + n] |
 * | `nt` | a[:, aCol .. + k] | b[:, bCol .. + k]^T |
 *
 * where m are the rows of c, and k those of b (`tn`, `nn`). Each element takes its k products in order, one rounding for
 * each product and each sum: so figures do not depend on how an inner index is cut. `cCol` is a multiple of four, and n is one, or
 * reaches to the last column; a may be c.
 */
export interface Update {
  do: "update";
  form: "tn" | "nn" | "nt";
  c: number;
  cCol: number;
  a: number;
  aCol: number;
  b: number;
  bCol: number;
  n: number;
  /** The inner index of `nt`. */
  k?: number;
  subtract?: boolean;
  /** c begins with zeros. */
  fresh?: boolean;
}

/** The upper Cholesky factor's rows in the place of a panel whose diagonal begins at (0, 0). Answers with the first pivot that is not positive. */
export interface Factor {
  do: "factor";
  id: number;
}

/** x with u^T x = b, or u x = b, in the place of b; u is the triangle at the head of panel u. */
export interface Forward {
  do: "forward";
  x: number;
  u: number;
}

export interface Backward {
  do: "backward";
  x: number;
  u: number;
}

/** Columns col .. of t, as many as u has rows, become X with X u = those columns. */
export interface SolveRight {
  do: "solveRight";
  t: number;
  col: number;
  u: number;
}

/**
 * Householder's reflectors of a panel's rows (columns of the matrix that is factored), row i from column col + i on, in the
 * place of the rows: before that column what was there, in it the triangle's diagonal, after it the reflector, whose 1 there
 * is left out. Panel t becomes the triangle T, so that all reflections together are I - V^T T V, V the reflectors as rows.
 */
export interface Reflect {
  do: "reflect";
  id: number;
  col: number;
  t: number;
}

/**
 * c[:, cCol ..] becomes c - (c V^T) T V: the reflections of panel v (whole, with its ones and zeros) and their triangle T, or
 * their inverse with T^T.
 */
export interface Reflected {
  do: "reflected";
  c: number;
  cCol: number;
  v: number;
  t: number;
}

/** Answers with the sums over columns col .. of each panel's rows times x[col ..], a panel's after the other's. */
export interface Dots {
  do: "dots";
  ids: number[];
  col: number;
  x: Float64Array;
}

/** Turns rows i and i + 1 of each panel by c and s, for all (i, c, s) in their order: x, y become c x - s y, s x + c y. */
export interface Rotate {
  do: "rotate";
  ids: number[];
  rotations: Float64Array;
}

/**
 * One-sided Jacobi: turns rows from .. to of a panel against all rows after each where they are not orthogonal, and the rows
 * of panel `turns` along. Answers with one number: how many turned.
 */
export interface Jacobi {
  do: "jacobi";
  id: number;
  turns: number;
  from: number;
  to: number;
}

/** Where a factor ended. */
export interface Pivot {
  row: number;
  value: number;
}

export type Answer = Float64Array<ArrayBuffer> | Pivot | null;
