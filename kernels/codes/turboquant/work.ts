import { buildFormat } from "../../formats/registry.ts";
import type { CodebookFormat } from "../../formats/types.ts";
import type { CodedMatrix, CodeJob } from "../../plan/code.ts";
import type { Matrix } from "../../steps/step.ts";
import type { WorkOf } from "../code.ts";
import { allFinite } from "../vector/columns.ts";
import type { TurboquantCode } from "./plan.ts";
import { hadamard, randomRotation, sketch } from "./rotations.ts";

/** Products between two looks at whoever may cancel. */
const PACED = 2 ** 23;
/** What an inner product with signs of a Gaussian sketch is multiplied by: sqrt(pi / 2). */
const ROOT_HALF_PI = 1.2533141373155001;

/** into = A x, or A^T x. */
function apply(a: Float64Array, x: Float64Array, into: Float64Array, transposed: boolean): void {
  const n = x.length;
  into.fill(0);
  if (transposed) {
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) into[j] += a[i * n + j] * x[i];
    return;
  }
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += a[i * n + j] * x[j];
    into[i] = sum;
  }
}

function norm(x: Float64Array): number {
  let sum = 0;
  for (const v of x) sum += v * v;
  return Math.sqrt(sum);
}

function nearestLevel(levels: Float32Array, x: number): number {
  let code = 0;
  while (code < levels.length - 1 && x - levels[code] > levels[code + 1] - x) code++;
  return code;
}

async function encode(code: TurboquantCode, operand: Matrix, job: CodeJob): Promise<CodedMatrix> {
  const { bits, n, rotation, residual, corrected, seed, norms } = code;
  const { rows, cols, values } = operand;
  const levels = (buildFormat({ name: `lloyd${bits}`, args: [] }) as CodebookFormat).values;
  const begin = () => job.checkpoint(0, 1, "rotation");
  const turn = rotation === "random" ? await randomRotation(n, seed, begin) : hadamard(n);
  const sketched = residual ? await sketch(n, seed, begin) : null;
  const vectors = values.length / n;
  const codes = new Uint32Array(values.length);
  const counts = new Uint32Array(2 ** (bits + (residual ? 1 : 0)));
  const root = Math.sqrt(n);
  const kept = new Float32Array(vectors * (residual ? 2 : 1));
  /** By vector, before its norm: what codes stand for. */
  const unit = new Float32Array(values.length);
  const [x, u, q, rest, signs, back] = Array.from({ length: 6 }, () => new Float64Array(n));
  const paced = Math.max(1, Math.floor(PACED / (n * n)));
  for (let v = 0; v < vectors; v++) {
    if (v % paced === 0) await job.checkpoint(v, 2 * vectors, "vectors");
    if (!allFinite(values, v * n, (v + 1) * n)) continue;
    for (let i = 0; i < n; i++) x[i] = values[v * n + i];
    const length = norm(x);
    if (length > 0) for (let i = 0; i < n; i++) x[i] /= length;
    apply(turn, x, u, false);
    for (let i = 0; i < n; i++) {
      const level = nearestLevel(levels, u[i] * root);
      codes[v * n + i] = level;
      q[i] = levels[level] / root;
    }
    kept[v] = corrected ? length / norm(q) : length;
    if (sketched) {
      for (let i = 0; i < n; i++) rest[i] = u[i] - q[i];
      apply(sketched, rest, signs, false);
      for (let i = 0; i < n; i++) {
        const up = signs[i] >= 0;
        codes[v * n + i] = 2 * codes[v * n + i] + (up ? 1 : 0);
        signs[i] = up ? 1 : -1;
      }
      apply(sketched, signs, rest, true);
      kept[vectors + v] = norm(u.map((a, i) => a - q[i]));
      // What is left is stored as it is; its norm is stored in turn, as a share of the vector's.
      for (let i = 0; i < n; i++) q[i] += (ROOT_HALF_PI / n) * kept[vectors + v] * rest[i];
    }
    for (let i = 0; i < n; i++) counts[codes[v * n + i]]++;
    apply(turn, q, back, true);
    for (let i = 0; i < n; i++) unit[v * n + i] = back[i];
  }
  const stored = await job.store("norms", { rows: 1, cols: kept.length, values: kept }, norms);
  const result = values.slice();
  for (let v = 0; v < vectors; v++) {
    if (!allFinite(values, v * n, (v + 1) * n)) continue;
    for (let i = v * n; i < (v + 1) * n; i++) result[i] = unit[i] * stored.values[v];
  }
  return {
    ...{ result, codes, dim: 1, codeBits: bits + (residual ? 1 : 0), counts },
    bits: [
      {
        what: `norms${residual ? ", of vectors and of what is left" : ""} (${stored.recipe})`,
        bitsPerWeight: stored.bits / (rows * cols),
      },
    ],
    notes: [],
    words: (row, col) => {
      const vector = Math.floor((row * cols + col) / n);
      return [
        { what: "coordinate", value: `${(col % n) + 1} of ${n}, after the rotation` },
        { what: "level", value: String(levels[residual ? codes[row * cols + col] >> 1 : codes[row * cols + col]]) },
        { what: "norm", value: String(stored.values[vector]) },
      ];
    },
  };
}

/**
 * TurboQuant (Zandieh and others, arXiv 2504.19874): a vector's direction is rotated at random, after which each coordinate is nearly
 * normal with variance 1/n and coded by the book that is best for that; the norm is stored. With `residual=qjl` (their inner-product
 * form) the signs of a Gaussian sketch of what is left are stored as well, which makes inner products unbiased and the squared error
 * larger. As deployed in vLLM: Walsh and Hadamard's rotation without signs, no residual, norms corrected.
 */
export const work: WorkOf<TurboquantCode> = { encode: (code, operand, _, job) => encode(code, operand, job) };
