/**
 * Layers of which everything is stated: weights of three kinds of tails, inputs with channels of very different size, an importance
 * of the outputs. The loss of a configuration is measured, not assumed: each layer is rounded row by row to the nearest of its
 * 2^bits - 1 levels, and the squared error of its outputs, times the importance, is added up.
 */
import { normalDraw, uniformDraw } from "../../random/normal.ts";
import type { ProxyProblem } from "../emq/problem.ts";

const WIDTHS = [2, 3, 4, 8];

export function statedProblem({
  layers = 16,
  rows = 24,
  cols = 48,
  configurations = 400,
  seed = 7,
} = {}): ProxyProblem {
  const n = rows * cols;
  const draw = (stream: number, i: number) => normalDraw(seed, stream, i);
  const made = Array.from({ length: layers }, (_, l) => {
    const importance = Math.exp(1.2 * draw(1, l));
    const scale = Math.exp(0.6 * draw(2, l));
    const channel = Float64Array.from({ length: cols }, (_, j) => Math.exp(0.8 * draw(3, l * cols + j)));
    // Every third layer has heavy tails, every third a few outliers 40 times as large: a step goes by range, not by energy.
    const tail = (i: number): number => {
      const x = draw(4, l * n + i);
      if (l % 3 === 1) return x ** 3;
      return l % 3 === 2 && uniformDraw(seed, 5, l * n + i) < 0.004 ? 40 * x : x;
    };
    const W = Float64Array.from({ length: n }, (_, i) => scale * tail(i));
    const A = W.map((_, i) => channel[i % cols]);
    const G = W.map((_, i) => Math.sqrt(importance) * A[i] * draw(6, l * n + i));
    const H = A.map((a) => 2 * importance * a * a);
    return { name: `layer ${l}`, elements: n, inputs: { W, A, G, H } };
  });
  const losses = made.map(({ inputs: { W, H } }) => WIDTHS.map((bits) => lossOf(W, H, cols, bits)));
  const bits = new Float64Array(configurations * layers);
  const loss = new Float64Array(configurations);
  for (let i = 0; i < bits.length; i++) {
    const width = Math.floor(uniformDraw(seed, 8, i) * WIDTHS.length);
    bits[i] = WIDTHS[width];
    loss[Math.floor(i / layers)] += losses[i % layers][width];
  }
  return { layers: made, configurations: { bits, loss } };
}

function lossOf(W: Float64Array, H: Float64Array, cols: number, bits: number): number {
  const top = 2 ** (bits - 1) - 1;
  let sum = 0;
  for (let from = 0; from < W.length; from += cols) {
    const row = W.subarray(from, from + cols);
    const step = row.reduce((a, b) => Math.max(a, Math.abs(b)), 0) / top;
    row.forEach((w, j) => {
      sum += 0.5 * H[from + j] * (Math.round(w / step) * step - w) ** 2;
    });
  }
  return sum;
}
