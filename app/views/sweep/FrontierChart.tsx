/** One metric against another, error against bits where nothing else is asked for: every recipe a point, the Pareto-optimal ones joined and named. */
import { Delaunay } from "d3";
import { useId, useMemo } from "react";
import { metricOf } from "../../../kernels/measure/metrics/index.ts";
import { isBroken } from "../../../kernels/measure/metrics/reading.ts";
import { AxisBottom, AxisLeft, FONT } from "../../charts/Axes.tsx";
import { Nothing } from "../../charts/ChartFrame.tsx";
import { PlotSurface } from "../../charts/PlotSurface.tsx";
import type { Side } from "../../charts/types.ts";
import { useSize } from "../../charts/useSize.ts";
import { type Axes, axesOf, type Extent } from "./axes.ts";
import { Bands } from "./Bands.tsx";
import { BenchBadges } from "./BenchBadges.tsx";
import { badgeBoxes, placeBadges } from "./badges.ts";
import { metricLabel } from "./columns.ts";
import { Limits } from "./Limits.tsx";
import { MarkedSpot } from "./MarkedSpot.tsx";
import { CanvasMarks, type Mark, MOST_ELEMENTS, SvgMarks } from "./Marks.tsx";
import { Names } from "./Names.tsx";
import { isExact, isPart, type PlotPoint, plottedValue } from "./points.ts";
import type { Series } from "./series.ts";
import { allSpots, inside, type Spot, spotsOf, stairs } from "./spots.ts";
import type { SweepMetric } from "./state.ts";
import { useFrontierGestures } from "./useFrontierGestures.ts";

export interface BenchMark {
  side: Side;
  /** Along the lower axis. */
  against: number;
  value: number;
}

export interface FrontierChartProps {
  points: readonly PlotPoint[];
  /** Of the run before, while the new one has not ended. */
  old: readonly PlotPoint[];
  frontier: readonly PlotPoint[];
  metric: SweepMetric;
  against: SweepMetric;
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
  /** Of the Gaussian that the values are drawn from; null for any others. */
  variance: number | null;
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
  const { points, old, frontier, metric, against, series, whole, size, bench, marked } = props;
  const extent = props.zoom ?? whole;
  const exact = useMemo(() => {
    const some = (name: SweepMetric) =>
      [...points, ...old].some(({ metrics }) => isExact(plottedValue(name, metrics), name));
    return { x: some(against), y: some(metric) };
  }, [points, old, metric, against]);
  const axes = useMemo(() => axesOf(size, extent, metric, exact, against), [size, extent, metric, exact, against]);
  const drawn = useMemo(() => ({ metric, against }), [metric, against]);
  const spots = useMemo(() => spotsOf(points, drawn, axes), [points, drawn, axes]);
  const marks = useMemo<Mark[]>(() => {
    const best = new Set(frontier);
    return spots.map(({ point, x, y }) => ({
      ...{ key: point.text, x, y, series: series(point), best: best.has(point) },
      hollow: isBroken(point.metrics) || isPart(point),
    }));
  }, [spots, frontier, series]);
  const bestTexts = useMemo(() => new Set(frontier.map((point) => point.text)), [frontier]);
  const steps = useMemo(() => allSpots(frontier, drawn, axes), [frontier, drawn, axes]);
  const best = useMemo(() => steps.filter((step) => inside(step, axes)), [steps, axes]);
  const upward = metricOf(metric).better === "higher";
  const leftward = metricOf(against).better === "higher";
  const lines = useMemo(() => stairs(steps, axes, leftward), [steps, axes, leftward]);
  const badges = useMemo(() => {
    const rings = bench.map(({ side, against, value }) => ({ side, x: axes.x(against), y: axes.y(value) }));
    return placeBadges(rings.filter((ring) => inside(ring, axes)));
  }, [bench, axes]);
  const clip = useId();
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
    against,
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
  // The lanes of those without any error are part of the plot.
  const { frame } = axes;
  const labels = { x: metricLabel(against), y: metricLabel(metric) };

  return (
    <>
      {/* Below the points, which are a layer of their own where they are many. */}
      <svg width={size.width} height={size.height} aria-hidden="true" className="absolute inset-0 block">
        <AxisLeft
          x={frame.left}
          top={MARGIN_TOP}
          bottom={axes.bottom}
          ticks={axes.yTicks}
          grid={frame.right - frame.left}
          label={labels.y}
        />
        <AxisBottom
          y={frame.bottom}
          from={axes.left}
          to={axes.right}
          ticks={axes.xTicks}
          label={labels.x}
          grid={frame.bottom - axes.top}
        />
        <Lanes axes={axes} />
      </svg>
      {!few && <CanvasMarks marks={marks} size={size} />}
      <svg width={size.width} height={size.height} role="img" aria-label="Frontier" className="absolute inset-0 block">
        <Old spots={spotsOf(old, drawn, axes)} />
        <clipPath id={clip}>
          <rect
            x={frame.left - 1}
            y={frame.top - 1}
            width={frame.right - frame.left + 2}
            height={Math.max(0, frame.bottom - frame.top + 2)}
          />
        </clipPath>
        {props.variance !== null && (
          <Limits axes={axes} metric={metric} against={against} variance={props.variance} clip={clip} />
        )}
        <Bands spots={spots} best={bestTexts} marked={marked} metric={metric} series={series} axes={axes} />
        <path
          d={lines.map(({ x0, y0, x1, y1 }, i) => `${i === 0 ? `M${x0} ${y0}` : ""}L${x1} ${y1}`).join("")}
          clipPath={`url(#${clip})`}
          fill="none"
          stroke="var(--muted)"
          strokeWidth={1.25}
        />
        {few && <SvgMarks marks={marks} />}
        <Names
          spots={best}
          others={spots}
          lines={lines}
          badges={badges}
          axes={axes}
          upward={upward}
          leftward={leftward}
          marked={spot ? marked : null}
        />
        <BenchBadges badges={badges} />
        {spot && <MarkedSpot spot={spot} series={series(spot.point)} axes={axes} taken={badgeBoxes(badges)} />}
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
        label={`Recipes by ${labels.x} and ${labels.y}. Left and right walk through the points, up and down along the frontier, Enter sends the marked one to A, Shift Enter to B, plus and minus zoom, 0 shows all.`}
        className="cursor-crosshair touch-pan-y"
        style={{
          left: frame.left,
          top: 0,
          width: frame.right - frame.left,
          height: frame.bottom + 1,
        }}
        {...gestures.handlers}
      />
    </>
  );
}

const MARGIN_TOP = 18;

function Lanes({ axes: { frame, lanes } }: { axes: Axes }) {
  const line = { stroke: "var(--grid)", strokeDasharray: "2 3" };
  return (
    <g fill="var(--muted)">
      {lanes.y && (
        <>
          <line x1={frame.left} x2={frame.right} y1={lanes.y.at} y2={lanes.y.at} {...line} />
          <text {...FONT} x={frame.left - 6} y={lanes.y.at} dy="0.32em" textAnchor="end">
            {lanes.y.label}
          </text>
        </>
      )}
      {lanes.x && (
        <>
          <line x1={lanes.x.at} x2={lanes.x.at} y1={frame.top} y2={frame.bottom} {...line} />
          <text {...FONT} x={lanes.x.at} y={frame.bottom + 14} textAnchor="middle">
            {lanes.x.label}
          </text>
        </>
      )}
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
