/** The views of the page, in the order of their tabs. A new view is a folder beside these and a line here. */
import type { View } from "../page/view.ts";
import { bench } from "./bench/index.ts";
import { formats } from "./formats/index.ts";
import { model } from "./model/index.ts";
import { sweep } from "./sweep/index.ts";

export const views: readonly View[] = [bench, sweep, model, formats];
