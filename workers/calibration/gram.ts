import {
  type Calibration,
  type CalibrationSource,
  checkGramSize,
  tokenNotes,
} from "../../kernels/calibration/index.ts";
import { dense } from "../../kernels/linalg/index.ts";
import { hex, Sha256 } from "../bytes/sha256.ts";
import { UserError } from "../errors/user-error.ts";
import { pacer } from "../pace/pace.ts";
import type { Tensor } from "../tensors/tensor.ts";

/** How far two mirrored values may be apart, over the root of the product of their diagonal values: sums in float32 are. */
const ASYMMETRY = 1e-4;
const PIECE = 2 ** 20;

/** The side of a square array. Throws UserError. */
export function sideOf({ info }: Tensor): number {
  const { name, shape, problem } = info;
  if (problem) throw new UserError(problem);
  if (shape.length !== 2 || shape[0] !== shape[1] || shape[0] === 0) {
    throw new UserError(`${name} has the shape [${shape.join(", ")}]: a Gram matrix is square, inputs x inputs.`);
  }
  return shape[0];
}

/** An array as float64, exactly as it is stored, for types of 32 and 64 bits. Rejects with UserError. */
export async function readFloat64(tensor: Tensor, signal: AbortSignal): Promise<Float64Array<ArrayBuffer>> {
  const { name, dtype, elements } = tensor.info;
  if (dtype !== "F64" && dtype !== "F32") {
    throw new UserError(`${name} is stored as ${dtype}: sums of squares need float32 or float64.`);
  }
  const out = new Float64Array(elements);
  if (dtype === "F64" && !tensor.stored) {
    throw new UserError(`${name} is stored in Fortran's order: save it in C's order (np.ascontiguousarray).`);
  }
  for (let at = 0; at < elements; at += PIECE) {
    const end = Math.min(elements, at + PIECE);
    if (dtype === "F32") out.set(await tensor.read(at, end, signal), at);
    else {
      const { source, begin, littleEndian } = tensor.stored!;
      const bytes = await source.slice(begin + 8 * at, begin + 8 * end, signal);
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      for (let i = at; i < end; i++) out[i] = view.getFloat64(8 * (i - at), littleEndian);
    }
  }
  return out;
}

/**
 * A Gram matrix, inputs x inputs, float32 or float64, checked to be one: finite, symmetric, nothing negative on its diagonal. Its sum may
 * be over any number of tokens, or their mean: no figure changes with a factor. Rejects with UserError, or with AbortError.
 */
export async function readGram(
  tensor: Tensor,
  source: Omit<CalibrationSource, "digest">,
  tokens: number | null,
  signal: AbortSignal,
): Promise<Calibration> {
  const cols = sideOf(tensor);
  checkGramSize(cols, source.name);
  const values = await readFloat64(tensor, signal);
  const digest = new Sha256();
  digest.update(new Uint8Array(values.buffer));
  await symmetrize(values, cols, source.name, signal);
  return {
    ...{ cols, tokens, leftOut: 0 },
    gram: dense(cols, cols, values),
    meanSquare: Float64Array.from({ length: cols }, (_, i) => values[i * cols + i] / (tokens ?? 1)),
    ...{ mean: null, meanAbs: null, min: null, max: null, quantiles: null, rows: null, cross: null, output: null },
    source: { ...source, digest: hex(digest.finish()) },
    notes: tokens === null ? [] : tokenNotes({ tokens, leftOut: 0, cols }),
  };
}

/** Checks, and puts the mean of two mirrored values in both places. */
export async function symmetrize(values: Float64Array, n: number, name: string, signal: AbortSignal): Promise<void> {
  const pace = pacer(signal);
  const no = (what: string) => new UserError(`${name} is no Gram matrix: ${what}.`);
  for (let i = 0; i < n; i++) {
    const d = values[i * n + i];
    if (!(d >= 0)) throw no(`the diagonal value of column ${i} is ${d}`);
  }
  for (let i = 0; i < n; i++) {
    if (i % 64 === 0) await pace();
    for (let j = i + 1; j < n; j++) {
      const [a, b] = [values[i * n + j], values[j * n + i]];
      if (a - a !== 0 || b - b !== 0) throw no(`row ${i}, column ${j} holds ${a - a !== 0 ? a : b}`);
      const most = Math.sqrt(values[i * n + i] * values[j * n + j]);
      if (Math.abs(a - b) > ASYMMETRY * most) {
        throw no(`it is not symmetric: row ${i}, column ${j} is ${a}, and row ${j}, column ${i} is ${b}`);
      }
      values[i * n + j] = (a + b) / 2;
      values[j * n + i] = values[i * n + j];
    }
    if (values[i * n + i] === Number.POSITIVE_INFINITY) throw no(`the diagonal value of column ${i} is Infinity`);
  }
}
