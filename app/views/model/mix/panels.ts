/** The panels of the mix in the order of their tabs. A new one is a folder beside this file and a line here. */

import { limits } from "./limits/index.ts";
import type { MixPanel } from "./panel.ts";
import { setup } from "./setup/index.ts";
import { tensor } from "./tensor/index.ts";

export const panels: readonly MixPanel[] = [tensor, setup, limits];
