/**
 * Salience of weights and what SliM-LLM makes of it: widths of groups of columns around a mean that is kept exactly, and a range of the
 * quantizer that goes with salient weights. From github.com/Aaronhuang-778/SliM-LLM (slim-llm/utils), in float64.
 */
import { type Dense, dense, inverse, type Run } from "../../linalg/index.ts";
import { klOfLogits } from "./kl.ts";
import { quantizeGroup } from "./quantizer.ts";

/** Columns of a group. */
export const GROUP = 128;

/** Damping, a share of the mean diagonal, as GPTQ has it. */
const DAMP = 0.01;

/**
 * The diagonal of H^-1, H = 2 X^T X / tokens and damped; 1 in H where no input reaches a column. Rejects with NotPositiveDefinite or
 * NotFinite where there is no inverse. 16 cols^2 bytes.
 */
export async function inverseDiagonal(gram: Dense, tokens: number | null, run: Run = {}): Promise<Float64Array> {
  const n = gram.cols;
  const h = dense(n, n);
  for (let i = 0; i < h.values.length; i++) h.values[i] = (2 / (tokens || 1)) * gram.values[i];
  let mean = 0;
  for (let i = 0; i < n; i++) {
    if (h.values[i * (n + 1)] === 0) h.values[i * (n + 1)] = 1;
    mean += h.values[i * (n + 1)] / n;
  }
  for (let i = 0; i < n; i++) h.values[i * (n + 1)] += DAMP * mean;
  const inverted = await inverse(h, run);
  return Float64Array.from({ length: n }, (_, i) => inverted.values[i * (n + 1)]);
}

/** w^2 / [H^-1]_jj^2 of each weight, row-major; 0 where a weight is not finite. */
export function salienceOf(values: ArrayLike<number>, inverseDiagonal: Float64Array): Float64Array {
  const cols = inverseDiagonal.length;
  return Float64Array.from({ length: values.length }, (_, i) => {
    const x = values[i];
    return x - x === 0 ? (x / inverseDiagonal[i % cols]) ** 2 : 0;
  });
}

/** Mean salience of each group of columns, over all rows; the last group may be shorter. */
export function groupSalience(salience: Float64Array, cols: number, group = GROUP): Float64Array {
  const groups = Math.ceil(cols / group);
  const sums = new Float64Array(groups);
  const rows = cols === 0 ? 0 : salience.length / cols;
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++) sums[Math.floor(c / group)] += salience[r * cols + c];
  }
  return sums.map((sum, g) => sum / (rows * (Math.min(cols, (g + 1) * group) - g * group)));
}

export interface GroupWidths {
  /** Bits of each group: N - 1, N or N + 1, as many of the first as of the last. */
  bits: Uint8Array;
  /** Groups that were lowered, and as many raised. */
  pairs: number;
  /** KL for 0, 1, 2 ... pairs: what was chosen by. */
  kl: Float64Array;
}

/**
 * SliM-LLM's allocation: the i least salient whole groups get N - 1 bits and the i most salient N + 1, for i from 0 to half of the
 * groups, and that i counts whose outputs' softmax is nearest to that of the weight as it is (the first of equals). A last group that
 * is shorter keeps N, so that the mean over columns is N exactly.
 *
 * @param weight outputs x columns
 * @param inputs tokens x columns
 * @throws {RangeError} where N - 1 is less than 1 bit or N + 1 more than 8.
 */
export function groupWidths(
  weight: Dense,
  inputs: Dense,
  salience: Float64Array,
  bits: number,
  group = GROUP,
): GroupWidths {
  if (bits < 2 || bits > 7) throw new RangeError(`Groups get ${bits - 1} to ${bits + 1} bits; 1 to 8 are possible.`);
  const { rows, cols } = weight;
  const whole = Math.floor(cols / group);
  const order = Array.from({ length: whole }, (_, g) => g).sort((a, b) => salience[a] - salience[b] || a - b);
  const groups = Math.ceil(cols / group);
  const at = (g: number, width: number) => quantizeGroup(weight, g * group, Math.min(cols, (g + 1) * group), width);
  const wanted = outputs(inputs, weight);
  const now = dense(inputs.rows, rows);
  const parts = Array.from({ length: groups }, (_, g) => at(g, bits));
  parts.forEach((part, g) => {
    addOutputs(inputs, g * group, part, 1, now);
  });
  const kl = new Float64Array(Math.floor(whole / 2) + 1);
  kl[0] = klOfLogits(now, wanted);
  for (let i = 1; i < kl.length; i++) {
    for (const [g, width] of [
      [order[i - 1], bits - 1],
      [order[whole - i], bits + 1],
    ]) {
      addOutputs(inputs, g * group, parts[g], -1, now);
      addOutputs(inputs, g * group, at(g, width), 1, now);
    }
    kl[i] = klOfLogits(now, wanted);
  }
  let pairs = 0;
  for (let i = 1; i < kl.length; i++) if (kl[i] < kl[pairs]) pairs = i;
  const widths = new Uint8Array(groups).fill(bits);
  for (let i = 0; i < pairs; i++) {
    widths[order[i]] = bits - 1;
    widths[order[whole - 1 - i]] = bits + 1;
  }
  return { bits: widths, pairs, kl };
}

/** A weight under widths of groups. */
export function quantizeByGroups(weight: Dense, widths: Uint8Array, group = GROUP): Dense {
  const { rows, cols } = weight;
  const out = dense(rows, cols);
  widths.forEach((bits, g) => {
    const part = quantizeGroup(weight, g * group, Math.min(cols, (g + 1) * group), bits);
    for (let r = 0; r < rows; r++) {
      out.values.set(part.values.subarray(r * part.cols, (r + 1) * part.cols), r * cols + g * group);
    }
  });
  return out;
}

/** X W^T. */
export function outputs(inputs: Dense, weight: Dense): Dense {
  const out = dense(inputs.rows, weight.rows);
  addOutputs(inputs, 0, weight, 1, out);
  return out;
}

/** Adds X_part W_part^T times a sign, where the part's columns begin at `from` of X. */
function addOutputs(inputs: Dense, from: number, part: Dense, sign: number, out: Dense): void {
  for (let t = 0; t < inputs.rows; t++) {
    const x = t * inputs.cols + from;
    for (let r = 0; r < part.rows; r++) {
      const w = r * part.cols;
      let sum = 0;
      for (let c = 0; c < part.cols; c++) sum += inputs.values[x + c] * part.values[w + c];
      out.values[t * out.cols + r] += sign * sum;
    }
  }
}
