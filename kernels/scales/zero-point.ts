import { ladderOf } from "../formats/ladder.ts";
import type { Format, IntegerFormat } from "../formats/types.ts";
import type { Plan } from "../plan/plan.ts";
import { roundOnLadder } from "../rounding/on-ladder.ts";
import { buildRounding } from "../rounding/rounding.ts";
import { quotientOf } from "./round.ts";

/** Whether a format holds every code of an affine integer, so that a zero point stored in it stays as it is. */
export const holdsCodes = (storage: Format, { max }: IntegerFormat): boolean =>
  storage.kind === "integer" && storage.frac === 0 && storage.min <= 0 && storage.max >= max;

/** z = RNE(-min/s), kept in the range of the codes and sent through its own format. */
export function zeroPointOf(plan: Plan, low: number, scale: number): number {
  const { zeroPoint } = plan.element;
  const integer = plan.element.integer!;
  if (scale === 0 || Number.isNaN(scale)) return 0;
  const q = -low / scale;
  const floor = Math.floor(q);
  const up = q - floor > 0.5 || (q - floor === 0.5 && floor % 2 !== 0);
  const z = Math.min(integer.max, Math.max(0, up ? floor + 1 : floor));
  const storage = zeroPoint!.format;
  if (storage.kind === "identity" || holdsCodes(storage, integer)) return z;
  const ladder = ladderOf(storage);
  const rank = roundOnLadder(ladder, ladder.middles, buildRounding(null), quotientOf(z, 0, 1), {
    stream: 0,
    index: 0,
  });
  return ladder.levels[Math.min(ladder.levels.length - 1, Math.max(0, rank))];
}
