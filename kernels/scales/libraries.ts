/**
 * Scales as a library computes them, one function a library, each step rounded to float32 as there (read in the public
 * sources, whose files stand beside each). The tests hold them against the same steps in NumPy.
 */
import { nanCode } from "../formats/codes.ts";
import type { Library } from "../formats/library-ladder.ts";
import { blockCount, blockOf } from "../plan/blocks.ts";
import type { Plan, ScaleLevel } from "../plan/plan.ts";
import type { Scales, StoredLevel } from "./resolve.ts";
import { product, saturate } from "./round.ts";
import type { BlockStatistics } from "./statistics.ts";
import { codeFinder, storeOf } from "./store.ts";

const { fround, abs } = Math;

/** Stored scales, those in force, and what elements are multiplied with, by block of elements. */
export type LibraryScales = Pick<Scales, "levels" | "effective" | "reciprocal">;

export function libraryScales(library: Library, plan: Plan, { amax }: BlockStatistics): LibraryScales {
  return { bnb, torchao, modelopt }[library](plan, amax);
}

function stored(level: ScaleLevel, n: number): StoredLevel {
  return {
    codes: level.ladder ? new Uint32Array(n) : null,
    values: new Float32Array(n),
    ideal: new Float64Array(n),
  };
}

/** The block of the second level that holds each scale of the first. */
function outerBlocks(plan: Plan): (b: number) => number {
  const { gridCols } = plan.levels[0].grid;
  return (b) => blockOf(plan.levels[1].grid, Math.floor(b / gridCols), b % gridCols);
}

/** Largest magnitudes by block of the second level. */
function outerMaxima(plan: Plan, values: ArrayLike<number>): Float32Array {
  const out = new Float32Array(blockCount(plan.levels[1].grid));
  const of = outerBlocks(plan);
  for (let b = 0; b < values.length; b++) out[of(b)] = Math.max(out[of(b)], abs(values[b]));
  return out;
}

/**
 * bitsandbytes (functional.py `quantize_4bit`, csrc/kernels.cu `kQuantizeBlockwise`, `dQuantize`): elements are multiplied
 * by the reciprocal of their true maximum; only then are the maxima compressed, less their mean, over the dynamic map.
 * A block of zeros divides by zero: no threshold is below a NaN, so its elements get the first code.
 */
function bnb(plan: Plan, amax: Float32Array): LibraryScales {
  const [level, outer] = plan.levels;
  const first = stored(level, amax.length);
  // The code zero of NF4 is its lowest level, that of FP4 is zero, which any finite factor gives.
  const ofZeros = plan.element.ladder!.codes[0] === 0 ? Number.NaN : 1;
  const reciprocal = amax.map((a) => (a === 0 ? ofZeros : saturate(fround(1 / a))));
  first.ideal.set(amax);
  if (!outer) {
    first.values.set(amax);
    return { levels: [first], effective: amax.slice(), reciprocal };
  }
  const second = stored(outer, blockCount(outer.grid));
  const offset = mean(amax);
  const less = amax.map((a) => a - offset);
  second.values.set(outerMaxima(plan, less));
  second.ideal.set(second.values);
  const of = outerBlocks(plan);
  const { levels, codes } = level.ladder!;
  const middles = level.ladder!.middles.map(fround);
  const effective = new Float32Array(amax.length);
  less.forEach((value, b) => {
    const over = second.values[of(b)];
    const rank = over === 0 ? 0 : nearestOf(middles, fround(value * fround(1 / over)));
    first.values[b] = levels[rank];
    first.codes![b] = codes[rank];
    first.ideal[b] = over === 0 ? 0 : value / over;
    effective[b] = fround(levels[rank] * over) + offset;
  });
  return { levels: [first, second], effective, reciprocal };
}

/** The mean as float32. The library adds in float32, in an order of its own; this is the exact sum, nearly. */
function mean(values: Float32Array): number {
  let sum = 0;
  for (const v of values) sum += v;
  return fround(sum / values.length);
}

/** The rank of the nearest level; midway between two the even one, where the library's bisection ends. */
function nearestOf(middles: Float64Array, q: number): number {
  let [low, high] = [0, middles.length];
  while (low < high) {
    const mid = (low + high) >> 1;
    if (middles[mid] < q || (middles[mid] === q && mid % 2 === 1)) low = mid + 1;
    else high = mid;
  }
  return low;
}

/**
 * torchao (prototype/mx_formats/nvfp4_tensor.py `nvfp4_quantize`, `per_tensor_amax_to_scale`): the scale of the tensor
 * from its maximum, not from that of the blocks' scales; block scales of 2^-6 at least; elements times a reciprocal.
 */
function torchao(plan: Plan, amax: Float32Array): LibraryScales {
  const { levels, wholes, ofBlock } = tensorScales(plan, amax);
  const { divisor } = plan.levels[0];
  const store = floatStore(plan.levels[0]);
  const effective = new Float32Array(amax.length);
  const reciprocal = new Float32Array(amax.length);
  amax.forEach((a, b) => {
    const whole = wholes ? wholes[ofBlock(b)] : 1;
    const value = store(levels[0], b, fround(fround(a / divisor) / whole));
    effective[b] = product(value, whole);
    reciprocal[b] = saturate(fround(fround(1 / whole) / value));
  });
  return { levels, effective, reciprocal };
}

/**
 * ModelOpt (modelopt/torch/quantization/qtensor/nvfp4_tensor.py, 2026): a block scale that is zero in float32 becomes 1,
 * others are 2^-9 at least; elements are divided by the scale in force.
 */
function modelopt(plan: Plan, amax: Float32Array): LibraryScales {
  const { levels, wholes, ofBlock } = tensorScales(plan, amax);
  const { divisor } = plan.levels[0];
  const { zeroScale } = plan.element;
  const store = floatStore(plan.levels[0]);
  const effective = new Float32Array(amax.length);
  amax.forEach((a, b) => {
    const whole = wholes ? wholes[ofBlock(b)] : 1;
    const scale = fround(a / fround(divisor * whole));
    const value = store(levels[0], b, scale === 0 && typeof zeroScale === "number" ? zeroScale : scale);
    effective[b] = product(value, whole);
  });
  return { levels, effective, reciprocal: effective };
}

/** The levels, and the scale of the tensor where there is a second one: its maximum over both largest values. */
function tensorScales(plan: Plan, amax: Float32Array) {
  const [level, outer] = plan.levels;
  const first = stored(level, amax.length);
  if (!outer) return { levels: [first], wholes: null, ofBlock: () => 0 };
  const second = stored(outer, blockCount(outer.grid));
  second.values.set(outerMaxima(plan, amax).map((a) => a / (level.divisor * outer.divisor)));
  second.ideal.set(second.values);
  return { levels: [first, second], wholes: second.values, ofBlock: outerBlocks(plan) };
}

/** Stores a float32 in the format of a level and gives what came of it. NaN (zero over zero) stays NaN. */
function floatStore(level: ScaleLevel): (into: StoredLevel, b: number, scale: number) => number {
  const store = storeOf(level, 0);
  const codeOf = codeFinder(level);
  const nan = nanCode(level.format) ?? 0;
  return (into, b, scale) => {
    const defined = !Number.isNaN(scale);
    const value = defined ? store(saturate(scale), 0, 1, b) : Number.NaN;
    into.values[b] = value;
    into.ideal[b] = scale;
    if (into.codes) into.codes[b] = defined ? codeOf(value) : nan;
    return value;
  };
}
