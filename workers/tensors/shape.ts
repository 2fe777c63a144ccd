/** What follows from an array's shape alone. */
import type { MatrixView } from "../../kernels/report/report.ts";
import { UserError } from "../errors/user-error.ts";

/** Number of elements of a shape; 1 for a scalar's `[]`. */
export function countElements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Rows and columns of an array under a view. Throws UserError for a view the shape does not have. */
export function matrixShape(name: string, shape: readonly number[], view: MatrixView): { rows: number; cols: number } {
  const { split, transpose } = view;
  if (!Number.isInteger(split) || split < 0 || split > shape.length) {
    throw new UserError(
      `${name}: a view splits the ${shape.length} dimensions of [${shape.join(", ")}] after 0 to ${shape.length} of them, not after ${split}.`,
    );
  }
  const outer = countElements(shape.slice(0, split));
  const inner = countElements(shape.slice(split));
  return transpose ? { rows: inner, cols: outer } : { rows: outer, cols: inner };
}
