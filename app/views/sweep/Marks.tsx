/** The points of the chart: SVG while they are few, painted when they are many. */
import { memo, useEffect, useRef } from "react";
import type { Size } from "../../charts/useSize.ts";
import type { Series } from "./series.ts";

export interface Mark {
  key: string;
  x: number;
  y: number;
  series: Series;
  /** On the frontier; the others are dim. */
  best: boolean;
  /** With broken results, or over fewer tensors than others: an outline. */
  hollow: boolean;
}

/** Beyond this, elements cost more than pixels. */
export const MOST_ELEMENTS = 2000;

/** How strong points beside the frontier are: fainter where many lie on each other, so that they stay behind it. */
const dimOf = (count: number): number => Math.min(0.42, Math.max(0.16, 0.42 * Math.sqrt(100 / Math.max(1, count))));

export const SvgMarks = memo(function SvgMarks({ marks }: { marks: readonly Mark[] }) {
  const dim = dimOf(marks.length);
  return (
    <g>
      {[...marks]
        .sort((a, b) => Number(a.best) - Number(b.best))
        .map(({ key, x, y, series, best, hollow }) => (
          <path
            key={key}
            d={series.path}
            transform={`translate(${x.toFixed(1)},${y.toFixed(1)})`}
            fill={hollow ? "none" : `var(${series.colour})`}
            fillOpacity={best ? 1 : dim}
            stroke={hollow ? `var(${series.colour})` : best ? "var(--panel)" : "none"}
            strokeWidth={best || hollow ? 1 : 0}
          />
        ))}
    </g>
  );
});

export function CanvasMarks({ marks, size }: { marks: readonly Mark[]; size: Size }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const paint = () => {
      const context = canvas.current?.getContext("2d");
      if (canvas.current && context) paintMarks(canvas.current, context, marks, size);
    };
    paint();
    const themed = new MutationObserver(paint);
    themed.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    return () => themed.disconnect();
  }, [marks, size]);
  return <canvas ref={canvas} className="absolute inset-0 size-full" />;
}

function paintMarks(
  canvas: HTMLCanvasElement,
  context: CanvasRenderingContext2D,
  marks: readonly Mark[],
  { width, height }: Size,
): void {
  const ratio = window.devicePixelRatio || 1;
  [canvas.width, canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)];
  const style = getComputedStyle(document.documentElement);
  const colours = new Map<string, string>();
  const paths = new Map<string, Path2D>();
  const colour = (name: string) => {
    if (!colours.has(name)) colours.set(name, style.getPropertyValue(name).trim());
    return colours.get(name)!;
  };
  for (const best of [false, true]) {
    context.globalAlpha = best ? 1 : dimOf(marks.length);
    for (const mark of marks) {
      if (mark.best !== best) continue;
      const path = paths.get(mark.series.path) ?? new Path2D(mark.series.path);
      paths.set(mark.series.path, path);
      context.setTransform(ratio, 0, 0, ratio, mark.x * ratio, mark.y * ratio);
      if (mark.hollow) {
        context.strokeStyle = colour(mark.series.colour);
        context.stroke(path);
        continue;
      }
      context.fillStyle = colour(mark.series.colour);
      context.fill(path);
    }
  }
}
