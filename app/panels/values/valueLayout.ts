/** Where the parts of the value histogram stand. */
import { type Cell, cellAt } from "../../charts/levels.ts";
import { type LinearScale, scaleLinear } from "../../charts/scale.ts";
import type { Range, Side } from "../../charts/types.ts";

/** Room for ruler A above and for ruler B, the axis and its label below. */
export const MARGIN = { top: 40, right: 12, bottom: 62, left: 46 };

/** Height of a ruler's marks. */
export const RULER = 9;

export interface Ruler {
  side: Side;
  recipe: string;
  levels: Float32Array | null;
  scale: number;
  /** What is taken off a level before it is scaled: the zero point of an affine format, else 0. */
  shift: number;
  /** Where the scale comes from. */
  note: string;
  /** What enters the quantizer of the marked element; the element's own value where this is absent. */
  input: number | null;
}

/** Pixels of a value, for a drawing of the given width. */
export const valueScale = (shown: Range, width: number): LinearScale =>
  scaleLinear()
    .domain([shown.lo, shown.hi])
    .range([MARGIN.left, Math.max(MARGIN.left + 1, width - MARGIN.right)]);

/** The cell of a value under a ruler, its zero point taken into account. */
export function rulerCell({ levels, scale, shift }: Ruler, value: number): Cell | null {
  const by = shift * scale;
  const cell = cellAt(levels, scale, value + by);
  return cell && { level: cell.level - by, lo: cell.lo - by, hi: cell.hi - by };
}

/** Levels in pixels, inside the plot, no two closer than half a pixel. */
export function rulerMarks(ruler: Ruler, x: LinearScale): number[] {
  if (!ruler.levels) return [];
  const [from, to] = x.range();
  const marks = Array.from(ruler.levels, (level) => x((level - ruler.shift) * ruler.scale))
    .filter((px) => px >= from && px <= to)
    .sort((p, q) => p - q);
  return marks.filter((px, i) => i === 0 || px - marks[i - 1] >= 0.5);
}
