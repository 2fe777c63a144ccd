/** The values of one or two formats on a line, linear or by octaves; brush to zoom, tap to pick a value. */
import { memo, useMemo, useState } from "react";
import { density } from "../../../kernels/precision/normal.ts";
import { AxisBottom, FONT } from "../../charts/Axes.tsx";
import { octaveTicks } from "../../charts/binning.ts";
import { ChartFrame } from "../../charts/ChartFrame.tsx";
import { Button, Choice } from "../../charts/Controls.tsx";
import { nearestLevel } from "../../charts/levels.ts";
import { formatCount, formatExact, formatNumber, powerOfTwo, tickFormat } from "../../charts/numbers.ts";
import { PlotSurface } from "../../charts/PlotSurface.tsx";
import { type LinearScale, scaleLinear } from "../../charts/scale.ts";
import type { Range } from "../../charts/types.ts";
import { useRangeGestures } from "../../charts/useRangeGestures.ts";
import { useSize } from "../../charts/useSize.ts";
import { type FormatRow, unitLabels } from "./rows.ts";
import { type FormatUnit, formatUnits } from "./state.ts";

type LineAxis = "linear" | "log";

const LEFT = 16;

interface Props {
  /** Formats whose levels can be listed. */
  rows: readonly FormatRow[];
  unit: FormatUnit;
  onUnit: (unit: FormatUnit) => void;
  /** The picked value of the first, before scaling. */
  picked: number;
  onPick: (code: number) => void;
}

const ladderOf = ({ rounded }: FormatRow) => rounded!.ladder;

export function NumberLine({ rows, unit, onUnit, picked, onPick }: Props) {
  const [axis, setAxis] = useState<LineAxis>("linear");
  const [kept, setKept] = useState<{ zoom: Range; of: string } | null>(null);
  // A zoom into other units, or into the range of another format, shows nothing that was asked for.
  const scene = `${unit} ${axis}`;
  const zoom = kept?.of === scene ? kept.zoom : null;
  const setZoom = (next: Range | null) => setKept(next && { zoom: next, of: scene });
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
    const { levels, codes } = ladderOf(main);
    const k = nearestLevel(levels, (axis === "log" ? 2 ** position : position) / main.scale);
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
  const scaled = picked * main.scale;
  const place = (v: number) => (axis === "log" ? (v > 0 ? x(Math.log2(v)) : Number.NaN) : x(v));
  return (
    <ChartFrame
      chart="format"
      title="Number line"
      description={rows.map((r) => `${r.name} has ${formatCount(ladderOf(r).levels.length)} values.`).join(" ")}
      minHeight={150}
      controls={
        <>
          <Choice
            label="Units"
            value={unit}
            options={formatUnits.map((u) => ({ value: u, label: unitLabels[u].short, name: unitLabels[u].name }))}
            onChange={onUnit}
          />
          <Choice
            label="Axis of values"
            value={axis}
            options={[
              { value: "linear", label: "linear" },
              { value: "log", label: "log₂", name: "log₂, positive values by octaves" },
            ]}
            onChange={setAxis}
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
        columns: ["format", "code", "value", ...(unit === "own" ? [] : [unitLabels[unit].axis])],
        rows: rows.flatMap((r) => {
          const { levels, codes } = ladderOf(r);
          return Array.from(levels, (v, i) => [r.name, codes[i], v, ...(unit === "own" ? [] : [v * r.scale])]);
        }),
      })}
    >
      <div ref={ref} className="absolute inset-0">
        <Levels rows={rows} unit={unit} axis={axis} x={x} width={size.width} height={size.height} />
        <svg
          width={size.width}
          height={size.height}
          className="pointer-events-none absolute inset-0"
          aria-hidden="true"
        >
          <Marker at={place(scaled)} from={LEFT} to={size.width - LEFT} height={size.height} />
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
              nearest {formatExact(near.value)}
              {unit === "own" ? "" : ` = ${formatNumber(near.value * main.scale, 4)}`} · code {near.code}
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

function boundsOf(rows: readonly FormatRow[], axis: LineAxis): Range {
  const ends = rows.map((r) => {
    const { levels } = ladderOf(r);
    return { lo: levels[0] * r.scale, hi: levels[levels.length - 1] * r.scale };
  });
  if (axis === "log") {
    const leasts = rows.map((r) => (ladderOf(r).levels.find((v) => v > 0) ?? Number.NaN) * r.scale);
    const least = Math.min(...leasts.filter((v) => v > 0));
    const most = Math.max(...ends.map((r) => Math.max(r.hi, -r.lo)));
    // Of a format without positive values nothing is on this axis.
    if (!Number.isFinite(least)) return { lo: Math.log2(most) - 1, hi: Math.log2(most) + 1 };
    return { lo: Math.floor(Math.log2(least)) - 0.5, hi: Math.ceil(Math.log2(most)) + 0.5 };
  }
  const [lo, hi] = [Math.min(0, ...ends.map((r) => r.lo)), Math.max(0, ...ends.map((r) => r.hi))];
  const room = (hi - lo) * 0.02 || 1;
  return { lo: lo - room, hi: hi + room };
}

const Levels = memo(function Levels(props: {
  rows: readonly FormatRow[];
  unit: FormatUnit;
  axis: LineAxis;
  x: LinearScale;
  width: number;
  height: number;
}) {
  const { rows, unit: units, axis, x, width, height } = props;
  const [from, to] = x.range();
  const [top, bottom] = [20, height - 38];
  const middle = rows.length > 1 ? (top + bottom) / 2 : bottom;
  const [lo, hi] = x.domain();
  const values = axis === "log" ? octaveTicks(lo, hi, (to - from) / 44) : x.ticks(Math.max(2, (to - from) / 80));
  const linear = tickFormat(values);
  const ticks = values.map((v) => ({ at: x(v), label: axis === "log" ? powerOfTwo(v) : linear.format(v) }));
  const unit = axis === "linear" && linear.unit ? ` (${linear.unit})` : "";
  const what = unitLabels[units].axis;
  const bell = units === "clip" && axis === "linear" ? bellOf(x, top + 6, bottom) : null;
  return (
    <svg width={width} height={height} role="img" aria-label="Values of the formats on a line" className="block">
      {bell && <path d={bell} fill="var(--grid)" />}
      {rows.map((r, i) => {
        const [y0, y1] = i === 0 ? [top + 6, middle - 2] : [middle + 2, bottom];
        const marks = marksOf(r, axis, x);
        return (
          <g key={r.side}>
            <path
              d={marks.map((px) => `M${px.toFixed(2)} ${y0}V${y1}`).join("")}
              stroke={r.colour}
              strokeWidth={marks.length > (to - from) / 3 ? 0.75 : 1.5}
            />
            <text {...FONT} x={from} y={i === 0 ? 12 : height - 9} fill={r.colour} fontWeight={600}>
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
        label={axis === "log" ? `positive ${what}, log` : `${what}${unit}`}
      />
    </svg>
  );
});

/** Pixels of the levels in sight, no two closer than half a pixel. */
function marksOf(row: FormatRow, axis: LineAxis, x: LinearScale): number[] {
  const [from, to] = x.range();
  const marks: number[] = [];
  for (const level of ladderOf(row).levels) {
    const v = level * row.scale;
    if (axis === "log" && v <= 0) continue;
    const px = x(axis === "log" ? Math.log2(v) : v);
    if (px >= from && px <= to && (marks.length === 0 || px - marks[marks.length - 1] >= 0.5)) marks.push(px);
  }
  return marks;
}

/** The bell curve that the best clip is for, as an area. */
function bellOf(x: LinearScale, top: number, bottom: number): string {
  const [from, to] = x.range();
  const points: string[] = [];
  for (let px = from; px <= to; px += 3) {
    const height = (density(x.invert(px)) / density(0)) * (bottom - top);
    points.push(`${px.toFixed(1)} ${(bottom - height).toFixed(1)}`);
  }
  return `M${from} ${bottom}L${points.join("L")}L${to} ${bottom}Z`;
}
