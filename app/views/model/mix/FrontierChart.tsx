/** The frontier of the whole model: its loss against its size, one recipe for all beside it, and the budget on it. */
import { type PointerEvent, useCallback, useMemo, useRef, useState } from "react";
import type { Frontier } from "../../../../kernels/allocation/types.ts";
import { AxisBottom, AxisLeft, FONT } from "../../../charts/Axes.tsx";
import { formatNumber } from "../../../charts/numbers.ts";
import type { Size } from "../../../charts/useSize.ts";
import type { Box } from "../../sweep/labels.ts";
import { placeLabels } from "../../sweep/labels.ts";
import { budgetOfBits, type WholeSize } from "./budget.ts";
import { frontierAxes } from "./frontierAxes.ts";
import { type MixPoint, thinned } from "./points.ts";
import type { MixState } from "./state.ts";

interface Props {
  frontier: Frontier;
  /** The point of the budget; -1 for none. */
  point: number;
  /** Bits that are allowed. */
  budget: number;
  points: readonly MixPoint[];
  /** Bits at the ends of the axis. */
  range: readonly [number, number];
  unit: MixState["unit"];
  size: WholeSize;
  box: Size;
  /** What the losses are of. */
  loss: string;
  onBudget(value: number): void;
  onRead(point: MixPoint | null): void;
}

/** More than a chart tells apart. */
const MOST_DRAWN = 800;
const REACH = 14;

export function FrontierChart(props: Props) {
  const { frontier, point, budget, points, range, unit, size, box, loss, onBudget, onRead } = props;
  const dragging = useRef(false);
  const [read, setRead] = useState<MixPoint | null>(null);
  const xOf = useCallback((bits: number) => budgetOfBits(bits, unit, size), [unit, size]);
  const drawn = useMemo(() => thinned(frontier.bits, MOST_DRAWN), [frontier]);
  const axes = useMemo(() => {
    const near = points.filter(({ bits }) => bits >= range[0] * (1 - 1e-9) && bits <= range[1] * (1 + 1e-9));
    const seen = drawn.filter((p) => frontier.bits[p] <= range[1]);
    return frontierAxes(
      box,
      [xOf(range[0]), xOf(range[1])],
      [...seen.map((p) => frontier.loss[p]), ...near.map((one) => one.loss)],
    );
  }, [frontier, drawn, points, box, xOf, range]);
  const path = useMemo(() => {
    const steps = drawn
      .filter((p) => frontier.bits[p] <= range[1])
      .map((p, k) => {
        const [x, y] = [axes.x(xOf(frontier.bits[p])).toFixed(1), axes.y(frontier.loss[p]).toFixed(1)];
        return k === 0 ? `M${x},${y}` : `H${x}V${y}`;
      });
    return steps.join("");
  }, [axes, drawn, frontier, xOf, range]);
  const spots = useMemo(
    () =>
      points.flatMap((one) => {
        const [x, y] = [axes.x(xOf(one.bits)), axes.y(one.loss)];
        return x >= axes.left - 1 && x <= axes.right + 1 ? [{ one, x, y }] : [];
      }),
    [points, axes, xOf],
  );
  const labels = useMemo(() => {
    const bounds: Box = { x0: axes.left + 2, y0: axes.top - 6, x1: axes.right + 8, y1: axes.bottom - 2 };
    const space = { bounds, charWidth: 6.3, lineHeight: 13, radius: 5 };
    return placeLabels(
      spots.map(({ one, x, y }) => ({ x, y, text: one.name })),
      [],
      space,
      false,
      false,
    );
  }, [spots, axes]);
  const here = point >= 0 ? { x: axes.x(xOf(frontier.bits[point])), y: axes.y(frontier.loss[point]) } : null;
  const line = Math.min(axes.right, Math.max(axes.left, axes.x(xOf(budget))));

  const placeOf = (event: PointerEvent<SVGSVGElement>) => {
    const rect = event.currentTarget.getBoundingClientRect();
    return { x: event.clientX - rect.left, y: event.clientY - rect.top };
  };
  const nearest = ({ x, y }: { x: number; y: number }) => {
    let [best, reach]: [MixPoint | null, number] = [null, REACH];
    for (const spot of spots) {
      const far = Math.hypot(spot.x - x, spot.y - y);
      if (far < reach) [best, reach] = [spot.one, far];
    }
    return best;
  };
  const mark = (one: MixPoint | null) => {
    if (one === read) return;
    setRead(one);
    onRead(one);
  };
  return (
    <svg
      width={box.width}
      height={box.height}
      role="img"
      aria-label="Loss of the whole model against its size"
      className="block cursor-ew-resize touch-pan-y"
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        dragging.current = true;
        event.currentTarget.setPointerCapture(event.pointerId);
        onBudget(axes.at(placeOf(event).x));
      }}
      onPointerMove={(event) => {
        const place = placeOf(event);
        if (dragging.current) onBudget(axes.at(place.x));
        else mark(nearest(place));
      }}
      onPointerUp={() => {
        dragging.current = false;
      }}
      onPointerCancel={() => {
        dragging.current = false;
      }}
      onPointerLeave={() => mark(null)}
    >
      <AxisLeft
        x={axes.left}
        top={axes.top}
        bottom={axes.bottom}
        ticks={axes.yTicks}
        label={loss}
        grid={axes.right - axes.left}
      />
      <AxisBottom
        y={axes.bottom}
        from={axes.left}
        to={axes.right}
        ticks={axes.xTicks}
        label={`${unit === "b" ? "bits a weight of the file" : "GB"}${size.cacheBits > 0 ? ", with the KV cache" : ""}`}
      />
      {axes.zero !== null && (
        <text {...FONT} x={axes.left - 6} y={axes.zero} dy="0.32em" textAnchor="end" fill="var(--muted)">
          0
        </text>
      )}
      <path d={path} fill="none" stroke="var(--accent)" strokeWidth={1.75} />
      {/* What fits stands left of the line. */}
      <line x1={line} x2={line} y1={axes.top} y2={axes.bottom} stroke="var(--mark)" strokeDasharray="3 3" />
      {spots.map(({ one, x, y }) => {
        const square = one.kind === "uniform";
        const strong = one === read;
        return square ? (
          <rect
            key={`${one.kind} ${one.name}`}
            {...{ x: x - 3.5, y: y - 3.5, width: 7, height: 7 }}
            fill={one.without > 0 ? "var(--panel)" : "var(--b)"}
            stroke="var(--b)"
            strokeWidth={strong ? 2.5 : 1.25}
          />
        ) : (
          <path
            key={`${one.kind} ${one.name}`}
            d={`M${x - 4},${y - 4}L${x + 4},${y + 4}M${x - 4},${y + 4}L${x + 4},${y - 4}`}
            stroke="var(--s2)"
            strokeWidth={strong ? 3 : 2}
          />
        );
      })}
      <g fontSize={10.5} fontFamily="var(--font-mono)" fill="var(--muted)">
        {labels.map(({ index, x, y, leader }) => {
          const spot = spots[index];
          return (
            <g key={`${spot.one.kind} ${spot.one.name}`}>
              {leader && (
                <line x1={spot.x} y1={spot.y} x2={leader.x} y2={leader.y} stroke="var(--faint)" strokeWidth={0.75} />
              )}
              <text x={x} y={y} paintOrder="stroke" stroke="var(--panel)" strokeWidth={3}>
                {spot.one.name}
              </text>
            </g>
          );
        })}
      </g>
      {here && (
        <circle cx={here.x} cy={here.y} r={5} fill="var(--panel)" stroke="var(--mark)" strokeWidth={2.5}>
          <title>{formatNumber(frontier.loss[point], 3)}</title>
        </circle>
      )}
    </svg>
  );
}
