import type { MatrixSource } from "../../kernels/matrix/source.ts";
import type { MatrixView } from "../../kernels/report/report.ts";
import { formatBytes } from "../bytes/format-bytes.ts";
import { UserError } from "../errors/user-error.ts";
import type { TensorCache } from "./cache.ts";
import { type Held, held, heldTransposed } from "./held.ts";
import { matrixShape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/**
 * A tensor seen as a matrix. Up to the cache's budget what was decoded is kept (under `key`); above it each call reads
 * and decodes its own rows. A transposed view needs the whole tensor at once and is refused above the budget.
 */
export function matrixOf(tensor: Tensor, view: MatrixView, cache: TensorCache, key: string): MatrixSource {
  const { name, shape, elements, problem } = tensor.info;
  if (problem) throw new UserError(problem);
  if (elements === 0) throw new UserError(`${name} has no elements: its shape is [${shape.join(", ")}].`);
  const { rows, cols } = matrixShape(name, shape, view);
  const size = elements * 4;
  const fits = size <= cache.budget;
  // A matrix with one row or column is its own transpose in memory.
  const transpose = view.transpose && rows > 1 && cols > 1;
  if (transpose && !fits) {
    throw new UserError(
      `${name} can only be read transposed if it is held in memory as a whole: that takes ${formatBytes(size)}, and ${formatBytes(cache.budget)} are allowed. Choose the view that is not transposed.`,
    );
  }
  const inFile: Held = { range: (begin, end) => tensor.read(begin, end) };
  const memory = () =>
    transpose
      ? cache.get(`${key} ${view.split}T`, size, () => heldTransposed(tensor, cols, rows))
      : cache.get(key, size, () => held(tensor));
  return {
    name,
    shape,
    view,
    rows,
    cols,
    notes: tensor.notes,
    async read(row0, row1) {
      if (row0 < 0 || row0 > row1 || row1 > rows) throw new RangeError(`rows ${row0} to ${row1} of ${rows}`);
      return (fits ? memory() : inFile).range(row0 * cols, row1 * cols);
    },
  };
}
