/** What keeps a computation from its result, each in one sentence that a person can act on. */
export class LinalgError extends Error {
  override name = "LinalgError";
}

/** Shapes that do not go together. */
export class ShapeError extends LinalgError {
  override name = "ShapeError";
}

/** A value that is not finite, where only finite ones have a meaning. */
export class NotFinite extends LinalgError {
  override name = "NotFinite";
  readonly row: number;
  readonly col: number;
  constructor(what: string, row: number, col: number, value: number) {
    super(`${what} holds ${value} in row ${row}, column ${col}.`);
    this.row = row;
    this.col = col;
  }
}

/** A symmetric matrix without Cholesky factor. */
export class NotPositiveDefinite extends LinalgError {
  override name = "NotPositiveDefinite";
  /** The row and column, counted from 0, whose pivot is not positive; the ones before it (after it, for a factor made from the end) are. */
  readonly pivot: number;
  /** The pivot: what is left of the diagonal's value once the columns before it are accounted for. */
  readonly value: number;
  constructor(what: string, pivot: number, value: number) {
    super(
      `${what} is not positive definite: the pivot of column ${pivot} is ${Number(value.toPrecision(4))}. More damping makes it so.`,
    );
    this.pivot = pivot;
    this.value = value;
  }
}

/** A triangular matrix with a zero on its diagonal. */
export class Singular extends LinalgError {
  override name = "Singular";
  readonly pivot: number;
  constructor(what: string, pivot: number) {
    super(`${what} is singular: the diagonal is zero in column ${pivot}.`);
    this.pivot = pivot;
  }
}

/** An iteration that did not come to its end. */
export class NotConverged extends LinalgError {
  override name = "NotConverged";
}

/** More memory than the caller allows. */
export class MemoryBudgetError extends LinalgError {
  override name = "MemoryBudgetError";
  readonly bytes: number;
  readonly budget: number;
  constructor(what: string, bytes: number, budget: number) {
    super(`${what} takes ${inWords(bytes)} of memory; the budget is ${inWords(budget)}.`);
    this.bytes = bytes;
    this.budget = budget;
  }
}

function inWords(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  if (bytes >= 1e6) return `${(bytes / 1e6).toFixed(1)} MB`;
  return `${bytes} bytes`;
}
