/** Kronecker maps of rows: y = x diag(c) (P1 x P2), forward, and gradients back. */
import { type Dense, dense, multiply, type Run } from "../../linalg/index.ts";
import { flipped, invert } from "../learning/invert.ts";

/** What weights are mapped by. Its inverse transposed is of the same form, and maps inputs. */
export interface Kronecker {
  /** By column. */
  c: Float64Array;
  /** Row-major, n1 x n1 and n2 x n2. */
  p: [Float64Array<ArrayBuffer>, Float64Array<ArrayBuffer>];
  n: [number, number];
}

/** What inputs go through where weights go through the map; null where it is singular. */
export function dualOf({ c, p, n }: Kronecker): Kronecker | null {
  const inverses = p.map((matrix, k) => invert(matrix, n[k]));
  if (!inverses[0] || !inverses[1] || !c.every((x) => x > 0 && x - x === 0)) return null;
  return { c: c.map((x) => 1 / x), p: [flipped(inverses[0], n[0]), flipped(inverses[1], n[1])], n };
}

/** Each row as an a x b matrix, turned into b x a. */
function turned(values: Float64Array, a: number, b: number): Float64Array<ArrayBuffer> {
  const out = new Float64Array(values.length);
  for (let at = 0; at < values.length; at += a * b) {
    for (let i = 0; i < a; i++) for (let j = 0; j < b; j++) out[at + j * a + i] = values[at + i * b + j];
  }
  return out;
}

const square = (values: Float64Array<ArrayBuffer>, n: number) => dense(n, n, values);
const inBlocks = (values: Float64Array<ArrayBuffer>, n: number) => dense(values.length / n, n, values);

/** What a row is on its way. */
export interface Mapped {
  /** Behind the diagonal. */
  scaled: Float64Array<ArrayBuffer>;
  /** Behind P2, each row turned. */
  middle: Float64Array<ArrayBuffer>;
  out: Dense;
}

export async function mapRows(x: Dense, { c, p, n }: Kronecker, run: Run): Promise<Mapped> {
  const [n1, n2] = n;
  const scaled = x.values.map((v, i) => v * c[i % x.cols]);
  const behind = await multiply(inBlocks(scaled, n2), square(p[1], n2), {}, run);
  const middle = turned(behind.values, n1, n2);
  const last = await multiply(inBlocks(middle, n1), square(p[0], n1), {}, run);
  return { scaled, middle, out: dense(x.rows, x.cols, turned(last.values, n2, n1)) };
}

/** Gradients of what a map is made of; that of the diagonal is by its logarithm. */
export interface MapGradients {
  c: Float64Array;
  p: [Float64Array, Float64Array];
}

export async function gradientsOf(
  mapped: Mapped,
  gradient: Dense,
  { c, p, n }: Kronecker,
  run: Run,
): Promise<MapGradients> {
  const [n1, n2] = n;
  const last = inBlocks(turned(gradient.values, n1, n2), n1);
  const first = await multiply(inBlocks(mapped.middle, n1), last, { transposeA: true }, run);
  const middle = turned((await multiply(last, square(p[0], n1), { transposeB: true }, run)).values, n2, n1);
  const second = await multiply(inBlocks(mapped.scaled, n2), inBlocks(middle, n2), { transposeA: true }, run);
  const atScaled = await multiply(inBlocks(middle, n2), square(p[1], n2), { transposeB: true }, run);
  const atC = new Float64Array(c.length);
  for (let i = 0; i < mapped.scaled.length; i++) atC[i % c.length] += atScaled.values[i] * mapped.scaled[i];
  return { c: atC, p: [first.values, second.values] };
}

/** Of gradients at P^-T those at P: with M = P^-T, dM = -M dP^T M. */
export function throughInverse(m: Float64Array, gradient: Float64Array, n: number): Float64Array {
  const product = (a: Float64Array, b: Float64Array) => {
    const out = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < n; k++) {
        const x = a[i * n + k];
        for (let j = 0; j < n; j++) out[i * n + j] += x * b[k * n + j];
      }
    }
    return out;
  };
  return product(product(m, flipped(gradient, n)), m).map((x) => -x);
}

/** One row in place, in float64: x diag(c) (P1 x P2), or x (P1 x P2) diag(1 / c) where `after`. */
export function mapRow(x: Float64Array, at: number, { c, p, n: [n1, n2] }: Kronecker, after: boolean): void {
  const cols = n1 * n2;
  const middle = new Float64Array(cols);
  for (let i = 0; i < n1; i++) {
    for (let j = 0; j < n2; j++) {
      const col = i * n2 + j;
      const v = after ? x[at + col] : x[at + col] * c[col];
      for (let k = 0; k < n2; k++) middle[i * n2 + k] += v * p[1][j * n2 + k];
    }
  }
  x.fill(0, at, at + cols);
  for (let i = 0; i < n1; i++) {
    for (let l = 0; l < n1; l++) {
      const f = p[0][i * n1 + l];
      for (let k = 0; k < n2; k++) x[at + l * n2 + k] += f * middle[i * n2 + k];
    }
  }
  if (after) for (let col = 0; col < cols; col++) x[at + col] /= c[col];
}
