/** Error against counted bits a weight: every recipe a point, the Pareto-optimal ones joined and named. */
import { Delaunay } from "d3";
import { useMemo } from "react";
import { AxisBottom, AxisLeft, FONT } from "../charts/Axes.tsx";
import { Nothing } from "../charts/ChartFrame.tsx";
import { PlotSurface } from "../charts/PlotSurface.tsx";
import type { Side } from "../charts/types.ts";
import { useSize } from "../charts/useSize.ts";
import type { SweepMetric } from "../state/experiment.ts";
import { type Axes, axesOf, type Extent } from "./axes.ts";
import { type Anchor, placeLabels } from "./labels.ts";
import { CanvasMarks, type Mark, MOST_ELEMENTS, SvgMarks } from "./Marks.tsx";
import { drawnBand, type PlotPoint, plottedValue } from "./points.ts";
import type { Series } from "./series.ts";
import { useFrontierGestures } from "./useFrontierGestures.ts";

export interface BenchMark {
  side: Side;
  bits: number;
  value: number;
}

export interface FrontierChartProps {
  points: readonly PlotPoint[];
  /** Of the run before, while the new one has not ended. */
  old: readonly PlotPoint[];
  frontier: readonly PlotPoint[];
  metric: SweepMetric;
  /** What stands at the error axis, with its unit. */
  metricLabel: string;
  series: (point: PlotPoint) => Series;
  /** All there is to see, in whole steps. */
  whole: Extent | null;
  zoom: Extent | null;
  onZoom: (zoom: Extent | null) => void;
  bench: readonly BenchMark[];
  marked: string | null;
  onMark: (recipe: string | null, pinned: boolean) => void;
  onSend: (recipe: string, side: Side) => void;
  /** Said where there is nothing to draw. */
  nothing: string;
}

const LABEL_FONT = { fontSize: 11, fontFamily: "var(--font-mono)" } as const;
/** Monospaced digits and letters are 0.6 of their size wide, and a little more in some fonts. */
const CHAR = 6.75;
const RADIUS = 6;

interface Spot {
  point: PlotPoint;
  x: number;
  y: number;
}

export function FrontierChart(props: FrontierChartProps) {
  const [ref, size] = useSize({ width: 640, height: 360 });
  const { whole } = props;
  return (
    <div ref={ref} className="absolute inset-0">
      {whole ? <Plot {...props} whole={whole} size={size} /> : <Nothing>{props.nothing}</Nothing>}
    </div>
  );
}

type PlotProps = FrontierChartProps & { whole: Extent; size: { width: number; height: number } };

function Plot(props: PlotProps) {
  const { points, old, frontier, metric, series, whole, size, bench, marked } = props;
  const extent = props.zoom ?? whole;
  const exact = useMemo(
    () => [...points, ...old].some(({ metrics }) => isExact(plottedValue(metric, metrics), metric)),
    [points, old, metric],
  );
  const axes = useMemo(() => axesOf(size, extent, metric, exact), [size, extent, metric, exact]);
  const spots = useMemo(() => spotsOf(points, metric, axes), [points, metric, axes]);
  const marks = useMemo<Mark[]>(() => {
    const best = new Set(frontier);
    return spots.map(({ point, x, y }) => ({ key: point.text, x, y, series: series(point), best: best.has(point) }));
  }, [spots, frontier, series]);
  const best = useMemo(() => spotsOf(frontier, metric, axes), [frontier, metric, axes]);
  const find = useMemo(() => Delaunay.from(spots.map(({ x, y }): [number, number] => [x, y])), [spots]);
  const order = useMemo(
    () => [...spots].sort((a, b) => a.x - b.x || b.y - a.y).map(({ point }) => point.text),
    [spots],
  );
  const gestures = useFrontierGestures({
    axes,
    extent,
    whole,
    metric,
    nearest: (x, y, reach) => {
      if (spots.length === 0) return null;
      const spot = spots[find.find(x, y)];
      return spot && Math.hypot(spot.x - x, spot.y - y) <= reach ? spot.point.text : null;
    },
    order,
    frontier: best.map(({ point }) => point.text),
    marked,
    onMark: props.onMark,
    onSend: props.onSend,
    onZoom: props.onZoom,
  });
  const spot = spots.find(({ point }) => point.text === marked);
  const few = marks.length <= MOST_ELEMENTS;
  const upward = metric === "sqnrDb";

  return (
    <>
      {!few && <CanvasMarks marks={marks} size={size} />}
      <svg width={size.width} height={size.height} role="img" aria-label="Frontier" className="absolute inset-0 block">
        <AxisLeft
          x={axes.left}
          top={MARGIN_TOP}
          bottom={axes.bottom}
          ticks={axes.yTicks}
          grid={axes.right - axes.left}
          label={props.metricLabel}
        />
        <AxisBottom
          y={axes.lane && !upward ? axes.lane.y + 8 : axes.bottom}
          from={axes.left}
          to={axes.right}
          ticks={axes.xTicks}
          label="bits a weight, counted"
          grid={(axes.lane && !upward ? axes.lane.y + 8 : axes.bottom) - axes.top}
        />
        {axes.lane && <Lane axes={axes} />}
        <Old spots={spotsOf(old, metric, axes)} />
        <Bands spots={spots} metric={metric} axes={axes} />
        <path d={stairs(best, axes)} fill="none" stroke="var(--muted)" strokeWidth={1.25} />
        {few && <SvgMarks marks={marks} />}
        <Names spots={best} others={spots} axes={axes} upward={upward} bench={bench} />
        {bench.map((mark) => (
          <BenchBadge key={mark.side} mark={mark} axes={axes} />
        ))}
        {spot && (
          <g transform={`translate(${spot.x},${spot.y})`}>
            <path d={series(spot.point).large} fill={`var(${series(spot.point).colour})`} stroke="var(--panel)" />
            <circle r={10} fill="none" stroke="var(--mark)" strokeWidth={2} />
          </g>
        )}
        {gestures.brush && (
          <rect
            x={gestures.brush.x0}
            y={gestures.brush.y0}
            width={gestures.brush.x1 - gestures.brush.x0}
            height={gestures.brush.y1 - gestures.brush.y0}
            fill="var(--accent)"
            fillOpacity={0.12}
            stroke="var(--accent)"
          />
        )}
      </svg>
      <PlotSurface
        kind="scatter plot"
        label={`Recipes by bits a weight and ${props.metricLabel}. Left and right walk through the points, up and down along the frontier, Enter sends the marked one to A, Shift Enter to B, plus and minus zoom, 0 shows all.`}
        className="cursor-crosshair touch-pan-y"
        style={{
          left: axes.left,
          top: 0,
          width: axes.right - axes.left,
          height: (axes.lane && !upward ? axes.lane.y + 8 : axes.bottom) + 1,
        }}
        {...gestures.handlers}
      />
    </>
  );
}

const MARGIN_TOP = 18;

const isExact = (value: number | null, metric: SweepMetric): boolean =>
  metric === "sqnrDb" ? value === Number.POSITIVE_INFINITY : value === 0;

/** Points with a value that lie inside the axes. */
function spotsOf(points: readonly PlotPoint[], metric: SweepMetric, axes: Axes): Spot[] {
  return points.flatMap((point) => {
    const value = plottedValue(metric, point.metrics);
    if (value === null || Number.isNaN(value)) return [];
    const [x, y] = [axes.x(point.bits), axes.y(value)];
    const inside = x >= axes.left - 1 && x <= axes.right + 1;
    const onLane = axes.lane !== null && y === axes.lane.y;
    return inside && (onLane || (y >= axes.top - 1 && y <= axes.bottom + 1)) ? [{ point, x, y }] : [];
  });
}

/** What a number of bits buys at least: level until the next point, then down to it. */
function stairs(spots: readonly Spot[], axes: Axes): string {
  if (spots.length === 0) return "";
  const steps = spots.map(({ x, y }, i) =>
    i === 0 ? `M${x.toFixed(1)} ${y.toFixed(1)}` : `H${x.toFixed(1)}V${y.toFixed(1)}`,
  );
  return `${steps.join("")}H${axes.right}`;
}

function Lane({ axes }: { axes: Axes }) {
  const y = axes.lane?.y ?? 0;
  return (
    <g>
      <line x1={axes.left} x2={axes.right} y1={y} y2={y} stroke="var(--grid)" strokeDasharray="2 3" />
      <text {...FONT} x={axes.left - 6} y={y} dy="0.32em" textAnchor="end" fill="var(--muted)">
        {axes.lane?.label}
      </text>
    </g>
  );
}

/** Hollow and grey: of the run before. */
function Old({ spots }: { spots: readonly Spot[] }) {
  const shown = spots.slice(0, MOST_ELEMENTS);
  return (
    <g>
      {shown.map(({ point, x, y }) => (
        <circle
          key={point.text}
          cx={x.toFixed(1)}
          cy={y.toFixed(1)}
          r={3}
          fill="none"
          stroke="var(--faint)"
          strokeOpacity={0.55}
        />
      ))}
    </g>
  );
}

/** From the least to the largest error over the places of the data inside an octave. */
function Bands({ spots, metric, axes }: { spots: readonly Spot[]; metric: SweepMetric; axes: Axes }) {
  const y = (value: number) => Math.min(axes.bottom, Math.max(axes.top, axes.y(value)));
  return (
    <g stroke="var(--ink)" strokeOpacity={0.55}>
      {spots.map(({ point: { phase, text }, x }) => {
        const [low, mean, high] = phase ? drawnBand(phase, metric).map(y) : [];
        if (low === undefined) return null;
        return (
          <path
            key={text}
            d={`M${x} ${low}V${high}M${x - 4} ${low}h8M${x - 4} ${high}h8M${x - 3} ${mean}h6`}
            fill="none"
            strokeWidth={1}
          />
        );
      })}
    </g>
  );
}

function Names(props: {
  spots: readonly Spot[];
  others: readonly Spot[];
  axes: Axes;
  upward: boolean;
  bench: readonly BenchMark[];
}) {
  const { spots, others, axes, upward, bench } = props;
  const labels = useMemo(() => {
    const anchors: Anchor[] = spots.map(({ point, x, y }) => ({ x, y, text: point.text }));
    const badges = bench.flatMap(({ side, bits, value }) => {
      const [x, y] = [axes.x(bits), axes.y(value)];
      return [
        { x, y },
        { x: x + (side === "a" ? -13 : 13), y: y - 12 },
      ];
    });
    const bounds = { x0: axes.left + 2, y0: axes.top - 4, x1: axes.right + 8, y1: axes.bottom - 2 };
    return placeLabels(
      anchors,
      [...badges, ...others],
      { bounds, charWidth: CHAR, lineHeight: 15, radius: RADIUS },
      upward,
    );
  }, [spots, others, axes, upward, bench]);
  return (
    <g {...LABEL_FONT} fill="var(--ink)">
      {/* Lines first: the names' outlines keep them off the letters. */}
      {labels.map(({ index, leader }) => {
        const { point, x, y } = spots[index];
        return leader ? (
          <line key={point.text} x1={x} y1={y} x2={leader.x} y2={leader.y} stroke="var(--faint)" strokeWidth={0.75} />
        ) : null;
      })}
      {labels.map(({ index, x, y }) => (
        <text key={spots[index].point.text} x={x} y={y} paintOrder="stroke" stroke="var(--panel)" strokeWidth={3}>
          {spots[index].point.text}
        </text>
      ))}
    </g>
  );
}

/** A ring with the letter of the Bench's recipe. */
function BenchBadge({ mark, axes }: { mark: BenchMark; axes: Axes }) {
  const [x, y] = [axes.x(mark.bits), axes.y(mark.value)];
  if (x < axes.left - 1 || x > axes.right + 1 || y < axes.top - 20 || y > axes.bottom + 20) return null;
  const side = mark.side === "a" ? -1 : 1;
  return (
    <g transform={`translate(${x.toFixed(1)},${y.toFixed(1)})`}>
      <circle r={8} fill="none" stroke={`var(--${mark.side})`} strokeWidth={2} />
      <rect x={side * 13 - 7} y={-19} width={14} height={14} rx={3} fill={`var(--${mark.side})`} />
      <text
        x={side * 13}
        y={-8.5}
        textAnchor="middle"
        fontSize={11}
        fontWeight={700}
        fill="var(--panel)"
        fontFamily="var(--font-sans)"
      >
        {mark.side.toUpperCase()}
      </text>
    </g>
  );
}
