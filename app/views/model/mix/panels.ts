/** The panels of the mix in the order of their tabs. A new one is a folder beside this file and a line here. */
import type { MixPanel } from "./panel.ts";

export const panels: readonly MixPanel[] = [];
