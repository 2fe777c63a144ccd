/** LRP-QViT's claims (arXiv 2401.11243), on Gaussian chains and on channels with log-normal gains. */
import { dense } from "../../linalg/index.ts";
import { normalValues } from "../../testing/matrix.ts";
import { channelRanges, foldRanges } from "../lrp/fold.ts";
import { relevanceOf } from "../lrp/relevance.ts";

const gaussian = (rows: number, cols: number, seed: number) =>
  dense(rows, cols, Float64Array.from(normalValues(rows * cols, seed)));

/** The largest share by which the sum of relevance at a layer is another than at the outputs, through a chain of four. */
export function relevanceLost(): number {
  const sizes = [24, 32, 16, 20, 8];
  const layers = sizes.slice(1).map((outputs, l) => ({ weight: gaussian(outputs, sizes[l], 10 + l), relu: l < 3 }));
  const { at } = relevanceOf(layers, gaussian(12, 24, 3), 1e-12);
  const sums = at.map(({ values }) => values.reduce((sum, r) => sum + r, 0));
  return Math.max(...sums.map((sum) => Math.abs(sum / sums[sums.length - 1] - 1)));
}

/** The largest difference of outputs of a norm and a layer before and after folding, over the largest output. */
export function foldError(): number {
  const [tokens, cols, outputs] = [40, 48, 16];
  const gains = normalValues(cols, 5).map((g) => Math.exp(1.2 * g));
  const norm = { gamma: Float64Array.from(gains), beta: Float64Array.from(normalValues(cols, 6)) };
  const x = normalValues(tokens * cols, 7);
  const [weight, bias] = [gaussian(outputs, cols, 8), Float64Array.from(normalValues(outputs, 9))];
  const normed = (gamma: Float64Array, beta: Float64Array) =>
    Float64Array.from(x, (v, i) => v * gamma[i % cols] + beta[i % cols]);
  const run = (of: Float64Array, w: Float64Array, b: Float64Array) =>
    Float64Array.from({ length: tokens * outputs }, (_, i) => {
      const [t, k] = [Math.floor(i / outputs), i % outputs];
      let sum = b[k];
      for (let c = 0; c < cols; c++) sum += of[t * cols + c] * w[k * cols + c];
      return sum;
    });
  const ranges = channelRanges(Float32Array.from(normed(norm.gamma, norm.beta)), cols, 8);
  const folded = foldRanges(ranges, norm, weight, bias);
  const before = run(normed(norm.gamma, norm.beta), weight.values, bias);
  const after = run(normed(folded.gamma, folded.beta), folded.weight.values, folded.bias);
  const largest = before.reduce((most, y) => Math.max(most, Math.abs(y)), 0);
  return before.reduce((most, y, i) => Math.max(most, Math.abs(y - after[i])), 0) / largest;
}
