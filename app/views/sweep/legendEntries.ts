/** The legend of a chart as it goes into pictures: written on the figure by the view, read from there by the export. */
import type { Side } from "../../charts/types.ts";
import type { Series } from "./series.ts";

export interface LegendEntry {
  path: string;
  /** Name of a colour variable of the theme. */
  colour: string;
  value: string;
}

/** Two circles that run against each other. */
const RING = "M-6 0a6 6 0 1 1 12 0a6 6 0 1 1-12 0M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0";

export const legendEntry = ({ path, colour, value }: Series): LegendEntry => ({ path, colour, value });

export const benchEntry = (side: Side, recipe: string): LegendEntry => ({
  path: RING,
  colour: `--${side}`,
  value: `${side.toUpperCase()}: ${recipe}`,
});
