import type { Plan } from "../../../plan/plan.ts";
import { roundingRefusal, tableRefusal } from "./element.ts";

/** Larger flat blocks would overflow an index of 32 bits. */
const MAX_FLAT = 2 ** 30;
/** Zero points above this, which only odd formats for zero points give, would leave the range of exact integers. */
export const MAX_ZERO_POINT = 4096;

/** Wider integers would leave the range in which the shaders' grids are even. */
export const MAX_INTEGER = 12;

/** Why the shaders do not run a plan, in a clause for a note, or null. */
export function refusalOf(plan: Plan): string | null {
  const { codec, element, grid } = plan;
  if (codec) return `does not have the searches of ${codec.name}`;
  if (element.arith !== "exact") return `does not do the float32 arithmetic of arith=${element.arith} yet`;
  if (element.integer && element.integer.bits > MAX_INTEGER) return `has no integers of more than ${MAX_INTEGER} bits`;
  if (grid.flat > MAX_FLAT) return `has no flat blocks of more than ${MAX_FLAT} elements`;
  const beyond = (end: number) => Number.isFinite(end) && !Number.isFinite(Math.fround(end));
  if (plan.levels.length > 0 && (beyond(element.ends.low) || beyond(element.ends.high))) {
    return "does not count what lies beyond levels that exceed float32 yet";
  }
  const storage = element.zeroPoint?.format;
  if (storage?.kind === "codebook" && storage.values.some((v) => Math.abs(v) > MAX_ZERO_POINT)) {
    return `has no zero points beyond ${MAX_ZERO_POINT}`;
  }
  return roundingRefusal(element) ?? tableRefusal(element);
}
