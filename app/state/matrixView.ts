/** The ways an array can be read as a matrix. */
import type { MatrixView } from "../../kernels/report/report.ts";

const product = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);

/** Rows and columns of a shape under a view. */
export function matrixSize(shape: readonly number[], { split, transpose }: MatrixView): [number, number] {
  const outer = product(shape.slice(0, split));
  const inner = product(shape.slice(split));
  return transpose ? [inner, outer] : [outer, inner];
}

/** Every view of a shape, upright ones first; views that give the same matrix of the same order are there once. */
export function matrixViews(shape: readonly number[]): MatrixView[] {
  const splits = Array.from({ length: shape.length + 1 }, (_, split) => split);
  const seen = new Set<string>();
  return [false, true]
    .flatMap((transpose) => splits.map((split) => ({ split, transpose })))
    .filter((view) => {
      const [rows, cols] = matrixSize(shape, view);
      // A single row or column is the same when transposed as when split at the other end.
      const key = `${rows}x${cols}${view.transpose && rows !== 1 && cols !== 1 ? "t" : ""}`;
      return !seen.has(key) && Boolean(seen.add(key));
    });
}
