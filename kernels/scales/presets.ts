/** Options of elements that change scales which the definition would give otherwise. */
import { infinityCode, nanCode } from "../formats/codes.ts";
import type { Plan } from "../plan/plan.ts";
import type { StoredLevel } from "./resolve.ts";
import { product, roundScale } from "./round.ts";
import type { BlockStatistics } from "./statistics.ts";

/** Presets give an all-zero block a scale of their own. */
export function overrideZeroBlocks(
  plan: Plan,
  stats: BlockStatistics,
  effective: Float32Array,
  over: ((block: number) => number) | null,
  stored: StoredLevel,
): void {
  const wanted = plan.element.zeroScale;
  const level = plan.levels[0];
  if (wanted === null) return;
  const least = level.ladder ? (level.ladder.levels.find((v) => v > 0) ?? 0) : 2 ** -149;
  const rounded = roundScale(level, wanted === "min" ? least : wanted, 0, 1, 0, 0);
  for (let b = 0; b < effective.length; b++) {
    if (stats.amax[b] !== 0 || stats.bad[b]) continue;
    stored.values[b] = rounded.value;
    if (stored.codes) stored.codes[b] = rounded.code;
    effective[b] = over ? product(rounded.value, over(b)) : rounded.value;
  }
}

/** A block that holds NaN or Inf becomes NaN as a whole. */
export function poison(plan: Plan, stats: BlockStatistics, effective: Float32Array, stored: StoredLevel): void {
  const { format } = plan.levels[0];
  const code = nanCode(format) ?? infinityCode(format);
  for (let b = 0; b < effective.length; b++) {
    if (!stats.bad[b]) continue;
    effective[b] = Number.NaN;
    stored.values[b] = Number.NaN;
    if (stored.codes && code !== null) stored.codes[b] = code;
  }
}
