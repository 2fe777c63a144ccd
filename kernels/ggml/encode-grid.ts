/**
 * IQ2 and IQ3: magnitudes are points of a grid, signs stand beside them. IQ2_XXS, IQ2_XS and IQ3_XXS keep seven signs of eight:
 * where their number of minus signs is odd, the value that matters least takes the wrong one.
 */
import { nearestInt, putHalf } from "./float.ts";
import { iq2sPoints, iq2xsPoints, iq2xxsPoints, iq3sPoints, iq3xxsPoints, type Points } from "./points.ts";
import { GROUP_EPSILON, searchPositive } from "./search.ts";
import { type GridSearch, makeGroup, placeOf, searchGrid, tooLarge } from "./search-grid.ts";
import { type BlockWeights, type EncodeBlock, SUPER } from "./types.ts";
import { ALIKE, sumOfSquares, weigh } from "./weights.ts";

const f32 = Math.fround;

const group = makeGroup();
/** Signs of each eight values: bit j for a negative one. */
const signs = new Uint8Array(4);
const scales = new Float32Array(16);

/** Takes the signs off values [from, from + n). With `even`, flips the one of least weight where their number is odd. */
function splitSigns(x: Float32Array, from: number, n: number, even: boolean): void {
  const { values, weights } = group;
  for (let k = 0; k < n / 8; k++) {
    let mask = 0;
    let flips = 0;
    for (let i = 0; i < 8; i++) {
      const v = x[from + 8 * k + i];
      values[8 * k + i] = v >= 0 ? v : -v;
      if (!(v >= 0)) {
        mask |= 1 << i;
        flips++;
      }
    }
    if (even && flips % 2 === 1) {
      const weight = (i: number) => f32(f32(weights[8 * k + i] * x[from + 8 * k + i]) * x[from + 8 * k + i]);
      let [least, which] = [weight(0), 0];
      for (let i = 1; i < 8; i++) {
        const w = weight(i);
        if (w < least) [least, which] = [w, i];
      }
      values[8 * k + which] = -values[8 * k + which];
      mask ^= 1 << which;
    }
    signs[k] = even ? mask & 127 : mask;
  }
}

function greatest(n: number): number {
  let max = group.values[0];
  for (let i = 1; i < n; i++) max = Math.max(max, group.values[i]);
  return max;
}

/** The scale found, made positive by turning the signs over; the group must lie on the grid by now. */
function settle(scale: number, n: number, points: Points, even: boolean): number {
  if (scale < 0) {
    scale = -scale;
    for (let k = 0; k < n / 8; k++) signs[k] = ~signs[k] & (even ? 127 : 255);
  }
  for (let from = 0; from < n; from += points.dims) pointAt(points, from);
  if (!(scale >= 0)) tooLarge();
  return scale;
}

/** The number of the point that the codes from `from` on make. */
function pointAt(points: Points, from: number): number {
  const point = points.at[placeOf(points, group.codes, from)];
  return point < 0 ? tooLarge() : point;
}

/** The 4-bit code of a group's scale: (1 + 2 code) times the block's factor. */
function scaleCode(inverse: number, scale: number): number {
  return Math.max(0, Math.min(15, nearestInt(f32(0.5 * f32(f32(inverse * scale) - 1)))));
}

/** What differs between the types. */
interface GridType {
  search: GridSearch;
  even: boolean;
  /** Groups whose largest magnitude is below this are zero; 0 for "only zeros". */
  epsilon: number;
  /** The variance that importance meets is this much times the mean square of the block. */
  variance: 1 | 2;
  /** Weights without importance; null where ggml asks for it, and columns count alike. */
  plainWeights: ((x: number, variance: number) => number) | null;
  /** The first scale is that of codes without a grid (IQ2_XXS) instead of the largest magnitude over the last level. */
  startsSearched: boolean;
  /** Stored with the block's factor: what ggml found to suit its types. */
  fudge: number;
  /** Writes a group's points and signs; `nth` counts the groups that are not all zero. */
  put(bytes: Uint8Array, at: number, sub: number, points: Points, nth: number): void;
  /** Writes the scales of a block that has any. */
  end(bytes: Uint8Array, at: number, inverse: number): void;
  /** A block without any scale keeps nothing, or the points found. */
  clears: boolean;
}

function weighGroup(type: GridType, x: Float32Array, from: number, given: BlockWeights | null, squares: number): void {
  const { n } = type.search;
  const variance = f32(f32(type.variance * squares) / SUPER);
  const { plainWeights } = type;
  if (!given && plainWeights) {
    for (let i = 0; i < n; i++) group.weights[i] = plainWeights(x[from + i], variance);
  } else weigh(x, from, n, given?.of ?? ALIKE, variance, group.weights);
}

const encodeGrid =
  (type: GridType): EncodeBlock =>
  (x, _codes, bytes, at, given) => {
    const { search, even } = type;
    const { n } = search;
    const points = search.points();
    const squares = sumOfSquares(x);
    let largest = 0;
    let written = 0;
    for (let sub = 0; sub < SUPER / n; sub++) {
      scales[sub] = 0;
      weighGroup(type, x, n * sub, given, squares);
      splitSigns(x, n * sub, n, even);
      const max = greatest(n);
      if (type.epsilon > 0 ? max < type.epsilon : max === 0) continue;
      group.codes.fill(0);
      const scale = firstScale(type, max);
      if (scale === null) continue;
      scales[sub] = settle(scale, n, points, even);
      type.put(bytes, at, sub, points, written++);
      largest = Math.max(largest, scales[sub]);
    }
    if (largest === 0) {
      if (type.clears) bytes.fill(0, at, at + sizes.get(type)!);
      return;
    }
    const d = f32(largest / 31);
    putHalf(bytes, at, f32(d * type.fudge));
    type.end(bytes, at, f32(1 / d));
  };

/** The searched scale; null where nothing is above zero. */
function firstScale({ search, startsSearched }: GridType, max: number): number | null {
  const top = 2 * search.points().levels - 1;
  if (!startsSearched) return searchGrid(search, group, max, f32(max / top));
  const scale = searchPositive(search.n, 4, group.values, group.codes, group.weights);
  const most = f32(scale * 3);
  return most <= 0 ? null : searchGrid(search, group, most, scale);
}

const square = (x: number): number => f32(x * x);

const iq2xxs: GridType = {
  search: { points: iq2xxsPoints, n: 32, tries: 6, step: f32(0.1), again: "all" },
  even: true,
  epsilon: GROUP_EPSILON,
  variance: 1,
  plainWeights: null,
  startsSearched: true,
  fudge: 1,
  clears: true,
  put(bytes, at, sub, points) {
    const to = at + 2 + 8 * sub;
    for (let k = 0; k < 4; k++) bytes[to + k] = pointAt(points, 8 * k);
    putSigns(bytes, to + 4);
  },
  end(bytes, at, inverse) {
    for (let sub = 0; sub < 8; sub++) bytes[at + 9 + 8 * sub] |= scaleCode(inverse, scales[sub]) << 4;
  },
};

/** Four times 7 signs in the low 28 bits of a word. */
function putSigns(bytes: Uint8Array, at: number): void {
  const word = signs[0] | (signs[1] << 7) | (signs[2] << 14) | (signs[3] << 21);
  for (let b = 0; b < 4; b++) bytes[at + b] = word >>> (8 * b);
}

/** Two 4-bit scales a byte from `at` on. */
const nibbleScales =
  (offset: number) =>
  (bytes: Uint8Array, at: number, inverse: number): void => {
    for (let sub = 0; sub < 16; sub++) {
      bytes[at + offset + (sub >> 1)] |= scaleCode(inverse, scales[sub]) << (4 * (sub & 1));
    }
  };

const iq2xs: GridType = {
  search: { points: iq2xsPoints, n: 16, tries: 9, step: f32(0.1), again: "off" },
  even: true,
  epsilon: GROUP_EPSILON,
  variance: 1,
  plainWeights: null,
  startsSearched: false,
  fudge: 1,
  clears: true,
  put(bytes, at, sub, points) {
    for (let k = 0; k < 2; k++) {
      const word = pointAt(points, 8 * k) | (signs[k] << 9);
      const to = at + 2 + 4 * sub + 2 * k;
      bytes[to] = word;
      bytes[to + 1] = word >> 8;
    }
  },
  end: nibbleScales(66),
};

const iq2s: GridType = {
  search: { points: iq2sPoints, n: 16, tries: 9, step: f32(0.1), again: "off" },
  even: false,
  epsilon: f32(1e-8),
  variance: 2,
  plainWeights: (x, variance) => f32(f32(0.25 * variance) + f32(x * x)),
  startsSearched: false,
  fudge: f32(0.9875),
  clears: false,
  put(bytes, at, sub, points) {
    for (let k = 0; k < 2; k++) {
      const [point, l] = [pointAt(points, 8 * k), 2 * sub + k];
      bytes[at + 2 + l] = point;
      bytes[at + 34 + l] = signs[k];
      bytes[at + 66 + (l >> 2)] |= (point >> 8) << (2 * (l & 3));
    }
  },
  end: nibbleScales(74),
};

const iq3xxs: GridType = {
  search: { points: iq3xxsPoints, n: 32, tries: 15, step: f32(0.2), again: "off" },
  even: true,
  epsilon: f32(1e-8),
  variance: 2,
  plainWeights: square,
  startsSearched: false,
  fudge: f32(1.0125),
  clears: true,
  put(bytes, at, sub, points) {
    for (let k = 0; k < 8; k++) bytes[at + 2 + 8 * sub + k] = pointAt(points, 4 * k);
    putSigns(bytes, at + 66 + 4 * sub);
  },
  end(bytes, at, inverse) {
    for (let sub = 0; sub < 8; sub++) bytes[at + 69 + 4 * sub] |= scaleCode(inverse, scales[sub]) << 4;
  },
};

const iq3s: GridType = {
  search: { points: iq3sPoints, n: 32, tries: 9, step: f32(0.2), again: "all if off" },
  even: false,
  epsilon: 0,
  variance: 2,
  plainWeights: square,
  startsSearched: false,
  fudge: f32(1.033),
  clears: false,
  put(bytes, at, sub, points, nth) {
    // ggml does not step over the bytes of a group of zeros: the groups after it stand one place too early, but for their high bits.
    // A block with such a group reads back wrong, and so it does here.
    for (let k = 0; k < 8; k++) {
      const point = pointAt(points, 4 * k);
      bytes[at + 2 + 8 * nth + k] = point;
      bytes[at + 66 + sub] |= (point >> 8) << k;
    }
    for (let k = 0; k < 4; k++) bytes[at + 74 + 4 * nth + k] = signs[k];
  },
  end(bytes, at, inverse) {
    for (let sub = 0; sub < 8; sub++) {
      bytes[at + 106 + (sub >> 1)] |= scaleCode(inverse, scales[sub]) << (4 * (sub & 1));
    }
  },
};

/** Bytes of a block of the types that keep nothing where there is no scale. */
const sizes = new Map([
  [iq2xxs, 66],
  [iq2xs, 74],
  [iq3xxs, 98],
]);

export const encodeIq2_xxs = encodeGrid(iq2xxs);
export const encodeIq2_xs = encodeGrid(iq2xs);
export const encodeIq2_s = encodeGrid(iq2s);
export const encodeIq3_xxs = encodeGrid(iq3xxs);
export const encodeIq3_s = encodeGrid(iq3s);
