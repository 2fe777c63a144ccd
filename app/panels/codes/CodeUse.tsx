/** How often each code is used, in the order of values: A upwards, B downwards from a common line. */
import { memo, useMemo } from "react";
import type { CodeHistogram } from "../../../kernels/report/report.ts";
import { AxisLeft, FONT } from "../../charts/Axes.tsx";
import { ChartFrame, Nothing } from "../../charts/ChartFrame.tsx";
import { envelope } from "../../charts/decimate.ts";
import { formatExact, formatNumber, formatShare } from "../../charts/numbers.ts";
import { SMALL_MARGIN } from "../../charts/OctaveChart.tsx";
import { scaleLinear } from "../../charts/scale.ts";
import type { Pair, Side, Stale, Subject } from "../../charts/types.ts";
import { type Size, useSize } from "../../charts/useSize.ts";

interface CodeSeries {
  side: Side;
  codes: CodeHistogram;
  /** Share of the elements, by ascending value. */
  shares: Float64Array;
}

/** What this chart takes of a report. */
export interface CodesShown {
  codes: CodeHistogram | null;
  metrics: { codeEntropy: number | null };
}

type Props = Pair<CodesShown> & { stale?: Stale | null; highlightCode?: Pair<number>; subject?: Subject };

export function CodeUse(props: Props) {
  const { a, b, highlightCode, subject } = props;
  const [ref, size] = useSize({ width: 280, height: 150 });
  const first = subject?.a ?? "A";
  const words = useMemo(() => [entropy(first, a), entropy("B", b)] as const, [first, a, b]);
  const series = useMemo(() => [seriesOf("a", a), seriesOf("b", b)].filter((s) => s !== null), [a, b]);
  return (
    <ChartFrame
      chart={subject?.chart ?? "codes"}
      title={subject?.title ?? "Code use"}
      description={`How often each code is used, ordered by value. ${words.join(" ")}`}
      stale={props.stale}
      minHeight={110}
      table={() => ({
        caption: "Use of each code",
        columns: ["side", "code", "value (unscaled)", "elements", "share"],
        rows: series.flatMap(({ side, codes, shares }) =>
          Array.from(codes.order, (code, k) => [
            side === "a" ? first : "B",
            code,
            codes.values[code],
            codes.counts[code],
            shares[k],
          ]),
        ),
      })}
      footer={
        <p className="m-0 text-[11px] leading-[14px]">
          <span className="block truncate text-a">{words[0]}</span>
          <span className="block truncate text-b">{words[1]}</span>
        </p>
      }
    >
      <div ref={ref} className="absolute inset-0">
        {series.length > 0 ? (
          <>
            <CodeBars size={size} series={series} />
            <CodeMarks size={size} series={series} marks={highlightCode} />
          </>
        ) : (
          <Nothing>{a || b ? "These formats have too many codes to count" : "No codes yet"}</Nothing>
        )}
      </div>
    </ChartFrame>
  );
}

function seriesOf(side: Side, report: CodesShown | null): CodeSeries | null {
  const codes = report?.codes;
  if (!codes || codes.order.length === 0) return null;
  const total = Math.max(
    1,
    codes.counts.reduce((sum, n) => sum + n, 0),
  );
  return { side, codes, shares: Float64Array.from(codes.order, (code) => codes.counts[code] / total) };
}

function entropy(name: string, report: CodesShown | null): string {
  if (!report || report.metrics.codeEntropy === null || !report.codes) return "";
  const used = report.codes.order.reduce((n, code) => n + (report.codes!.counts[code] > 0 ? 1 : 0), 0);
  return `${name} entropy ${formatNumber(report.metrics.codeEntropy)} bits, ${used} of ${report.codes.order.length} used`;
}

function layout(size: Size, series: readonly CodeSeries[]) {
  const left = SMALL_MARGIN.left;
  const right = Math.max(left + 1, size.width - SMALL_MARGIN.right);
  const [top, bottom] = [32, Math.max(40, size.height - 20)];
  const only = series.length === 1 ? series[0].side : null;
  const base = only === "a" ? bottom : only === "b" ? top : (top + bottom) / 2;
  const most = Math.max(1e-9, ...series.flatMap((s) => Array.from(envelope(s.shares, right - left).max)));
  const reach = only ? bottom - top : (bottom - top) / 2;
  const height = scaleLinear().domain([0, most]).range([0, reach]);
  const y = (side: Side, share: number) => base + (side === "a" ? -1 : 1) * height(share);
  return { left, right, top, bottom, base, most, y, height };
}

const CodeBars = memo(function CodeBars({ size, series }: { size: Size; series: readonly CodeSeries[] }) {
  const { left, right, top, bottom, base, y, height } = layout(size, series);
  const shares = height.ticks(Math.max(1, Math.floor((bottom - top) / 2 / 20))).filter((v) => v > 0);
  const ticks = [
    { at: base, label: "0" },
    ...series.flatMap((s) => shares.map((v) => ({ at: y(s.side, v), label: formatShare(v) }))),
  ];
  return (
    <svg width={size.width} height={size.height} role="img" aria-label="Share of elements by code" className="block">
      <AxisLeft x={left} top={top} bottom={bottom} ticks={ticks} grid={right - left} />
      <text {...FONT} x={2} y={12} fill="var(--muted)">
        share of elements
      </text>
      {series.map((s) => (
        <Bars key={s.side} series={s} left={left} right={right} y={(share) => y(s.side, share)} base={base} />
      ))}
      <line x1={left} x2={right} y1={base} y2={base} stroke="var(--muted)" />
      {series.map((s) => (
        <Ends key={s.side} series={s} left={left} right={right} y={s.side === "a" ? 27 : size.height - 6} />
      ))}
    </svg>
  );
});

function Bars(props: { series: CodeSeries; left: number; right: number; y: (share: number) => number; base: number }) {
  const { series, left, right, y, base } = props;
  const n = series.shares.length;
  const e = envelope(series.shares, right - left);
  const wide = (right - left) / n;
  const gap = wide > 5 ? 1 : 0;
  let path = "";
  for (let k = 0; k < e.max.length; k++) {
    if (!(e.max[k] > 0)) continue;
    const [x0, x1] = [left + (e.start[k] / n) * (right - left), left + (e.start[k + 1] / n) * (right - left) - gap];
    path += `M${x0.toFixed(1)} ${base}V${y(e.max[k]).toFixed(1)}H${x1.toFixed(1)}V${base}Z`;
  }
  return <path d={path} fill={`var(--${series.side})`} fillOpacity={0.75} />;
}

/** Least and greatest value, and where zero stands. */
function Ends(props: { series: CodeSeries; left: number; right: number; y: number }) {
  const { series, left, right, y } = props;
  const { order, values } = series.codes;
  const zero = order.findIndex((code) => values[code] === 0);
  const zeroAt = left + ((zero + 0.5) / order.length) * (right - left);
  return (
    <g {...FONT} fill={`var(--${series.side})`}>
      <text x={left} y={y}>
        {formatExact(values[order[0]])}
      </text>
      {zero > 0 && zeroAt < right - 50 && zeroAt > left + 50 && (
        <text x={zeroAt} y={y} textAnchor="middle">
          0
        </text>
      )}
      <text x={right} y={y} textAnchor="end">
        {formatExact(values[order[order.length - 1]])}
      </text>
    </g>
  );
}

function CodeMarks(props: { size: Size; series: readonly CodeSeries[]; marks?: Pair<number> }) {
  const { size, series, marks } = props;
  const { left, right, base, top, bottom } = layout(size, series);
  return (
    <svg width={size.width} height={size.height} className="pointer-events-none absolute inset-0" aria-hidden="true">
      {series.map((s) => {
        const code = marks?.[s.side];
        const k = code === null || code === undefined ? -1 : s.codes.order.indexOf(code);
        if (k < 0) return null;
        const wide = (right - left) / s.codes.order.length;
        const x = left + k * wide;
        const far = s.side === "a" ? top : bottom;
        return (
          <rect
            key={s.side}
            x={x - 1}
            width={Math.max(2, wide)}
            y={Math.min(base, far)}
            height={Math.abs(far - base)}
            fill="var(--mark)"
            fillOpacity={0.12}
            stroke="var(--mark)"
          />
        );
      })}
    </svg>
  );
}
