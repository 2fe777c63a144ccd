/** Every rounding, one line each. Names are disjoint from those of formats, scale rules and steps. */
import { away } from "./away.ts";
import { coin } from "./coin.ts";
import { down } from "./down.ts";
import { inward } from "./inward.ts";
import { lower } from "./lower.ts";
import type { Mode } from "./mode.ts";
import { odd } from "./odd.ts";
import { rne } from "./rne.ts";
import { sr } from "./sr.ts";
import { trunc } from "./trunc.ts";
import { up } from "./up.ts";

const list = [
  // In the order in which lists offer them.
  rne,
  away,
  inward,
  trunc,
  up,
  down,
  odd,
  sr,
  coin,
  lower,
] as const satisfies readonly Mode[];

export type RoundingMode = (typeof list)[number]["name"];

export const modes: readonly Mode<RoundingMode>[] = list;

const byName = Object.fromEntries(modes.map((mode) => [mode.name, mode.decides])) as Record<
  RoundingMode,
  Mode["decides"]
>;

/** How a rounding decides. */
export const decidingOf = (name: RoundingMode): Mode["decides"] => byName[name];

/** Whether random words decide. */
export const isRandom = (name: RoundingMode): boolean => decidingOf(name).by === "chance";

/** Whether values go to the nearer of two levels: what becomes of a tie changes no error. */
export const isNearest = (name: RoundingMode): boolean => decidingOf(name).by === "nearest";
