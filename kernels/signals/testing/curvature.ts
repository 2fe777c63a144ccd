/** What papers on curvature and interactions claim, computed on matrices that are made here. */
import { dense, eigh, multiply } from "../../linalg/index.ts";
import { normalValues } from "../../testing/matrix.ts";
import { hawqScore, topEigenvalue } from "../eigenvalue/power.ts";
import { augmented, largestPrefix } from "../interaction/pairs.ts";
import { hutchinson, omega, rademacher, sampleVariance } from "../trace/hutchinson.ts";
import { RESNET18 } from "../trace/resnet18.ts";

type Matrix = ReturnType<typeof dense>;

const times = (h: Matrix) => async (v: Float64Array) => {
  const out = new Float64Array(h.rows);
  for (let i = 0; i < h.rows; i++) {
    let sum = 0;
    for (let j = 0; j < h.rows; j++) sum += h.values[i * h.rows + j] * v[j];
    out[i] = sum;
  }
  return out;
};

/** 2 X X^T / T of inputs whose channels have log-normal sizes, as a layer meets them. */
async function layerHessian(n: number, tokens: number): Promise<Matrix> {
  const draws = normalValues(tokens * n + n, 7);
  const x = dense(tokens, n);
  for (let t = 0; t < tokens; t++) {
    for (let i = 0; i < n; i++) x.values[t * n + i] = draws[t * n + i] * Math.exp(draws[tokens * n + i]);
  }
  const h = await multiply(x, x, { transposeA: true });
  return dense(
    n,
    n,
    h.values.map((value) => (2 * value) / tokens),
  );
}

/** Power iteration against the exact solution, 512 x 512: the difference of the largest eigenvalues, relative. */
export async function powerError(): Promise<number> {
  const h = await layerHessian(512, 1024);
  const found = await topEigenvalue(h.rows, times(h), { seed: 1 });
  const exact = (await eigh(h)).values.at(-1)!;
  return Math.abs(found.value / exact - 1);
}

/** Two tensors of 4 weights with the same largest eigenvalue, one with many of them: HAWQ's scores, and mean traces, of the second over the first. */
async function tied(of: (h: Matrix) => Promise<number>): Promise<number> {
  const [few, many] = [
    [3, 0.1, 0.1, 0.1],
    [3, 3, 3, 3],
  ].map((diagonal) =>
    dense(
      4,
      4,
      Float64Array.from({ length: 16 }, (_, i) => (i % 5 === 0 ? diagonal[i / 5] : 0)),
    ),
  );
  return (await of(many)) / (await of(few));
}

export const tiedByEigenvalue = (): Promise<number> =>
  tied(async (h) => hawqScore((await topEigenvalue(4, times(h), { seed: 1, tolerance: 1e-12 })).value, 4));
export const toldByTrace = (): Promise<number> =>
  tied(async (h) => (await hutchinson(4, times(h), { seed: 1, least: 1, most: 1 })).value / 4);

/** The variance of Hutchinson's samples over 2 (|H|_F^2 - sum of h_ii^2), of 4,000 samples. */
export async function varianceRatio(): Promise<number> {
  const h = await layerHessian(24, 48);
  const samples: number[] = [];
  for (let s = 0; s < 4000; s++) {
    const z = Float64Array.from(rademacher(24, 3, s));
    const hz = await times(h)(z);
    samples.push(z.reduce((sum, x, i) => sum + x * hz[i], 0));
  }
  const mean = samples.reduce((a, b) => a + b) / samples.length;
  const square = samples.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (samples.length - 1);
  return square / sampleVariance(h);
}

/** What one sample is off on a diagonal matrix. */
export async function diagonalError(): Promise<number> {
  const values = new Float64Array(64 * 64);
  for (let i = 0; i < 64; i++) values[65 * i] = 2 ** -(i % 9);
  const exact = values.reduce((a, b) => a + b);
  const { value } = await hutchinson(64, times(dense(64, 64, values)), { seed: 5, least: 1, most: 1 });
  return Math.abs(value - exact);
}

const resnet18 = (bits: 4 | 8): number => omega(RESNET18.meanTraces, RESNET18.squaredChanges[bits]);
export const omegaOfFour = (): number => resnet18(4);
export const omegaOfEight = (): number => resnet18(8);

/** Changes of three layers of a linear chain, 2 x 2: the first two err along one direction, the third along the other. */
const CHANGES: readonly (readonly [direction: number, size: number])[] = [
  [0, 0.1],
  [0, 0.095],
  [1, 0.12],
];

/** Mean squared error of the chain's outputs on white inputs with some of its layers quantized. */
function chainLoss(quantized: readonly number[]): number {
  const output = [1, 1];
  for (const i of quantized) output[CHANGES[i][0]] *= 1 + CHANGES[i][1];
  return output.reduce((sum, x) => sum + (x - 1) ** 2, 0);
}

/** Two of the three layers are quantized, those with the least scores: the loss over the least there is. */
function chosenLoss(scores: ArrayLike<number>): number {
  const order = [0, 1, 2].sort((a, b) => scores[a] - scores[b]);
  const least = Math.min(
    ...[
      [0, 1],
      [0, 2],
      [1, 2],
    ].map(chainLoss),
  );
  return chainLoss(order.slice(0, 2)) / least;
}

export const chainAdditive = (): number => chosenLoss([0, 1, 2].map((i) => chainLoss([i])));
export const chainAugmented = (): number => {
  const losses = Array.from({ length: 9 }, (_, at) => chainLoss([...new Set([Math.floor(at / 3), at % 3])]));
  return chosenLoss(augmented(losses, chainLoss([])).scores);
};

/** The most trials of a bisection over prefixes of so many tensors, less ceil(log2 n) + 1. */
export async function bisectionExcess(): Promise<number> {
  let most = Number.NEGATIVE_INFINITY;
  for (const n of [1, 2, 3, 42, 64, 65, 1000]) {
    for (let limit = 0; limit <= n; limit += Math.max(1, Math.floor(n / 50))) {
      const { length, tried } = await largestPrefix(n, async (k) => k <= limit);
      if (length !== limit) return Number.POSITIVE_INFINITY;
      most = Math.max(most, tried.length - Math.ceil(Math.log2(n)) - 1);
    }
  }
  return most;
}
