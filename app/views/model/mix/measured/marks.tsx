/** One mark for each kind of point: told apart by shape as well as by colour, on the chart and in lists. */
import type { PointKind } from "./points.ts";

/** Drawn about (0, 0), some 8 across. */
const shapes: Readonly<Record<PointKind, { path: string; colour: string }>> = {
  mix: { path: "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0Z", colour: "var(--mark)" },
  neighbour: { path: "M-3 0a3 3 0 1 0 6 0a3 3 0 1 0 -6 0Z", colour: "var(--mark)" },
  uniform: { path: "M-3.5 -3.5h7v7h-7Z", colour: "var(--b)" },
  named: { path: "M0 -5l5 5l-5 5l-5 -5Z", colour: "var(--s1)" },
  file: { path: "M0 -5l5 9h-10Z", colour: "var(--s2)" },
  log: { path: "M0 5l5 -9h-10Z", colour: "var(--s3)" },
};

export function PointMark({ kind, x = 0, y = 0 }: { kind: PointKind; x?: number; y?: number }) {
  const { path, colour } = shapes[kind];
  return (
    <path
      d={path}
      transform={`translate(${x.toFixed(1)},${y.toFixed(1)})`}
      fill={colour}
      stroke="var(--panel)"
      strokeWidth={0.75}
    />
  );
}

/** The mark in a line of text. */
export function InlineMark({ kind }: { kind: PointKind }) {
  return (
    <svg width={12} height={12} viewBox="-6 -6 12 12" aria-hidden="true" className="mr-1 inline-block align-[-1px]">
      <PointMark kind={kind} />
    </svg>
  );
}

export const colourOfKind = (kind: PointKind): string => shapes[kind].colour;
