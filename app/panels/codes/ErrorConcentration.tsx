/** Where the error comes from: how much of it the worst blocks carry. */
import { memo, useMemo } from "react";
import type { Report } from "../../../kernels/measure/report.ts";
import { AxisBottom, AxisLeft, FONT } from "../../charts/Axes.tsx";
import { firstOfBlock } from "../../charts/blocks.ts";
import { ChartFrame, Nothing } from "../../charts/ChartFrame.tsx";
import { type Concentration, carriedBy, concentration, notFinite } from "../../charts/decimate.ts";
import { formatCount, formatPercent, formatShare } from "../../charts/numbers.ts";
import { SMALL_MARGIN } from "../../charts/OctaveChart.tsx";
import { peakBetween } from "../../charts/profileSeries.ts";
import { scaleLinear, scaleLog } from "../../charts/scale.ts";
import type { OnHighlight, ReportPair, Side } from "../../charts/types.ts";
import { type Size, useSize } from "../../charts/useSize.ts";

interface Curve {
  side: Side;
  curve: Concentration;
  /** What is ranked. */
  unit: "blocks" | "rows";
  count: number;
  /** Those whose error is not finite: they are left out. */
  lost: number;
  report: Report;
  /** Index of the one with the largest error. */
  peak: number;
  /** Blocks or rows that one error sums over. */
  step: number;
}

const worst = ({ report, unit, peak, step }: Curve): { row: number; col: number } =>
  unit === "blocks" ? firstOfBlock(report.grid, peak * step) : { row: peak * step, col: 0 };

/** Fewer blocks than this say little; rows stand in for them. */
const FEW = 20;

export function ErrorConcentration(props: ReportPair & { onHighlight: OnHighlight }) {
  const { a, b } = props;
  const [ref, size] = useSize({ width: 280, height: 150 });
  const curves = useMemo(() => [curveOf("a", a), curveOf("b", b)].filter((c) => c !== null), [a, b]);
  return (
    <ChartFrame
      chart="concentration"
      title="Where error comes from"
      description={`Share of the squared error that the worst blocks carry. ${curves.map(words).join(" ")}`}
      stale={props.stale}
      minHeight={110}
      table={() => ({
        caption: "Share of the squared error carried by the worst",
        columns: ["side", "of", "worst share", "share of squared error"],
        rows: curves.flatMap(({ side, curve, unit }) =>
          curve.members.map((m, i) => [side.toUpperCase(), unit, m, curve.carried[i]]),
        ),
      })}
      footer={
        <p className="m-0 flex flex-wrap gap-x-3 text-xs">
          {curves.map((c) => (
            <button
              key={c.side}
              type="button"
              title={`Mark the worst of ${c.side.toUpperCase()}'s ${c.unit}`}
              onClick={() => props.onHighlight({ ...worst(c), pinned: true })}
              className={`text-left decoration-dotted underline-offset-2 hover:underline focus-visible:outline-2 focus-visible:outline-accent pointer-coarse:min-h-11 ${c.side === "a" ? "text-a" : "text-b"}`}
            >
              {words(c)}
            </button>
          ))}
        </p>
      }
    >
      <div ref={ref} className="absolute inset-0">
        {curves.length > 0 ? (
          <Curves size={size} curves={curves} />
        ) : (
          <Nothing>{a || b ? "No error to share out" : "No errors yet"}</Nothing>
        )}
      </div>
    </ChartFrame>
  );
}

function curveOf(side: Side, report: Report | null): Curve | null {
  if (!report) return null;
  const blocks = report.blockProfile;
  const unit = blocks && blocks.error.length >= FEW ? "blocks" : "rows";
  const { error, step } = blocks && unit === "blocks" ? blocks : report.rowProfile;
  const curve = concentration(error);
  const peak = peakBetween(error, 0, error.length);
  const lost = notFinite(error) * step;
  return curve && { side, curve, unit, count: error.length * step, lost, report, peak, step };
}

const words = ({ side, curve, unit, lost }: Curve): string =>
  `${lost > 0 ? `${formatCount(lost)} ${unit} without a finite error left out; ` : ""}${side.toUpperCase()} worst 1 % of ${unit}: ${formatPercent(carriedBy(curve, 0.01))}, 10 %: ${formatPercent(carriedBy(curve, 0.1))}`;

const Curves = memo(function Curves({ size, curves }: { size: Size; curves: readonly Curve[] }) {
  const left = SMALL_MARGIN.left;
  const right = Math.max(left + 1, size.width - SMALL_MARGIN.right);
  const [top, bottom] = [SMALL_MARGIN.top, Math.max(SMALL_MARGIN.top + 1, size.height - SMALL_MARGIN.bottom)];
  const least = Math.max(1e-4, Math.min(0.1, 1 / Math.max(...curves.map((c) => c.count))));
  const x = scaleLog().domain([least, 1]).range([left, right]).clamp(true);
  const y = scaleLinear().domain([0, 1]).range([bottom, top]);
  const shares = [1e-4, 1e-3, 1e-2, 0.1, 1].filter((s) => s >= least * 0.999);
  const even = Array.from({ length: 41 }, (_, i) => least ** (1 - i / 40));
  const path = (points: readonly (readonly [number, number])[]) =>
    points.map(([px, py], i) => `${i ? "L" : "M"}${px.toFixed(1)} ${py.toFixed(1)}`).join("");
  const unit = curves.every((c) => c.unit === curves[0].unit) ? curves[0].unit : "blocks or rows";
  return (
    <svg width={size.width} height={size.height} role="img" aria-label="Concentration of the error" className="block">
      <AxisLeft
        x={left}
        top={top}
        bottom={bottom}
        ticks={[0, 0.5, 1].map((v) => ({ at: y(v), label: formatShare(v) }))}
        grid={right - left}
      />
      <text {...FONT} x={2} y={12} fill="var(--muted)">
        share of squared error
      </text>
      <AxisBottom
        y={bottom}
        from={left}
        to={right}
        ticks={shares.map((s) => ({ at: x(s), label: formatShare(s) }))}
        label={`worst ${unit} of ${curves
          .map((c) => formatCount(c.count))
          .filter((t, i, all) => all.indexOf(t) === i)
          .join(" and ")}`}
      />
      <path d={path(even.map((s) => [x(s), y(s)]))} fill="none" stroke="var(--faint)" strokeDasharray="1 3" />
      {curves.map(({ side, curve }) => (
        <path
          key={side}
          d={path(curve.members.flatMap((m, i) => (m >= least * 0.999 ? [[x(m), y(curve.carried[i])] as const] : [])))}
          fill="none"
          stroke={`var(--${side})`}
          strokeWidth={1.5}
          strokeDasharray={side === "b" ? "6 2" : undefined}
        />
      ))}
    </svg>
  );
});
