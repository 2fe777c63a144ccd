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

export type PartKey = keyof RecipeParts;

export const partLabels: Record<PartKey, string> = {
  base: "Format",
  block: "Block",
  rule: "Scale rule",
  scale: "Scale storage",
  steps: "Rotation",
  rounding: "Rounding",
  corrections: "Correction",
};
export const partKeys = Object.keys(partLabels) as PartKey[];

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
export function seriesOf(recipes: readonly SweepRecipe[], part: PartKey): Map<string, Series> {
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

export type Hidden = Readonly<Partial<Record<PartKey, readonly string[]>>>;

export const isHidden = (hidden: Hidden, parts: RecipeParts): boolean =>
  partKeys.some((part) => hidden[part]?.includes(parts[part]));

export function toggled(hidden: Hidden, part: PartKey, value: string): Hidden {
  const now = hidden[part] ?? [];
  return { ...hidden, [part]: now.includes(value) ? now.filter((v) => v !== value) : [...now, value] };
}
