import { RecipeError } from "../grammar/errors.ts";
import { threefry2x32 } from "../random/threefry.ts";
import type { RowTransform } from "./row-transform.ts";
import type { StepArgs } from "./step.ts";

/**
 * Hadamard rotations of order 2^k, 12*2^k and 20*2^k: Sylvester's doubling over Paley's first construction for the
 * primes 11 and 19. The result is divided by sqrt(n), so that the rotation is orthogonal.
 *
 * Sums are taken in float32 in a fixed order: butterflies of distance 1, 2, 4 ... inside each power of two, then the
 * rows of the Paley matrix left to right, then one multiplication by fl32(1/sqrt(n)).
 */

/** n = odd * power with odd part 1, 12 or 20 (as 12 = 3*4, 20 = 5*4). Null where n is of no such form. */
function orders(n: number): { paley: number; power: number } | null {
  for (const paley of [1, 12, 20]) {
    const power = n / paley;
    if (Number.isInteger(power) && (power & (power - 1)) === 0) return { paley, power };
  }
  return null;
}

/** Paley's Hadamard matrix of order q + 1 for a prime q = 3 mod 4, entries +-1, row-major. */
export function paleyMatrix(order: number): Int8Array {
  const q = order - 1;
  const squares = new Set(Array.from({ length: q - 1 }, (_, i) => ((i + 1) * (i + 1)) % q));
  const chi = (a: number) => (a === 0 ? 0 : squares.has(a) ? 1 : -1);
  const h = new Int8Array(order * order);
  // H = I + S with S skew: a first row of ones, a first column of minus ones, and the Jacobsthal matrix inside.
  for (let i = 0; i < order; i++) {
    for (let j = 0; j < order; j++) {
      let s: number;
      if (i === 0) s = j === 0 ? 0 : 1;
      else if (j === 0) s = -1;
      else s = chi((((j - i) % q) + q) % q);
      h[i * order + j] = s + (i === j ? 1 : 0);
    }
  }
  return h;
}

/**
 * Fast Walsh-Hadamard transform of `n` values (a power of two), unnormalised, Sylvester's order. Two distances are done
 * in one pass over the values; every sum is rounded to float32 as if they were done one after the other.
 */
function butterflies(x: Float32Array, from: number, n: number): void {
  let h = 1;
  for (; 2 * h < n; h *= 4) {
    for (let i = from; i < from + n; i += 4 * h) {
      for (let j = i; j < i + h; j++) {
        const a = x[j];
        const b = x[j + h];
        const c = x[j + 2 * h];
        const d = x[j + 3 * h];
        const ab = Math.fround(a + b);
        const cd = Math.fround(c + d);
        const aMinusB = Math.fround(a - b);
        const cMinusD = Math.fround(c - d);
        x[j] = ab + cd;
        x[j + h] = aMinusB + cMinusD;
        x[j + 2 * h] = ab - cd;
        x[j + 3 * h] = aMinusB - cMinusD;
      }
    }
  }
  if (h < n) {
    for (let j = from; j < from + h; j++) {
      const a = x[j];
      const b = x[j + h];
      x[j] = a + b;
      x[j + h] = a - b;
    }
  }
}

/** Multiplies each group of `order` values with distance `stride` by the matrix (or its transpose). */
function mixGroups(
  x: Float32Array,
  from: number,
  stride: number,
  order: number,
  h: Int8Array,
  transpose: boolean,
): void {
  const column = new Float32Array(order);
  for (let s = from; s < from + stride; s++) {
    for (let i = 0; i < order; i++) column[i] = x[s + i * stride];
    for (let i = 0; i < order; i++) {
      let sum = 0;
      for (let j = 0; j < order; j++) {
        const sign = transpose ? h[j * order + i] : h[i * order + j];
        sum = Math.fround(sum + sign * column[j]);
      }
      x[s + i * stride] = sum;
    }
  }
}

/** The rotation of one block in float64: what becomes of inputs, for which no backend stands. */
function rotateExactly(x: Float64Array, from: number, paley: number, power: number, matrix: Int8Array | null): void {
  const n = paley * power;
  for (let h = 1; h < power; h *= 2) {
    for (let block = 0; block < n; block += power) {
      for (let i = from + block; i < from + block + power; i += 2 * h) {
        for (let j = i; j < i + h; j++) {
          const [a, b] = [x[j], x[j + h]];
          x[j] = a + b;
          x[j + h] = a - b;
        }
      }
    }
  }
  const column = new Float64Array(paley);
  for (let s = from; matrix && s < from + power; s++) {
    for (let i = 0; i < paley; i++) column[i] = x[s + i * power];
    for (let i = 0; i < paley; i++) {
      let sum = 0;
      for (let j = 0; j < paley; j++) sum += matrix[i * paley + j] * column[j];
      x[s + i * power] = sum;
    }
  }
  const factor = 1 / Math.sqrt(n);
  for (let i = from; i < from + n; i++) x[i] *= factor;
}

const MOST_KEPT = 16;
/** Signs that were drawn: a recipe is prepared anew with every change of its format. */
const kept = new Map<string, Int8Array>();

/** The signs of a randomised rotation by column of the matrix: +-1 from the top bit of the draw. */
function randomSigns(seed: number, stream: number, cols: number): Int8Array {
  const key = `${seed} ${stream} ${cols}`;
  const known = kept.get(key);
  if (known) return known;
  const word = new Uint32Array(2);
  const signs = new Int8Array(cols);
  for (let col = 0; col < cols; col++) {
    threefry2x32(seed, stream, col, 0, word);
    signs[col] = word[0] >>> 31 ? -1 : 1;
  }
  if (kept.size === MOST_KEPT) kept.delete(kept.keys().next().value!);
  kept.set(key, signs);
  return signs;
}

/** A block along the row of a rotation, as its call writes it. */
export const orderParameter = {
  key: "n",
  kind: "integer",
  min: 2,
  max: 1048576,
  positional: true,
  describe: "block along the row: a power of two times 1, 12 or 20",
} as const;

/**
 * The order of a rotation for rows of `cols` elements. Throws RecipeError where there is no such matrix or it does not divide the row;
 * the message names an order that does, and the remedy writes the recipe with it.
 */
export function orderFor(name: string, args: StepArgs, cols: number): number {
  const n = args.number("n") ?? 0;
  const order = orders(n);
  if (!order || cols % n !== 0) {
    const dividing = [1024, 512, 256, 128, 64, 32, 16, 8, 4, 2].filter((p) => cols % p === 0);
    // Of an order that no matrix has, the nearest below it that suits the rows is the likeliest to be meant.
    const fits = (order ? undefined : dividing.find((p) => p < n)) ?? dividing[0];
    const hint = fits ? `; ${fits} does` : "";
    const remedies = fits ? args.remedy("n", fits) : [];
    const why = order
      ? `${name}(${n}) does not divide the rows of ${cols} elements`
      : `${name}(${n}): a block is a power of two times 1, 12 or 20`;
    throw new RecipeError(`${why}${hint}`, null, remedies);
  }
  return n;
}

/**
 * A block Hadamard rotation of rows of `cols` elements in blocks of n, an order that divides them.
 * `random` adds a diagonal of random signs before the rotation (QuIP#, SpinQuant): keyed by seed and stream.
 */
export function hadamard(
  name: string,
  n: number,
  cols: number,
  random: { seed: number; stream: number } | null,
): RowTransform {
  const { paley, power } = orders(n)!;
  const matrix = paley > 1 ? paleyMatrix(paley) : null;
  const factor = Math.fround(1 / Math.sqrt(n));
  const signs = random ? randomSigns(random.seed, random.stream, cols) : null;
  const flip = (x: Float32Array, from: number, count: number, col: number) => {
    if (signs) for (let i = 0; i < count; i++) x[from + i] *= signs[col + i];
  };
  const rotate = (x: Float32Array, from: number, count: number, transpose: boolean) => {
    for (let b = from; b < from + count; b += n) {
      for (let i = 0; i < paley; i++) butterflies(x, b + i * power, power);
      if (matrix) mixGroups(x, b, power, paley, matrix, transpose);
      for (let i = b; i < b + n; i++) x[i] *= factor;
    }
  };
  const dual = (x: Float64Array, from: number, count: number, col: number) => {
    if (signs) for (let i = 0; i < count; i++) x[from + i] *= signs[col + i];
    for (let b = from; b < from + count; b += n) rotateExactly(x, b, paley, power, matrix);
  };
  return {
    name,
    dual: { kind: "rows", apply: dual },
    key: random ? `${n},${random.seed},${random.stream}` : `${n}`,
    block: n,
    hadamard: { paley, power, factor, signs },
    forward(x, from, count, col) {
      flip(x, from, count, col);
      rotate(x, from, count, false);
    },
    inverse(x, from, count, col) {
      rotate(x, from, count, true);
      flip(x, from, count, col);
    },
  };
}
