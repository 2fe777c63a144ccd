/** The values of one or two formats on a line, linear or by octaves; brush to zoom, tap to pick a value. */
import { type ScaleLinear, scaleLinear } from "d3";
import { memo, useMemo, useState } from "react";
import { type CodedFormat, formatRange, ladderOf } from "../../kernels/formats/index.ts";
import { AxisBottom, FONT } from "../charts/Axes.tsx";
import { octaveTicks } from "../charts/binning.ts";
import { ChartFrame } from "../charts/ChartFrame.tsx";
import { Button, Choice } from "../charts/Controls.tsx";
import { nearestLevel } from "../charts/levels.ts";
import { formatCount, formatExact, powerOfTwo, tickFormat } from "../charts/numbers.ts";
import { PlotSurface } from "../charts/PlotSurface.tsx";
import type { Range, Side } from "../charts/types.ts";
import { useRangeGestures } from "../charts/useRangeGestures.ts";
import { useSize } from "../charts/useSize.ts";
import { looksOf } from "../looks/formats.ts";

type LineAxis = "linear" | "log";

interface Row {
  side: Side;
  name: string;
  format: CodedFormat;
}

const LEFT = 16;

export function NumberLine(props: { rows: readonly Row[]; picked: number; onPick: (code: number) => void }) {
  const { rows, picked, onPick } = props;
  const [axis, setAxis] = useState<LineAxis>("linear");
  const [zoom, setZoom] = useState<Range | null>(null);
  const [pointed, setPointed] = useState<{ value: number | null; brush: Range | null }>({ value: null, brush: null });
  const [ref, size] = useSize({ width: 600, height: 150 });
  const bounds = useMemo(() => boundsOf(rows, axis), [rows, axis]);
  const shown = zoom ?? bounds;
  const x = useMemo(
    () =>
      scaleLinear()
        .domain([shown.lo, shown.hi])
        .range([LEFT, Math.max(LEFT + 1, size.width - LEFT)]),
    [shown, size.width],
  );
  const main = rows[0];
  const levelAt = (position: number) => {
    const { levels, codes } = ladderOf(main.format);
    const k = nearestLevel(levels, axis === "log" ? 2 ** position : position);
    return { value: levels[k], code: codes[k] };
  };
  const gestures = useRangeGestures({
    shown,
    bounds,
    valueAt: (px) => x.invert(px),
    least: (bounds.hi - bounds.lo) * 1e-6,
    onMove: setZoom,
    onSet: setZoom,
    onPoint: (value, brush) => setPointed({ value, brush }),
    onTap: (value) => onPick(levelAt(value).code),
  });
  const near = pointed.value === null ? null : levelAt(pointed.value);
  const place = (v: number) => (axis === "log" ? (v > 0 ? x(Math.log2(v)) : Number.NaN) : x(v));
  return (
    <ChartFrame
      chart="format"
      title="Number line"
      description={rows.map((r) => `${r.name} has ${formatCount(ladderOf(r.format).levels.length)} values.`).join(" ")}
      minHeight={150}
      controls={
        <>
          <Choice
            label="Axis of values"
            value={axis}
            options={[
              { value: "linear", label: "linear" },
              { value: "log", label: "log₂", name: "log₂, positive values by octaves" },
            ]}
            onChange={(v) => {
              setAxis(v);
              setZoom(null);
            }}
          />
          <span className="inline-flex gap-1">
            <Button label="+ zoom in on the number line" onClick={() => gestures.zoom(0.5)}>
              +
            </Button>
            <Button label="− zoom out of the number line" disabled={!zoom} onClick={() => gestures.zoom(2)}>
              −
            </Button>
            <Button label="Show all values of the format" disabled={!zoom} onClick={() => setZoom(null)}>
              all
            </Button>
          </span>
        </>
      }
      table={() => ({
        caption: "Values in ascending order",
        columns: ["format", "code", "value"],
        rows: rows.flatMap((r) => {
          const { levels, codes } = ladderOf(r.format);
          return Array.from(levels, (v, i) => [r.name, codes[i], v]);
        }),
      })}
    >
      <div ref={ref} className="absolute inset-0">
        <Levels rows={rows} axis={axis} x={x} width={size.width} height={size.height} />
        <svg
          width={size.width}
          height={size.height}
          className="pointer-events-none absolute inset-0"
          aria-hidden="true"
        >
          <Marker at={place(picked)} from={LEFT} to={size.width - LEFT} height={size.height} />
          {pointed.brush && (
            <rect
              x={x(pointed.brush.lo)}
              width={Math.max(0, x(pointed.brush.hi) - x(pointed.brush.lo))}
              y={18}
              height={size.height - 54}
              fill="var(--accent)"
              fillOpacity={0.15}
              stroke="var(--accent)"
            />
          )}
          {near && !pointed.brush && (
            <text {...FONT} x={size.width - LEFT} y={12} textAnchor="end" fill="var(--ink)">
              nearest {formatExact(near.value)} · code {near.code}
            </text>
          )}
        </svg>
        <PlotSurface
          kind="number line"
          label="Number line: drag to zoom, tap to pick a value; plus and minus zoom, arrows move, 0 shows everything"
          className="inset-0 cursor-crosshair touch-pan-y"
          {...gestures.handlers}
        />
      </div>
    </ChartFrame>
  );
}

function Marker({ at, from, to, height }: { at: number; from: number; to: number; height: number }) {
  if (!(at >= from - 1 && at <= to + 1)) return null;
  return (
    <g>
      <line x1={at} x2={at} y1={18} y2={height - 36} stroke="var(--mark)" strokeWidth={2} />
      <path d={`M${at - 5} 14h10l-5 7z`} fill="var(--mark)" />
    </g>
  );
}

function boundsOf(rows: readonly Row[], axis: LineAxis): Range {
  const ranges = rows.map((r) => formatRange(r.format));
  if (axis === "log") {
    const least = Math.min(...ranges.map((r) => r.least).filter((v) => v > 0));
    const most = Math.max(...ranges.map((r) => Math.max(r.max, -r.min)));
    return { lo: Math.floor(Math.log2(least)) - 0.5, hi: Math.ceil(Math.log2(most)) + 0.5 };
  }
  const [lo, hi] = [Math.min(0, ...ranges.map((r) => r.min)), Math.max(0, ...ranges.map((r) => r.max))];
  const room = (hi - lo) * 0.02 || 1;
  return { lo: lo - room, hi: hi + room };
}

const Levels = memo(function Levels(props: {
  rows: readonly Row[];
  axis: LineAxis;
  x: ScaleLinear<number, number>;
  width: number;
  height: number;
}) {
  const { rows, axis, x, width, height } = props;
  const looks = looksOf(rows.map((r) => r.name));
  const [from, to] = x.range();
  const [top, bottom] = [20, height - 38];
  const middle = rows.length > 1 ? (top + bottom) / 2 : bottom;
  const [lo, hi] = x.domain();
  const values = axis === "log" ? octaveTicks(lo, hi, (to - from) / 44) : x.ticks(Math.max(2, (to - from) / 80));
  const linear = tickFormat(values);
  const ticks = values.map((v) => ({ at: x(v), label: axis === "log" ? powerOfTwo(v) : linear.format(v) }));
  const unit = axis === "linear" && linear.unit ? ` (${linear.unit})` : "";
  return (
    <svg width={width} height={height} role="img" aria-label="Values of the formats on a line" className="block">
      {rows.map((r, i) => {
        const [y0, y1] = i === 0 ? [top + 6, middle - 2] : [middle + 2, bottom];
        const marks = marksOf(r.format, axis, x);
        const colour = `var(${looks.get(r.name)?.colour})`;
        return (
          <g key={r.side}>
            <path
              d={marks.map((px) => `M${px.toFixed(2)} ${y0}V${y1}`).join("")}
              stroke={colour}
              strokeWidth={marks.length > (to - from) / 3 ? 0.75 : 1.5}
            />
            <text {...FONT} x={from} y={i === 0 ? 12 : height - 9} fill={colour} fontWeight={600}>
              {r.name}
            </text>
          </g>
        );
      })}
      <AxisBottom
        y={bottom + 2}
        from={from}
        to={to}
        ticks={ticks}
        label={axis === "log" ? "positive value" : `value${unit}`}
      />
    </svg>
  );
});

/** Pixels of the levels in sight, no two closer than half a pixel. */
function marksOf(format: CodedFormat, axis: LineAxis, x: ScaleLinear<number, number>): number[] {
  const [from, to] = x.range();
  const marks: number[] = [];
  for (const v of ladderOf(format).levels) {
    if (axis === "log" && v <= 0) continue;
    const px = x(axis === "log" ? Math.log2(v) : v);
    if (px >= from && px <= to && (marks.length === 0 || px - marks[marks.length - 1] >= 0.5)) marks.push(px);
  }
  return marks;
}
