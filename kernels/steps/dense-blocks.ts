import { RecipeError } from "../grammar/errors.ts";
import type { RowTransform } from "./row-transform.ts";
import type { StepArgs } from "./step.ts";

const MOST_KEPT = 8;
/** Matrices that were made: a recipe is prepared anew with every change of its format. */
const kept = new Map<string, Float64Array>();

function matrixOf(key: string, make: () => Float64Array): Float64Array {
  const known = kept.get(key);
  if (known) return known;
  const matrix = make();
  if (kept.size === MOST_KEPT) kept.delete(kept.keys().next().value!);
  kept.set(key, matrix);
  return matrix;
}

/**
 * An orthogonal n x n matrix (row-major float64, made on first use) applied to each n values of a row; its transpose is the inverse.
 * Products are added in float64 in the order of the values and rounded once. n multiplications a value.
 */
export function denseBlocks(name: string, key: string, n: number, make: () => Float64Array): RowTransform {
  const block = new Float64Array(n);
  const apply = (x: Float32Array | Float64Array, from: number, count: number, transpose: boolean) => {
    const matrix = matrixOf(key, make);
    for (let b = from; b < from + count; b += n) {
      block.set(x.subarray(b, b + n));
      for (let k = 0; k < n; k++) {
        let sum = 0;
        for (let j = 0; j < n; j++) sum += matrix[transpose ? j * n + k : k * n + j] * block[j];
        x[b + k] = sum;
      }
    }
  };
  return {
    name,
    key,
    block: n,
    dual: { kind: "rows", apply: (x, from, count) => apply(x, from, count, false) },
    forward: (x, from, count) => apply(x, from, count, false),
    inverse: (x, from, count) => apply(x, from, count, true),
  };
}

/** The block of a dense transform, as its call writes it. */
export const blockParameter = (max: number) =>
  ({
    key: "n",
    kind: "integer",
    min: 2,
    max,
    positional: true,
    describe: "block along the row, which it divides",
  }) as const;

/** The block of a dense transform for rows of `cols` elements. Throws RecipeError where it does not divide them, with one that does. */
export function blockFor(name: string, args: StepArgs, cols: number): number {
  const n = args.number("n") ?? 0;
  if (cols % n !== 0) {
    const fits = [128, 64, 32, 16, 8, 4, 2].find((p) => cols % p === 0);
    const why = `${name}(${n}) does not divide the rows of ${cols} elements${fits ? `; ${fits} does` : ""}`;
    throw new RecipeError(why, null, fits ? args.remedy("n", fits) : []);
  }
  return n;
}
