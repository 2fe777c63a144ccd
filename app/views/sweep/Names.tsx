/** The recipes of the frontier beside their points, as many as there is room for. */
import { useMemo } from "react";
import type { Axes } from "./axes.ts";
import { type Badge, badgeBoxes } from "./badges.ts";
import { type Anchor, placeLabels } from "./labels.ts";
import type { Line, Spot } from "./spots.ts";

export const LABEL_FONT = { fontSize: 11, fontFamily: "var(--font-mono)" } as const;
/** Monospaced digits and letters are 0.6 of their size wide, and a little more in some fonts. */
export const CHAR = 6.75;
const RADIUS = 6;

interface Props {
  /** Of the frontier. */
  spots: readonly Spot[];
  others: readonly Spot[];
  /** The line that joins the frontier. */
  lines: readonly Line[];
  badges: readonly Badge[];
  axes: Axes;
  /** The frontier rises to the right. */
  upward: boolean;
  /** It runs from right to left: more of what lies along the lower axis is better. */
  leftward: boolean;
  /** Has its name elsewhere. */
  marked: string | null;
}

export function Names({ spots, others, lines, badges, axes, upward, leftward, marked }: Props) {
  const labels = useMemo(() => {
    const anchors: Anchor[] = spots.map(({ point, x, y }) => ({ x, y, text: point.text }));
    const bounds = { x0: axes.left + 2, y0: axes.top - 4, x1: axes.right + 8, y1: axes.bottom - 2 };
    const space = { bounds, charWidth: CHAR, lineHeight: 15, radius: RADIUS, lines, taken: badgeBoxes(badges) };
    return placeLabels(anchors, others, space, upward, leftward);
  }, [spots, others, lines, badges, axes, upward, leftward]);
  const shown = labels.filter(({ index }) => spots[index].point.text !== marked);
  return (
    <g {...LABEL_FONT} fill="var(--ink)">
      {/* Lines first: the names' outlines keep them off the letters. */}
      {shown.map(({ index, leader }) => {
        const { point, x, y } = spots[index];
        return leader ? (
          <line key={point.text} x1={x} y1={y} x2={leader.x} y2={leader.y} stroke="var(--faint)" strokeWidth={0.75} />
        ) : null;
      })}
      {shown.map(({ index, x, y }) => (
        <text key={spots[index].point.text} x={x} y={y} paintOrder="stroke" stroke="var(--panel)" strokeWidth={3}>
          {spots[index].point.text}
        </text>
      ))}
    </g>
  );
}
