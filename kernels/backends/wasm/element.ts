import { minusZeroCode, overflowCode, overflowLevels } from "../../codes/scalar/encoder.ts";
import { floatBits, floatFromBits, highWord } from "../../exact/bits.ts";
import { infinityCode, nanCode, signBit } from "../../formats/codes.ts";
import type { Ladder } from "../../formats/ladder.ts";
import type { FloatFormat } from "../../formats/types.ts";
import type { ElementSpec, Plan } from "../../plan/plan.ts";
import { isNearest, type RoundingMode } from "../../rounding/modes/index.ts";
import { takesUpper } from "../../rounding/rounding.ts";
import { BUCKET_SHIFT, Field, Kind, Mode, Overflow } from "./fields.ts";

/** Roundings other than nearest even that the fast kernels have: they leave ties to the exact ones, and draw fractions. */
const FAST_TIES = ["away", "inward"] as const satisfies readonly RoundingMode[];
const FAST_CHANCE: RoundingMode = "sr";

/** Largest float32. */
const MAX_FLOAT32 = (2 - 2 ** -23) * 2 ** 127;

/** Why the kernels do not run a plan, in a clause; null where they do. */
export function refusal({ codec, element }: Plan): string | null {
  if (codec) return `does not have the searches of ${codec.name}`;
  return element.rounding.mode in Mode ? null : `does not round @${element.rounding.mode}`;
}

/** How an element's format goes into the kernels: fields, and the tables of its ladder. */
export interface ElementTables {
  fields: [Field, number][];
  /** Bits of 16 levels in four byte planes and 16 codes, for codebooks. */
  planes: Uint8Array | null;
  /** For codebooks under a library's arithmetic: the least float32 quotient that goes to each level but the first. */
  stairs: Float32Array | null;
  /** For the exact path alone: see `Field.buckets`. */
  buckets: Int32Array | null;
}

const tables = new WeakMap<ElementSpec, ElementTables>();

/** The tables of an element, made once: a sweep changes from one to the other with each tile. */
export function elementTables(spec: ElementSpec): ElementTables {
  const known = tables.get(spec) ?? makeTables(spec);
  tables.set(spec, known);
  return known;
}

function makeTables(spec: ElementSpec): ElementTables {
  const { format, ladder, integer, rounding, affine, ends } = spec;
  const none = { planes: null, stairs: null, buckets: null };
  if (format.kind === "identity" || !ladder) return { fields: [[Field.kind, Kind.copy]], ...none };
  const library = spec.arith !== "exact";
  const divides = spec.arith === "modelopt";
  const clamps = spec.sat === "clamp";
  const even = rounding.mode === "rne" && clamps;
  // A library's quotient is float32: its ties are no rarer than its other values, and only those to even are fast.
  const nearest = even || (clamps && !library && FAST_TIES.some((mode) => mode === rounding.mode));
  const random = rounding.mode === FAST_CHANCE && clamps && !library;
  const { levels, codes, zero } = ladder;
  const fields: [Field, number][] = [
    [Field.mode, Mode[rounding.mode as keyof typeof Mode]],
    [Field.affine, affine ? 1 : 0],
    [Field.codeBits, format.bits],
    [Field.levels, levels.length],
    [Field.wide, ladder.wide ? 1 : 0],
    [Field.minusZero, minusZeroCode(spec)],
    [Field.nanCode, nanCode(format) ?? codes[Math.max(0, zero)]],
    [Field.endLow, ends.low],
    [Field.endHigh, ends.high],
    [Field.step, integer ? 2 ** integer.frac : 1],
    [Field.codeMin, integer?.min ?? 0],
    [Field.codeMax, integer?.max ?? 0],
    [Field.lowest, levels[0]],
    [Field.highest, levels[levels.length - 1]],
    [Field.library, library ? 1 : 0],
    [Field.divides, divides ? 1 : 0],
    [Field.seed, rounding.seed],
    [Field.randomBits, rounding.bits],
    ...overflowFields(spec, ladder),
  ];
  if (integer) {
    const reach = affine ? integer.max : Math.max(-integer.min, integer.max);
    const step = 2 ** integer.frac;
    fields.push(
      [Field.kind, integerKind(nearest && !library, random && step === 1)],
      [Field.magic, (1.5 * 2 ** 23) / step],
      [Field.nearTie, random ? (reach + 2) * 2 ** -20 : (0.5 - (reach + 2) * 2 ** -22) / step],
      [Field.leastScale, 2 ** -100],
      [Field.mostScale, 2 ** 100],
    );
    return { fields, ...none };
  }
  // Results must not overflow: that is for the exact path to notice.
  fields.push([Field.leastScale, 2 ** -126], [Field.mostScale, mostScale(ladder.maxAbs)]);
  if ((even || library) && format.kind === "codebook" && levels.length <= 16) {
    const stairs = library ? stairsOf(spec, ladder) : null;
    if (!library || stairs) {
      fields.push([Field.kind, Kind.book]);
      return { fields, ...none, planes: planesOf(levels, codes), stairs };
    }
  }
  if ((nearest || random) && !divides && format.kind === "float" && hasFastPath(format, ladder.maxAbs)) {
    const { mantissaBits } = format;
    fields.push(
      [Field.kind, random ? Kind.randomFloat : Kind.float],
      [Field.leastExponent, (1 - format.bias + 127) * 2 ** 23],
      [Field.magic, (23 - mantissaBits) * 2 ** 23 + 2 ** 22],
      [Field.mantissaShift, 23 - mantissaBits],
      // In quanta; or in units of the quotient's power of two, which is at most half of it off.
      [Field.nearTie, random ? 2 ** (mantissaBits - 18) : 2 ** -(mantissaBits + 1) - 2 ** -21],
    );
    return { fields, ...none };
  }
  fields.push([Field.kind, Kind.ladder]);
  return ladder.wide ? { fields, ...none } : withBuckets(fields, ladder);
}

/** Ranks at the ends of the buckets of positive quotients, then of negative ones; zero lies in the first of both. */
function withBuckets(fields: [Field, number][], { levels, floor }: Ladder): ElementTables {
  const keyOf = (x: number) => highWord(x) >>> BUCKET_SHIFT;
  const keys = Array.from(levels, Math.abs)
    .filter((size) => size > 0)
    .map(keyOf);
  const [least, most] = keys.reduce(([a, b], k) => [Math.min(a, k), Math.max(b, k)], [Infinity, 0]);
  const first = least - 1;
  const count = most + 2 - first;
  const lowerEnd = (k: number) => (k === 0 ? 0 : fromHighWord((first + k) << BUCKET_SHIFT));
  const buckets = new Int32Array(2 * (count + 1));
  for (let k = 0; k <= count; k++) {
    buckets[k] = floor(lowerEnd(k));
    buckets[count + 1 + k] = floor(-lowerEnd(k));
  }
  fields.push([Field.firstBucket, first], [Field.bucketCount, count]);
  return { fields, planes: null, stairs: null, buckets };
}

const double = new Float64Array(1);
const words = new BigUint64Array(double.buffer);

/** The double with this high word and a low one of zeros. */
function fromHighWord(high: number): number {
  words[0] = BigInt(high) << 32n;
  return double[0];
}

function integerKind(nearest: boolean, random: boolean): Kind {
  return nearest ? Kind.integer : random ? Kind.randomInteger : Kind.exactInteger;
}

/** What a value beyond the range gives where it does not saturate. */
function overflowFields({ format, sat }: ElementSpec, ladder: Ladder): [Field, number][] {
  if (sat === "clamp") return [[Field.overflow, Overflow.clamp]];
  const next = overflowLevels(ladder);
  const infinite = sat === "inf" && infinityCode(format) !== null;
  return [
    [Field.overflow, infinite ? Overflow.infinity : Overflow.nan],
    [Field.codeAbove, overflowCode(format, infinite, true)],
    [Field.codeBelow, overflowCode(format, infinite && signBit(format) > 0, false)],
    [Field.nanBelow, signBit(format) > 0 ? 0 : 1],
    [Field.nextAbove, next.above],
    [Field.nextBelow, next.below],
  ];
}

/**
 * The least float32 quotient that goes to each level but the first, or null where the rounding is not to the nearest: a
 * library's quotient is float32 itself, so that thresholds need not know the scale.
 */
function stairsOf({ middles, rounding: { mode } }: ElementSpec, { odd, levels }: Ladder): Float32Array | null {
  if (!isNearest(mode)) return null;
  return Float32Array.from(middles, (middle, i) => {
    const near = Math.fround(middle);
    // Between two zeros there is nothing but zero, which is the upper one.
    if (levels[i] === levels[i + 1]) return middle;
    const tieUp = takesUpper(mode, { side: 0, negative: middle < 0, lowerOdd: odd[i] === 1 });
    return near > middle || (near === middle && tieUp) ? near : nextUp(near);
  });
}

/** The least float32 above a finite one. */
function nextUp(x: number): number {
  if (x === 0) return 2 ** -149;
  return floatFromBits(floatBits(x) + (x > 0 ? 1 : -1));
}

/** The largest scale under which no level overflows float32. */
function mostScale(maxAbs: number): number {
  if (maxAbs > 2 ** 126) return maxAbs <= MAX_FLOAT32 ? 1 : 0;
  return Math.min(2 ** 100, 2 ** 127 / Math.max(1, maxAbs));
}

/** Whether float32 holds the format's levels, and normal numbers of both are the same. */
function hasFastPath(format: FloatFormat, maxAbs: number): boolean {
  return format.subnormals && format.mantissaBits >= 1 && 1 - format.bias >= -126 && maxAbs <= MAX_FLOAT32;
}

function planesOf(levels: Float64Array, codes: Uint32Array): Uint8Array {
  const planes = new Uint8Array(80);
  for (let rank = 0; rank < levels.length; rank++) {
    const bits = floatBits(levels[rank]);
    for (let byte = 0; byte < 4; byte++) planes[16 * byte + rank] = bits >>> (8 * byte);
    planes[64 + rank] = codes[rank];
  }
  return planes;
}
