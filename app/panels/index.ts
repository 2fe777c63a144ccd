/** The panels of the Bench, in the order in which a phone shows them. A new panel is a folder beside these and a line here. */
import type { Panel } from "../page/panel.ts";
import { attention } from "./attention/index.ts";
import { cells } from "./cells/index.ts";
import { codes } from "./codes/index.ts";
import { inspector } from "./inspector/index.ts";
import { map } from "./map/index.ts";
import { metrics } from "./metrics/index.ts";
import { neighbours } from "./neighbours/index.ts";
import { profiles } from "./profiles/index.ts";
import { stored } from "./stored/index.ts";
import { values } from "./values/index.ts";

export const panels: readonly Panel[] = [
  metrics,
  stored,
  values,
  cells,
  map,
  inspector,
  profiles,
  neighbours,
  codes,
  attention,
];
