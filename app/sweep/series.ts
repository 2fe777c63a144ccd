/** How points are told apart: by colour and by shape at once, so that neither is needed alone. */
import {
  type SymbolType,
  symbol,
  symbolCircle,
  symbolCross,
  symbolDiamond,
  symbolSquare,
  symbolStar,
  symbolTriangle,
  symbolWye,
} from "d3";
import type { RecipeParts, SweepRecipe } from "../../kernels/sweep/index.ts";
import type { Sweep, SweepPart } from "../state/experiment.ts";

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
const shapes: readonly SymbolType[] = [
  symbolCircle,
  symbolSquare,
  symbolTriangle,
  symbolDiamond,
  symbolCross,
  symbolWye,
  symbolStar,
];

export interface Series {
  value: string;
  /** Name of a colour variable of the theme. */
  colour: string;
  /** Path around the origin, at the usual size and at that of a marked point. */
  path: string;
  large: string;
  count: number;
}

/** Outlines of about the same visual weight. */
const outline = (shape: SymbolType, size: number): string => symbol(shape, size)() ?? "";

/** The values a part takes among the recipes, in the order of the grid; seven shapes and eight colours repeat together only after 56. */
export function seriesOf(recipes: readonly SweepRecipe[], part: SweepPart): Map<string, Series> {
  const series = new Map<string, Series>();
  for (const { parts } of recipes) {
    const value = parts[part];
    const known = series.get(value);
    if (known) known.count++;
    else {
      const i = series.size;
      const shape = shapes[i % shapes.length];
      series.set(value, {
        value,
        colour: `--s${(i % COLOURS) + 1}`,
        path: outline(shape, 38),
        large: outline(shape, 90),
        count: 1,
      });
    }
  }
  return series;
}

export type Hidden = Sweep["hidden"];

export const isHidden = (hidden: Hidden, parts: RecipeParts): boolean =>
  hidden.some(({ part, value }) => parts[part] === value);

export function toggled(hidden: Hidden, part: SweepPart, value: string): Hidden {
  const others = hidden.filter((one) => one.part !== part || one.value !== value);
  return others.length < hidden.length ? others : [...hidden, { part, value }];
}
