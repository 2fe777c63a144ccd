/**
 * Random tensors. A value is a pure function of (generator, parameters, seed, row-major index): any tile gives the same
 * values on every engine. Only + - * / and square root touch them (see `elementary.ts`).
 */

import { exp, ln } from "../../kernels/exact/elementary.ts";
import { normalDraw, uniformDraw } from "../../kernels/random/normal.ts";
import { UserError } from "../errors/user-error.ts";
import { defaultView, type Tensor } from "../tensors/tensor.ts";
import type { GeneratorInfo, GeneratorSpec } from "./spec.ts";

/** Writes the values of row-major elements [begin, begin + out.length). */
type Fill = (begin: number, out: Float32Array) => void;

interface Generator extends GeneratorInfo {
  make(spec: GeneratorSpec): Fill;
  /** Keys of parameters that take whole numbers only. */
  whole?: readonly string[];
}

/** Most elements: beyond it a float32 matrix is larger than any browser's memory. */
const MAX_ELEMENTS = 2 ** 34;
/** Keeps these draws apart from those of stochastic rounding under an equal seed. */
const STREAM = 0x67656e00;

const uniform = (seed: number, stream: number, index: number) => uniformDraw(seed, STREAM + stream, index);
const normal = (seed: number, stream: number, index: number) => normalDraw(seed, STREAM + stream, index);

/** One value from one index. */
const each =
  (value: (index: number) => number): Fill =>
  (begin, out) => {
    for (let i = 0; i < out.length; i++) out[i] = value(begin + i);
  };

const std = { key: "std", label: "standard deviation", default: 1, min: 1e-6, max: 1e6, step: 0.1 };
const square = { rows: 1024, cols: 1024, seed: 1 };

const generators: readonly Generator[] = [
  {
    name: "normal",
    label: "Normal",
    describe: "independent Gaussian values",
    params: [std, { key: "mean", label: "mean", default: 0, min: -1e6, max: 1e6, step: 1 }],
    defaults: square,
    make: ({ seed, params }) => each((i) => params.mean + params.std * normal(seed, 0, i)),
  },
  {
    name: "laplace",
    label: "Laplace",
    describe: "independent Laplace values: heavier tails than a Gaussian, kurtosis 6",
    params: [std],
    defaults: square,
    make({ seed, params }) {
      const b = params.std / Math.SQRT2;
      return each((i) => {
        const u = uniform(seed, 0, i);
        return u < 0.5 ? b * ln(2 * u) : -b * ln(2 * (1 - u));
      });
    },
  },
  {
    name: "student",
    label: "Student t",
    describe: "independent Student t values: power-law tails",
    params: [
      { key: "nu", label: "degrees of freedom", default: 5, min: 1, max: 64, step: 1 },
      { ...std, key: "scale", label: "scale" },
    ],
    whole: ["nu"],
    defaults: square,
    make: ({ seed, params }) => each((i) => params.scale * student(seed, params.nu, i)),
  },
  {
    name: "uniform",
    label: "Uniform",
    describe: "independent values between -a and a",
    params: [{ ...std, key: "a", label: "largest magnitude" }],
    defaults: square,
    make: ({ seed, params }) => each((i) => params.a * (2 * uniform(seed, 0, i) - 1)),
  },
  {
    name: "outliers",
    label: "Outlier channels",
    describe: "Gaussian values with a few columns that are much larger, as activations of language models have",
    params: [
      { key: "share", label: "share of columns", default: 0.01, min: 0, max: 1, step: 0.005 },
      { key: "gain", label: "gain of those columns", default: 20, min: 1, max: 1000, step: 1 },
      std,
    ],
    defaults: square,
    make({ seed, cols, params }) {
      const gains = outlierGains(seed, cols, params.share, params.gain);
      return each((i) => params.std * gains[i % cols] * normal(seed, 0, i));
    },
  },
  {
    name: "correlated",
    label: "Correlated channels",
    describe:
      "Gaussian values, neighbours along a row correlated: as a chain in which each follows from the one before",
    params: [
      { key: "rho", label: "correlation of neighbours", default: 0.9, min: -0.999, max: 0.999, step: 0.05 },
      std,
    ],
    defaults: square,
    make({ seed, cols, params }) {
      const { rho } = params;
      const fresh = Math.sqrt(1 - rho * rho);
      return (begin, out) => {
        // The chain of a row begins at its first value, wherever the tile does.
        let x = 0;
        for (let i = begin - (begin % cols); i < begin + out.length; i++) {
          const z = normal(seed, 0, i);
          x = i % cols === 0 ? z : rho * x + fresh * z;
          if (i >= begin) out[i - begin] = params.std * x;
        }
      };
    },
  },
  {
    name: "lognormal",
    label: "Log-normal blocks",
    describe: "Gaussian values whose blocks along a row differ in scale by a log-normal factor",
    params: [
      { key: "block", label: "block", default: 32, min: 1, max: 65536, step: 1 },
      { key: "sigma", label: "sigma of the factor's logarithm", default: 1, min: 0, max: 5, step: 0.1 },
      std,
    ],
    whole: ["block"],
    defaults: square,
    make({ seed, cols, params }) {
      const perRow = Math.ceil(cols / params.block);
      return (begin, out) => {
        let block = -1;
        let factor = 0;
        for (let i = 0; i < out.length; i++) {
          const row = Math.floor((begin + i) / cols);
          const at = row * perRow + Math.floor((begin + i - row * cols) / params.block);
          if (at !== block) factor = params.std * exp(params.sigma * normal(seed, 1, at));
          block = at;
          out[i] = factor * normal(seed, 0, begin + i);
        }
      };
    },
  },
  {
    name: "gains",
    label: "Log-normal channels",
    describe: "Gaussian values whose columns differ in scale by a log-normal factor",
    params: [{ key: "sigma", label: "sigma of the factor's logarithm", default: 1.2, min: 0, max: 5, step: 0.1 }, std],
    defaults: square,
    make({ seed, cols, params }) {
      const gains = Float64Array.from({ length: cols }, (_, c) => params.std * exp(params.sigma * normal(seed, 1, c)));
      return each((i) => gains[i % cols] * normal(seed, 0, i));
    },
  },
  {
    name: "spectrum",
    label: "Decaying spectrum",
    describe: "singular values that fall as a power of their place, between random orthogonal bases",
    params: [{ key: "alpha", label: "the power", default: 0.5, min: 0, max: 4, step: 0.1 }, std],
    defaults: { ...square, rows: 512, cols: 512 },
    make: ({ seed, rows, cols, params }) =>
      whole(rows, cols, () => spectrum(seed, rows, cols, params.alpha, params.std)),
  },
  {
    name: "planted",
    label: "Low rank and noise",
    describe: "a sum of a few products of Gaussian columns and rows, of variance 1 together, and Gaussian noise",
    params: [
      { key: "rank", label: "rank", default: 8, min: 1, max: 256, step: 1 },
      { key: "noise", label: "standard deviation of the noise", default: 0.5, min: 0, max: 1e6, step: 0.1 },
    ],
    whole: ["rank"],
    defaults: { ...square, rows: 512, cols: 512 },
    make: ({ seed, rows, cols, params }) => planted(seed, rows, cols, params.rank, params.noise),
  },
  {
    name: "lcg",
    label: "LCG test set",
    describe:
      "sums of twelve draws of a linear congruential generator, nearly Gaussian: the set used by published test figures",
    params: [],
    defaults: { rows: 8, cols: 1024, seed: 12345 },
    make:
      ({ seed }) =>
      (begin, out) => {
        let state = lcgJump(seed, 12 * begin);
        for (let i = 0; i < out.length; i++) {
          let sum = 0;
          for (let k = 0; k < 12; k++) {
            state = (Math.imul(state, LCG_FACTOR) + LCG_STEP) >>> 0;
            sum += (state >>> 8) / 2 ** 24;
          }
          out[i] = sum - 6;
        }
      },
  },
];

/** A matrix that is made as a whole, when it is first read. */
function whole(rows: number, cols: number, make: () => Float64Array): Fill {
  if (rows * cols > MOST_WHOLE)
    throw new UserError(`This generator makes ${MOST_WHOLE} elements at the most, not ${rows} x ${cols}.`);
  let made: Float64Array | null = null;
  return (begin, out) => {
    made ??= make();
    out.set(made.subarray(begin, begin + out.length));
  };
}

const MOST_WHOLE = 2 ** 22;
/** Times that signs are drawn and values mixed: after three an axis is spread as by a random rotation. */
const MIXES = 4;

/**
 * Mixes `count` vectors of `n` values orthogonally and in place, value k of vector v at k * step + v * apart: random signs, then a
 * Hadamard transform of the largest power of two, over the first and the last values in turn.
 */
function mix(
  x: Float64Array,
  n: number,
  step: number,
  count: number,
  apart: number,
  seed: number,
  stream: number,
): void {
  const power = 2 ** Math.floor(Math.log2(n));
  const root = Math.sqrt(1 / power);
  for (let round = 0; round < MIXES; round++) {
    const first = round % 2 === 0 ? 0 : n - power;
    for (let k = 0; k < n; k++) {
      const sign = uniform(seed, stream, round * n + k) < 0.5 ? -1 : 1;
      const factor = k >= first && k < first + power ? sign * root : sign;
      for (let v = 0, at = k * step; v < count; v++, at += apart) x[at] *= factor;
    }
    for (let half = 1; half < power; half *= 2) {
      for (let k = 0; k < power; k++) {
        if (k & half) continue;
        const [a, b] = [(first + k) * step, (first + k + half) * step];
        for (let v = 0, at = 0; v < count; v++, at += apart) {
          const [low, high] = [x[a + at], x[b + at]];
          x[a + at] = low + high;
          x[b + at] = low - high;
        }
      }
    }
  }
}

/** Singular values i^-alpha, scaled so that the mean square is std^2. */
function spectrum(seed: number, rows: number, cols: number, alpha: number, std: number): Float64Array {
  const x = new Float64Array(rows * cols);
  const count = Math.min(rows, cols);
  let energy = 0;
  for (let i = 0; i < count; i++) {
    const s = exp(-alpha * ln(i + 1));
    energy += s * s;
    x[i * cols + i] = s;
  }
  const factor = std * Math.sqrt((rows * cols) / energy);
  for (let i = 0; i < count; i++) x[i * cols + i] *= factor;
  mix(x, cols, 1, count, cols, seed, 2);
  mix(x, rows, cols, cols, 1, seed, 3);
  return x;
}

function planted(seed: number, rows: number, cols: number, rank: number, noise: number): Fill {
  const draws = (count: number, stream: number) =>
    Float64Array.from({ length: count }, (_, i) => normal(seed, stream, i));
  const [left, right] = [draws(rows * rank, 2), draws(cols * rank, 3)];
  const share = Math.sqrt(1 / rank);
  return each((i) => {
    const [r, c] = [Math.floor(i / cols) * rank, (i % cols) * rank];
    let sum = 0;
    for (let k = 0; k < rank; k++) sum += left[r + k] * right[c + k];
    return share * sum + (noise > 0 ? noise * normal(seed, 0, i) : 0);
  });
}

/** Student's t as a normal over the root of a chi-square mean; pairs of degrees of freedom come from a product of uniforms. */
function student(seed: number, nu: number, index: number): number {
  let log = 0;
  let product = 1;
  for (let k = 0; k < nu >> 1; k++) {
    product *= uniform(seed, 2 + k, index);
    // A product of four is at least 2^-212; the logarithm of more might leave float64's range.
    if (k % 4 === 3) {
      log += ln(product);
      product = 1;
    }
  }
  let chiSquare = -2 * (log + ln(product));
  if (nu % 2 === 1) {
    const z = normal(seed, 1, index);
    chiSquare += z * z;
  }
  return normal(seed, 0, index) / Math.sqrt(chiSquare / nu);
}

/** `gain` for round(share * cols) columns drawn without repetition (at least one if share is not zero), 1 for the others. */
function outlierGains(seed: number, cols: number, share: number, gain: number): Float64Array {
  const count = share === 0 ? 0 : Math.max(1, Math.round(share * cols));
  const draws = Float64Array.from({ length: cols }, (_, j) => uniform(seed, 1, j));
  const threshold = count === 0 ? -1 : draws.slice().sort()[count - 1];
  return draws.map((draw) => (draw <= threshold ? gain : 1));
}

const LCG_FACTOR = 1664525;
const LCG_STEP = 1013904223;

/** The state after `steps` steps, by repeated squaring of the affine map. */
function lcgJump(state: number, steps: number): number {
  let [factor, step] = [LCG_FACTOR, LCG_STEP];
  for (let left = steps; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) state = (Math.imul(state, factor) + step) | 0;
    step = (Math.imul(step, factor) + step) | 0;
    factor = Math.imul(factor, factor);
  }
  return state >>> 0;
}

/** What can be generated, with parameters and usual sizes. */
export const generatorInfos: readonly GeneratorInfo[] = generators.map(({ make: _, whole: __, ...info }) => info);

/** The tensor of a spec. Absent parameters take their defaults. Throws UserError naming what is out of range. */
export function generate(spec: GeneratorSpec): Tensor {
  const generator = generators.find((g) => g.name === spec.name);
  if (!generator) {
    throw new UserError(`There is no generator "${spec.name}". There are ${generators.map((g) => g.name).join(", ")}.`);
  }
  const { rows, cols, seed } = spec;
  integer(`${spec.name}: rows`, rows, 1, MAX_ELEMENTS);
  integer(`${spec.name}: cols`, cols, 1, MAX_ELEMENTS);
  integer(`${spec.name}: rows times cols`, rows * cols, 1, MAX_ELEMENTS);
  integer(`${spec.name}: seed`, seed, 0, 2 ** 32 - 1);
  const known = new Set(generator.params.map((p) => p.key));
  for (const key of Object.keys(spec.params)) {
    if (!known.has(key)) throw new UserError(`${spec.name} has no parameter "${key}".`);
  }
  const params: Record<string, number> = {};
  for (const { key, default: usual, min, max } of generator.params) {
    const value = spec.params[key] ?? usual;
    if (generator.whole?.includes(key)) integer(`${spec.name}: ${key}`, value, min, max);
    if (!(value >= min && value <= max))
      throw new UserError(`${spec.name}: ${key} must be from ${min} to ${max}, not ${value}.`);
    params[key] = value;
  }
  const fill = generator.make({ ...spec, params });
  const shape = [rows, cols];
  return {
    info: { name: spec.name, dtype: "F32", shape, elements: rows * cols, view: defaultView(shape) },
    notes: [],
    async read(begin, end, signal) {
      const out = new Float32Array(end - begin);
      for (let at = 0; at < out.length; at += 2 ** 18) {
        signal?.throwIfAborted();
        fill(begin + at, out.subarray(at, at + 2 ** 18));
      }
      return out;
    },
  };
}

function integer(what: string, value: number, min: number, max: number): void {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new UserError(`${what} must be a whole number from ${min} to ${max}, not ${value}.`);
  }
}
