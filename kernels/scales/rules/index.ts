/** Every scale rule, one line each. Names are disjoint from those of formats, roundings and steps. Importing this makes them known. */
import { absmax } from "./absmax.ts";
import { absmean } from "./absmean.ts";
import { dgq } from "./dgq.ts";
import { expr } from "./expr.ts";
import { fine } from "./fine.ts";
import { fouroversix } from "./fouroversix.ts";
import { provideRules } from "./known.ts";
import { lclip } from "./lclip.ts";
import { lsq } from "./lsq.ts";
import { minmax } from "./minmax.ts";
import { mse } from "./mse.ts";
import { mx } from "./mx.ts";
import { pct } from "./pct.ts";
import { quest } from "./quest.ts";
import { rceil } from "./rceil.ts";
import { realbias } from "./realbias.ts";
import { rms } from "./rms.ts";
import type { ScaleRule } from "./scale-rule.ts";
import { shrink } from "./shrink.ts";
import { std } from "./std.ts";
import { bwn, twn } from "./twn.ts";

const list = [
  // In the order in which lists offer them.
  absmax,
  minmax,
  pct,
  mse,
  shrink,
  rms,
  std,
  absmean,
  mx,
  rceil,
  quest,
  fouroversix,
  realbias,
  lsq,
  lclip,
  twn,
  bwn,
  fine,
  dgq,
  expr,
] as const satisfies readonly ScaleRule[];

export type RuleName = (typeof list)[number]["entry"]["name"];

export const rules: readonly ScaleRule<RuleName>[] = list;
provideRules(rules);
