import { floatBits } from "../exact/bits.ts";
import { nanCode, signBit } from "../formats/codes.ts";
import type { FloatFormat } from "../formats/types.ts";
import type { ElementSpec, Plan } from "../plan/plan.ts";
import { Field, Kind, Mode } from "./fields.ts";

/** Largest float32. */
const MAX_FLOAT32 = (2 - 2 ** -23) * 2 ** 127;

/** Why the kernels do not run a plan, in a clause; null where they do. */
export function refusal(plan: Plan): string | null {
  if (plan.codec) return `does not have the searches of ${plan.codec.name}`;
  const { arith, sat, rounding } = plan.element;
  if (arith !== "exact") return `does not imitate the arithmetic of a library (arith=${arith})`;
  if (sat !== "clamp") return `only saturates (sat=${sat})`;
  if (!(rounding.mode in Mode)) return `does not draw random numbers (@${rounding.mode})`;
  return null;
}

/** How an element's format goes into the kernels: fields, and the tables of its ladder. */
export interface ElementTables {
  fields: [Field, number][];
  /** Bits of 16 levels in four byte planes and 16 codes, for codebooks. */
  planes: Uint8Array | null;
}

export function elementTables(spec: ElementSpec): ElementTables {
  const { format, ladder, integer, rounding, affine, ends } = spec;
  if (format.kind === "identity" || !ladder) return { fields: [[Field.kind, Kind.copy]], planes: null };
  const nearest = rounding.mode === "rne";
  const { levels, codes, zero } = ladder;
  const fields: [Field, number][] = [
    [Field.mode, Mode[rounding.mode as keyof typeof Mode]],
    [Field.affine, affine ? 1 : 0],
    [Field.codeBits, format.bits],
    [Field.levels, levels.length],
    [Field.wide, ladder.wide ? 1 : 0],
    [Field.minusZero, format.kind === "float" && format.top !== "fnuz" ? signBit(format) : 0],
    [Field.nanCode, nanCode(format) ?? codes[Math.max(0, zero)]],
    [Field.endLow, ends.low],
    [Field.endHigh, ends.high],
    [Field.step, integer ? 2 ** integer.frac : 1],
    [Field.codeMin, integer?.min ?? 0],
    [Field.codeMax, integer?.max ?? 0],
    [Field.lowest, levels[0]],
    [Field.highest, levels[levels.length - 1]],
  ];
  if (integer) {
    const reach = affine ? integer.max : Math.max(-integer.min, integer.max);
    const step = 2 ** integer.frac;
    fields.push(
      [Field.kind, nearest ? Kind.integer : Kind.exactInteger],
      [Field.magic, (1.5 * 2 ** 23) / step],
      [Field.nearTie, (0.5 - (reach + 2) * 2 ** -22) / step],
      [Field.leastScale, 2 ** -100],
      [Field.mostScale, 2 ** 100],
    );
    return { fields, planes: null };
  }
  // Results must not overflow: that is for the exact path to notice.
  fields.push([Field.leastScale, 2 ** -126], [Field.mostScale, mostScale(ladder.maxAbs)]);
  if (nearest && format.kind === "codebook" && levels.length <= 16) {
    fields.push([Field.kind, Kind.book]);
    return { fields, planes: planesOf(levels, codes) };
  }
  if (nearest && format.kind === "float" && hasFastPath(format, ladder.maxAbs)) {
    fields.push(
      [Field.kind, Kind.float],
      [Field.leastExponent, (1 - format.bias + 127) * 2 ** 23],
      [Field.magic, (23 - format.mantissaBits) * 2 ** 23 + 2 ** 22],
      [Field.mantissaShift, 23 - format.mantissaBits],
      // In units of the quotient's power of two, which is at most half of it off.
      [Field.nearTie, 2 ** -(format.mantissaBits + 1) - 2 ** -21],
    );
    return { fields, planes: null };
  }
  fields.push([Field.kind, Kind.ladder]);
  return { fields, planes: null };
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
