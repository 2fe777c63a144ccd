/** Values that every language makes alike: sums of uniform numbers from a linear congruential generator, exact in float32. */
export class Lcg {
  #state: number;
  constructor(seed: number) {
    this.#state = seed;
  }

  /** The next 32 bits. */
  bits(): number {
    this.#state = (Math.imul(1664525, this.#state) + 1013904223) >>> 0;
    return this.#state;
  }

  /** In [0, 1), a multiple of 2^-24. */
  uniform(): number {
    return (this.bits() >>> 8) / 2 ** 24;
  }

  /** Nearly Gaussian: the sum of twelve uniform numbers less 6. */
  gauss(): number {
    let sum = 0;
    for (let k = 0; k < 12; k++) sum += this.uniform();
    return sum - 6;
  }
}

/** Nearly Gaussian values. */
export function gaussian(count: number, seed: number): Float32Array {
  const random = new Lcg(seed);
  return Float32Array.from({ length: count }, () => random.gauss());
}

const word = new Uint32Array(1);
const float = new Float32Array(word.buffer);

/**
 * Runs of 32 finite values of a kind: Gaussian at any magnitude, integers with many ties, mostly zeros, cubes, constants,
 * one sign only, any bits, nearly equal, one large among small.
 */
export function hostile(count: number, seed: number): Float32Array {
  const random = new Lcg(seed);
  const out = new Float32Array(count);
  const pick = (n: number) => Math.floor(random.uniform() * n);
  for (let from = 0; from < count; from += 32) {
    const kind = pick(12);
    const wide = 2 ** (pick(250) - 145);
    const near = 2 ** (pick(20) - 10);
    for (let j = 0; j < 32; j++) {
      const value = [
        () => random.gauss(),
        () => random.gauss() * wide,
        () => pick(33) - 16,
        () => (pick(33) - 16) * wide,
        () => (pick(10) > 0 ? 0 : random.gauss()),
        () => random.gauss() ** 3 * near,
        () => 1.5,
        () => -random.uniform() * near,
        () => random.uniform() * near,
        () => {
          word[0] = random.bits();
          return float[0];
        },
        () => near * (1 + (random.uniform() - 0.5) * 2 ** -18),
        () => (j === 0 ? 0.3 : random.gauss() * 2 ** -30),
      ][kind]();
      out[from + j] = Number.isFinite(Math.fround(value)) ? value : 0;
    }
  }
  return out;
}

/** Super-blocks of one kind each: zeros of both signs, constants, one spike, and Gaussian from the least floats to the greatest. */
export function extreme(seed: number): Float32Array {
  const random = new Lcg(seed);
  const rows: ((j: number) => number)[] = [
    () => 0,
    () => -0,
    (j) => (j % 2 === 0 ? 0 : -0),
    () => 0.75,
    () => -0.75,
    (j) => (j % 2 === 0 ? 1 : -1),
    (j) => (j === 77 ? -3 : 0),
    (j) => (j === 0 ? 5 : 1e-6),
    (j) => (j - 128) / 64,
    (j) => (j < 128 ? random.gauss() : 0),
    ...[-149, -140, -126, -110, -90, -75, -60, -50, -40, -33, -30, -27, -24, -20, -16, -10].map(
      (e) => () => random.gauss() * 2 ** e,
    ),
    ...[10, 16, 20, 25, 30, 36, 41, 50, 60, 63, 64, 80, 100, 120, 125].map((e) => () => random.gauss() * 2 ** e),
  ];
  while (rows.length % 4 !== 0) rows.push(() => random.gauss());
  const out = new Float32Array(256 * rows.length);
  for (let i = 0; i < out.length; i++) out[i] = rows[i >> 8](i & 255);
  return out;
}

/** Kinds of importance weights of columns. */
export const weightKinds = ["ones", "random", "zeros", "wide"] as const;

/** Weights of `count` columns: all one, within a factor of some hundreds, a third of them zero, or over 2^40. */
export function weightsOf(kind: (typeof weightKinds)[number], count: number): Float32Array {
  const random = new Lcg(2024);
  const pick = (n: number) => Math.floor(random.uniform() * n);
  const weight = {
    ones: () => 1,
    random: () => random.gauss() ** 2 + 2 ** -6,
    zeros: () => (pick(3) === 0 ? 0 : random.uniform()),
    wide: () => 2 ** (pick(41) - 20) * random.uniform(),
  }[kind];
  return Float32Array.from({ length: count }, weight);
}

/** Hostile values whose squares are in float32's range: what is large is turned over. */
export const moderate = (count: number, seed: number): Float32Array =>
  hostile(count, seed).map((x) => (Math.abs(x) > 2 ** 15 ? 1 / x : x));
