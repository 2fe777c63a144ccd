/** How points are told apart: by colour and by shape at once, so that neither is needed alone. */
import type { SweepRecipe } from "../../../kernels/sweep/index.ts";
import { formatNameOf } from "../../looks/formatName.ts";
import { type Look, looksOf } from "../../looks/formats.ts";
import { type OutlineName, outlinePath } from "../../looks/outlines.ts";
import type { Sweep, SweepPart } from "./state.ts";

export const partLabels: Record<SweepPart, string> = {
  base: "Format",
  block: "Block",
  rule: "Scale rule",
  scale: "Scale storage",
  steps: "Rotation",
  rounding: "Rounding",
  corrections: "Correction",
};

/** Colours are `--s1` to `--s8` of the theme. */
export const COLOURS = 8;
const outlines: readonly OutlineName[] = ["circle", "square", "triangle", "diamond", "plus", "wye", "star"];

export interface Series {
  value: string;
  /** Name of a colour variable of the theme. */
  colour: string;
  /** Path around the origin, at the usual size and at that of a marked point. */
  path: string;
  large: string;
  count: number;
}

/** What a part of a recipe is called; a format written by an alias is that alias, and not its elements. */
export const partValue = ({ text, parts }: SweepRecipe, part: SweepPart): string =>
  part === "base" ? formatNameOf(text, parts) : parts[part];

/** Of other parts than formats, by the order of the grid: seven shapes and eight colours repeat together only after 56. */
const numbered = (i: number): Look => ({ colour: `--s${(i % COLOURS) + 1}`, outline: outlines[i % outlines.length] });

/** The values a part takes among the recipes, in the order of the grid. Formats look as they do everywhere. */
export function seriesOf(recipes: readonly SweepRecipe[], part: SweepPart): Map<string, Series> {
  const counts = new Map<string, number>();
  for (const recipe of recipes) {
    const value = partValue(recipe, part);
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  const looks = part === "base" ? looksOf(counts.keys()) : null;
  return new Map(
    [...counts].map(([value, count], i) => {
      const { colour, outline } = looks?.get(value) ?? numbered(i);
      return [value, { value, colour, path: outlinePath(outline, 38), large: outlinePath(outline, 90), count }];
    }),
  );
}

export type Hidden = Sweep["hidden"];

export const isHidden = (hidden: Hidden, recipe: SweepRecipe): boolean =>
  hidden.some(({ part, value }) => partValue(recipe, part) === value);

export function toggled(hidden: Hidden, part: SweepPart, value: string): Hidden {
  const others = hidden.filter((one) => one.part !== part || one.value !== value);
  return others.length < hidden.length ? others : [...hidden, { part, value }];
}
