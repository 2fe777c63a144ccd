/** Greatest relative error of rounding between neighbouring levels, over magnitude; exact from the levels. */
import { type KeyboardEvent, type PointerEvent, useMemo, useState } from "react";
import { formatRange } from "../../../kernels/formats/index.ts";
import { type Gap, gapAt, gapOf, isMirrored, magnitudes, type Sign } from "../../../kernels/precision/index.ts";
import { AxisBottom, AxisLeft, FONT } from "../../charts/Axes.tsx";
import { octaveTicks } from "../../charts/binning.ts";
import { ChartFrame } from "../../charts/ChartFrame.tsx";
import { formatExact, formatNumber, formatShare, powerOfTwo } from "../../charts/numbers.ts";
import { PlotSurface } from "../../charts/PlotSurface.tsx";
import { scaleLinear, scaleLog } from "../../charts/scale.ts";
import { useSize } from "../../charts/useSize.ts";
import { pathOf, stretchesOf, stretchesOfFloat32 } from "./precisionPath.ts";
import { type FormatRow, unitLabels } from "./rows.ts";
import type { FormatUnit } from "./state.ts";

const MARGIN = { top: 22, right: 16, bottom: 36, left: 58 };
/** Gaps that are listed one by one in the table. */
const MOST_LISTED = 5000;

/** Where the axis of magnitudes ends, in octaves. */
function boundsOf(rows: readonly FormatRow[]): { lo: number; hi: number } {
  const ends = rows.map(({ rounded, shown, scale }) => {
    if (!rounded) {
      const { least, max } = formatRange(shown.format);
      return { least: least * scale, most: max * scale };
    }
    const least = rounded.ladder.levels.reduce((m, v) => (v !== 0 && Math.abs(v) < m ? Math.abs(v) : m), Infinity);
    return { least: least * scale, most: rounded.ladder.maxAbs * scale };
  });
  return {
    lo: Math.floor(Math.log2(Math.min(...ends.map((e) => e.least)))) - 2,
    hi: Math.ceil(Math.log2(Math.max(...ends.map((e) => e.most)))) + 2,
  };
}

/** The signs whose errors are drawn: negative values alone where they fare otherwise. */
const signsOf = ({ rounded }: FormatRow): Sign[] => {
  if (!rounded || isMirrored(rounded)) return [1];
  return ([1, -1] as const).filter((sign) => rounded.ladder.levels.some((v) => v * sign > 0));
};

export function PrecisionChart({ rows, unit }: { rows: readonly FormatRow[]; unit: FormatUnit }) {
  const [ref, size] = useSize({ width: 600, height: 200 });
  const [pointed, setPointed] = useState<number | null>(null);
  const [left, right] = [MARGIN.left, Math.max(MARGIN.left + 8, size.width - MARGIN.right)];
  const [top, bottom] = [MARGIN.top, Math.max(MARGIN.top + 1, size.height - MARGIN.bottom)];
  const { lo, hi } = useMemo(() => boundsOf(rows), [rows]);
  const columns = right - left;
  const curves = useMemo(
    () =>
      rows.flatMap((row) =>
        signsOf(row).map((sign) => ({
          row,
          sign,
          stretches: row.rounded
            ? stretchesOf(row.rounded, row.scale, lo, hi, columns, sign)
            : stretchesOfFloat32(row.scale, lo, hi),
        })),
      ),
    [rows, lo, hi, columns],
  );
  const errors = curves.flatMap((c) => c.stretches.map((s) => s.error)).filter((e) => e > 0 && Number.isFinite(e));
  const least = errors.reduce((m, e) => Math.min(m, e), 0.01);
  const most = errors.reduce((m, e) => Math.max(m, e), 1);
  // A missing zero makes errors of small values as large as one likes: two decades of that are enough.
  const ceiling = 10 ** Math.min(2, Math.ceil(Math.log10(most) - 1e-9));
  const floor = 10 ** Math.floor(Math.log10(least));
  const x = scaleLinear().domain([lo, hi]).range([left, right]);
  const y = scaleLog().domain([floor, ceiling]).range([bottom, top]).clamp(true);
  const yOf = (error: number) => y(Math.min(ceiling, Math.max(floor, error)));
  const decades = Array.from({ length: Math.round(Math.log10(ceiling / floor)) + 1 }, (_, k) => ceiling * 10 ** -k);
  const step = Math.max(1, Math.ceil(decades.length / 6));
  const gaps = pointed === null ? [] : rows.map((row) => gapThere(row, 2 ** pointed));
  const move = (event: PointerEvent<HTMLElement>) => {
    const px = event.clientX - event.currentTarget.getBoundingClientRect().left;
    setPointed(Math.min(hi, Math.max(lo, x.invert(px))));
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const [main] = rows;
    const to = new Map([
      ["ArrowRight", () => stepped(main, pointed ?? lo, 1, lo, hi)],
      ["ArrowLeft", () => stepped(main, pointed ?? hi, -1, lo, hi)],
      ["Home", () => lo],
      ["End", () => hi],
    ]).get(event.key);
    if (!to) return;
    event.preventDefault();
    setPointed(to());
  };
  return (
    <ChartFrame
      chart="precision"
      title="Precision over magnitude"
      description="Greatest relative error of rounding between the two levels around each magnitude, on logarithmic axes."
      minHeight={170}
      footer={<Reading rows={rows} gaps={gaps} unit={unit} />}
      table={() => ({
        caption: "Greatest relative error between neighbouring levels",
        columns: ["format", "from", "to", "greatest relative error", "at"],
        rows: rows.flatMap(listed),
      })}
    >
      <div ref={ref} className="absolute inset-0">
        <svg
          width={size.width}
          height={size.height}
          role="img"
          aria-label="Greatest relative error by magnitude"
          className="block"
        >
          <AxisLeft
            x={left}
            top={top}
            bottom={bottom}
            ticks={decades.filter((_, k) => k % step === 0).map((v) => ({ at: y(v), label: formatShare(v) }))}
            grid={right - left}
          />
          <text {...FONT} x={4} y={12} fill="var(--muted)">
            relative error, log
          </text>
          <AxisBottom
            y={bottom}
            from={left}
            to={right}
            ticks={octaveTicks(lo, hi, (right - left) / 44).map((t) => ({ at: x(t), label: powerOfTwo(t) }))}
            label={unit === "own" ? "magnitude" : `magnitude, ${unitLabels[unit].axis}`}
          />
          {curves.map(({ row, sign, stretches }) => (
            <path
              key={`${row.side}${sign}`}
              d={pathOf(stretches, x, yOf)}
              fill="none"
              stroke={row.colour}
              strokeWidth={1.5}
              strokeLinejoin="round"
              strokeDasharray={sign < 0 ? "1 3" : row.side === "b" ? "6 2" : undefined}
            />
          ))}
          {pointed !== null && (
            <line x1={x(pointed)} x2={x(pointed)} y1={top} y2={bottom} stroke="var(--mark)" strokeWidth={1} />
          )}
          <text {...FONT} x={right} y={12} textAnchor="end" fontWeight={600}>
            {curves.map(({ row, sign }) => (
              <tspan key={`${row.side}${sign}`} fill={row.colour} dx={12}>
                {sign < 0 ? "below zero (dotted)" : row.name.length > 24 ? `${row.name.slice(0, 23)}…` : row.name}
              </tspan>
            ))}
          </text>
        </svg>
        <PlotSurface
          kind="chart"
          label="Precision: point at a magnitude; arrows step from gap to gap between the levels of the first format"
          className="inset-0 cursor-crosshair touch-pan-y"
          onPointerMove={move}
          onPointerDown={move}
          onPointerLeave={(event) => event.pointerType === "mouse" && setPointed(null)}
          onKeyDown={onKeyDown}
        />
      </div>
    </ChartFrame>
  );
}

/** The gap of a format around a magnitude in the units shown, on the positive side or the only one there is. */
function gapThere(row: FormatRow, magnitude: number): Gap | null {
  const { rounded, scale } = row;
  if (!rounded) return null;
  const [sign] = signsOf(row);
  return gapAt(rounded, magnitudes(rounded, sign), magnitude / scale, sign);
}

/** The middle, on the axis, of the next gap of a format. */
function stepped(row: FormatRow, from: number, by: 1 | -1, lo: number, hi: number): number {
  const gap = gapThere(row, 2 ** from);
  if (!gap) return Math.min(hi, Math.max(lo, from + by));
  const edge = by > 0 ? gap.to : gap.from;
  if (edge === 0 || edge === Infinity) return by > 0 ? hi : lo;
  const next = gapThere(row, edge * row.scale * (1 + by * 2 ** -30));
  if (!next) return from;
  const a = next.from === 0 ? lo : Math.log2(next.from * row.scale);
  const b = next.to === Infinity ? hi : Math.log2(next.to * row.scale);
  return Math.min(hi, Math.max(lo, (a + b) / 2));
}

const errorText = (error: number): string => {
  if (Number.isNaN(error)) return "no finite number";
  return Number.isFinite(error) ? `${formatNumber(error * 100, 3)} %` : "no bound";
};

/** The gap that is pointed at, in the format's own values. */
function Reading({
  rows,
  gaps,
  unit,
}: {
  rows: readonly FormatRow[];
  gaps: readonly (Gap | null)[];
  unit: FormatUnit;
}) {
  const notes = rows.flatMap((r) => r.note ?? []);
  return (
    <div className="h-9 overflow-hidden pt-1 text-xs leading-4" aria-live="polite">
      {gaps.length === 0 ? (
        <p className="m-0 line-clamp-2 text-muted">
          {notes.join(" ") ||
            "At most so much is lost between two neighbouring levels. Point at a magnitude to read it."}
        </p>
      ) : (
        rows.map((row, i) => (
          <p key={row.side} className="m-0 truncate" style={{ color: row.colour }}>
            {gapWords(gaps[i], unit)}
          </p>
        ))
      )}
    </div>
  );
}

function gapWords(gap: Gap | null, unit: FormatUnit): string {
  if (!gap) return "float32: 24 bits everywhere in its range";
  const own = unit === "own" ? "" : " in its own values";
  if (gap.to === Infinity)
    return `beyond ${formatExact(gap.from)}${own}: ${Number.isNaN(gap.error) ? "no finite number" : "held at the largest level"}`;
  const at = Number.isFinite(gap.error) && gap.at > 0 ? ` at ${formatExact(gap.at)}` : "";
  return `${formatExact(gap.from)} to ${formatExact(gap.to)}${own}: at most ${errorText(gap.error)}${at}`;
}

function listed(row: FormatRow): (string | number | null)[][] {
  const { rounded, name } = row;
  if (!rounded) return [[name, 2 ** -126, null, 2 ** -24 / (1 + 2 ** -24), null]];
  return signsOf(row).flatMap((sign) => {
    const held = magnitudes(rounded, sign);
    const label = sign < 0 ? `${name}, below zero` : name;
    return Array.from({ length: Math.min(held.length, MOST_LISTED) + 1 }, (_, k) => {
      const gap = gapOf(rounded, held, k, sign);
      return [label, gap.from, gap.to, gap.error, gap.at];
    });
  });
}
