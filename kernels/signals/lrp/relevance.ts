/**
 * Layer-wise relevance propagation (Bach et al. 2015) through a chain of linear layers, as LRP-QViT scores layers by it (arXiv
 * 2401.11243): what each layer's inputs contribute to the outputs, which nothing adds to or takes from on the way.
 */
import { type Dense, dense } from "../../linalg/dense.ts";

export interface LinearLayer {
  /** outputs x inputs. */
  weight: Dense;
  bias?: Float64Array;
  /** What follows it: negative outputs become zero. Relevance passes it as it is. */
  relu?: boolean;
}

/** Before the activation. */
function forward({ weight, bias }: LinearLayer, input: Dense): Dense {
  const out = dense(input.rows, weight.rows);
  for (let t = 0; t < input.rows; t++) {
    for (let k = 0; k < weight.rows; k++) {
      let sum = bias?.[k] ?? 0;
      for (let j = 0; j < weight.cols; j++)
        sum += input.values[t * weight.cols + j] * weight.values[k * weight.cols + j];
      out.values[t * weight.rows + k] = sum;
    }
  }
  return out;
}

/** The epsilon rule: R_j = sum over k of x_j w_kj / (z_k + eps sign z_k) R_k, where a z of zero counts as positive. */
function backward({ weight }: LinearLayer, input: Dense, z: Dense, relevance: Dense, epsilon: number): Dense {
  const out = dense(input.rows, weight.cols);
  for (let t = 0; t < input.rows; t++) {
    for (let k = 0; k < weight.rows; k++) {
      const at = t * weight.rows + k;
      const under = z.values[at] + (z.values[at] < 0 ? -epsilon : epsilon);
      if (under === 0 || relevance.values[at] === 0) continue;
      const share = relevance.values[at] / under;
      for (let j = 0; j < weight.cols; j++) {
        out.values[t * weight.cols + j] +=
          input.values[t * weight.cols + j] * weight.values[k * weight.cols + j] * share;
      }
    }
  }
  return out;
}

export interface Relevance {
  /** At the inputs of each layer, and last at the outputs: tokens x channels. */
  at: Dense[];
  /** Of each layer: sum of |R| at its inputs over that of all layers; all null where nothing is relevant, or a figure is not finite. */
  scores: (number | null)[];
}

/**
 * Relevance through a chain, from that of the outputs down (usual: the outputs themselves). With an epsilon towards 0 and no bias the sum
 * is the same at each layer. Throws RangeError where a layer does not take what the one before gives.
 */
export function relevanceOf(layers: readonly LinearLayer[], input: Dense, epsilon = 1e-6, outputs?: Dense): Relevance {
  const inputs: Dense[] = [];
  const sums: Dense[] = [];
  let x = input;
  layers.forEach((layer, l) => {
    if (layer.weight.cols !== x.cols) {
      throw new RangeError(`Layer ${l} takes ${layer.weight.cols} inputs, and is given ${x.cols}.`);
    }
    inputs.push(x);
    const z = forward(layer, x);
    sums.push(z);
    x = layer.relu
      ? dense(
          z.rows,
          z.cols,
          z.values.map((v) => Math.max(v, 0)),
        )
      : z;
  });
  const at: Dense[] = [outputs ?? x];
  for (let l = layers.length - 1; l >= 0; l--) at.unshift(backward(layers[l], inputs[l], sums[l], at[0], epsilon));
  const own = at.slice(0, -1).map(({ values }) => values.reduce((sum, r) => sum + Math.abs(r), 0));
  const all = own.reduce((sum, r) => sum + r, 0);
  return { at, scores: own.map((r) => (all > 0 && all < Number.POSITIVE_INFINITY ? r / all : null)) };
}

/**
 * Bits by scores under a budget of mean bits by elements: all have the least width; then, width by width, those with the larger scores
 * are raised first, as long as the budget allows. A higher score never has fewer bits where tensors are equally large. Null scores stay.
 *
 * @throws {RangeError} where the budget is below the least width.
 */
export function bitsByScore(
  items: readonly { score: number | null; elements: number }[],
  widths: readonly number[],
  mean: number,
): number[] {
  const sorted = widths.toSorted((a, b) => a - b);
  const elements = items.reduce((sum, item) => sum + item.elements, 0);
  let left = (mean - sorted[0]) * elements;
  if (left < 0) throw new RangeError(`A mean of ${mean} bits is below ${sorted[0]}, the least there is.`);
  const bits = items.map(() => sorted[0]);
  const order = [...items.keys()]
    .filter((i) => items[i].score !== null)
    .sort((a, b) => items[b].score! - items[a].score! || a - b);
  for (let w = 1; w < sorted.length; w++) {
    for (const i of order) {
      const cost = (sorted[w] - sorted[w - 1]) * items[i].elements;
      if (bits[i] !== sorted[w - 1] || cost > left * (1 + 1e-12)) continue;
      bits[i] = sorted[w];
      left -= cost;
    }
  }
  return bits;
}

/**
 * The relevance of a layer's inputs from a gradient of its weight: R_j = sum over k of w_kj dL/dw_kj, summed over the tokens of the gradient.
 * Where all that follows is linear or rectified, without biases, and L is the sum of outputs, it is `relevanceOf` with an epsilon of 0
 * (Ancona et al. 2018, "Towards better understanding of gradient-based attribution methods").
 */
export function inputRelevance(weight: ArrayLike<number>, gradient: ArrayLike<number>, cols: number): Float64Array {
  const out = new Float64Array(cols);
  for (let i = 0; i < weight.length; i++) out[i % cols] += weight[i] * gradient[i];
  return out;
}
