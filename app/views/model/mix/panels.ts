/** The panels of the mix in the order of their tabs. A new one is a folder beside this file and a line here. */

import { cache } from "./cache/index.ts";
import { exports } from "./exports/index.ts";
import { imports } from "./imports/index.ts";
import { latency } from "./latency/index.ts";
import { leaderboard } from "./leaderboard/index.ts";
import { limits } from "./limits/index.ts";
import { measured } from "./measured/index.ts";
import type { MixPanel } from "./panel.ts";
import { proxies } from "./proxies/index.ts";
import { report } from "./report/index.ts";
import { setup } from "./setup/index.ts";
import { tensor } from "./tensor/index.ts";

export const panels: readonly MixPanel[] = [
  tensor,
  setup,
  limits,
  measured,
  leaderboard,
  proxies,
  latency,
  cache,
  imports,
  exports,
  report,
];
