/** A part of the matrix with a structure, kept as what it is made of. */
import { type Dense, dense } from "../../linalg/index.ts";
import type { Rows, SideTensor } from "../step.ts";

export interface Part {
  /** What the kept tensors make, row-major: each value rounded once. */
  product: Float32Array;
  side: SideTensor[];
  notes: string[];
}

const moved = ({ product }: Pick<Part, "product">, { row0, cols, values }: Rows, sign: 1 | -1): Float32Array => {
  const from = row0 * cols;
  const out = new Float32Array(values.length);
  for (let i = 0; i < out.length; i++) out[i] = values[i] + sign * product[from + i];
  return out;
};

/** What a split of such a part does beside fitting it. */
export const partOfSplit = {
  kind: "split",
  rest: (part: Pick<Part, "product">, rows: Rows) => moved(part, rows, -1),
  add: (part: Pick<Part, "product">, rows: Rows) => moved(part, rows, 1),
  apart: ({ product }: Pick<Part, "product">, { row0, rows, cols }: Rows) =>
    product.subarray(row0 * cols, (row0 + rows) * cols),
  bits: ({ side }: Pick<Part, "side">, { rows, cols }: { rows: number; cols: number }) =>
    side.map(({ name, recipe, rows: r, cols: c, bits }) => ({
      what: `${name}, ${r} x ${c} (${recipe})`,
      bitsPerWeight: bits / (rows * cols),
    })),
  side: ({ side }: Pick<Part, "side">) => side,
  notes: ({ notes }: Pick<Part, "notes">) => notes,
} as const;

/** A side tensor in float64. */
export const wide = ({ rows, cols, values }: SideTensor): Dense => dense(rows, cols, new Float64Array(values));

/** A matrix as a side tensor is given to be stored. */
export const single = ({ rows, cols, values }: Dense) => ({ rows, cols, values: new Float32Array(values) });
