/** A signal's figure of each tensor against the KL that was measured with this tensor alone quantized. */
import { useMemo } from "react";
import { AxisBottom, AxisLeft, apart } from "../../../../charts/Axes.tsx";
import { ChartFrame, Nothing } from "../../../../charts/ChartFrame.tsx";
import { formatNumber } from "../../../../charts/numbers.ts";
import { type Scale, scaleLinear, scaleLog } from "../../../../charts/scale.ts";
import { type Size, useSize } from "../../../../charts/useSize.ts";
import { titleOf } from "./Board.tsx";
import type { Pair, Pairs } from "./standings.ts";

export interface ScatterSeries {
  /** The measurement, in words. */
  label: string;
  pairs: Pairs;
  mark: "circle" | "square";
}

interface Props {
  signal: string;
  series: readonly ScatterSeries[];
}

const MARGIN = { top: 20, right: 14, bottom: 34, left: 58 };

export function Scatter({ signal, series }: Props) {
  const [ref, size] = useSize({ width: 380, height: 260 });
  const title = titleOf(signal);
  const all = series.flatMap(({ pairs }) => pairs.pairs);
  return (
    <ChartFrame
      chart="signal-scatter"
      title={`${title} against KL`}
      description={`${title} of each tensor against the KL of the model with this tensor alone quantized, ${all.length} points.`}
      caption={series.map(({ label, mark }) => `${mark === "circle" ? "Circles" : "Squares"}: ${label}`).join(". ")}
      table={() => ({
        caption: `${title} and measured KL by tensor`,
        columns: ["tensor", "measured on", title, "KL, nats", "± standard error, nats"],
        rows: series.flatMap(({ label, pairs }) =>
          pairs.pairs.map((pair) => [pair.tensor, label, pair.signal, pair.kl, pair.error]),
        ),
      })}
      minHeight={220}
      footer={
        <p className="m-0 flex flex-wrap gap-x-3 text-muted text-xs">
          {series.map(({ label, pairs, mark }) => (
            <span key={label}>
              {mark === "circle" ? "●" : "■"} {label}: {pairs.pairs.length} tensors
              {pairs.leftOut > 0 && `, ${pairs.leftOut} without a figure`}
              {pairs.inNoise > 0 && `, ${pairs.inNoise} within the noise of sums`}
            </span>
          ))}
        </p>
      }
    >
      <div ref={ref} className="absolute inset-0">
        {all.length === 0 ? (
          <Nothing>No tensor has both figures</Nothing>
        ) : (
          <Plot series={series} size={size} title={title} />
        )}
      </div>
    </ChartFrame>
  );
}

/** Logarithmic where all is above zero; an axis in one point is widened about it. */
function axisOf(values: readonly number[], range: [number, number]): { scale: Scale; ticks: number[]; log: boolean } {
  const finite = values.filter(Number.isFinite);
  const [lo, hi] = [Math.min(...finite), Math.max(...finite)];
  if (lo > 0) {
    const scale = scaleLog()
      .domain([lo / 1.2, hi * 1.2])
      .range(range);
    const decades = Array.from({ length: 80 }, (_, i) => 10 ** (i - 40)).filter((t) => t >= lo / 1.2 && t <= hi * 1.2);
    return { scale, ticks: decades.length > 1 ? decades : [lo, hi], log: true };
  }
  const room = hi > lo ? 0.05 * (hi - lo) : 1;
  const scale = scaleLinear()
    .domain([lo - room, hi + room])
    .range(range);
  return { scale, ticks: scale.ticks(5), log: false };
}

function Plot({ series, size, title }: { series: readonly ScatterSeries[]; size: Size; title: string }) {
  const [left, right] = [MARGIN.left, Math.max(MARGIN.left + 1, size.width - MARGIN.right)];
  const [top, bottom] = [MARGIN.top, Math.max(MARGIN.top + 1, size.height - MARGIN.bottom)];
  const drawn = (pair: Pair) => Number.isFinite(pair.signal) && Number.isFinite(pair.kl);
  const { x, y } = useMemo(() => {
    const all = series.flatMap(({ pairs }) => pairs.pairs);
    return {
      x: axisOf(
        all.map(({ signal }) => signal),
        [left, right],
      ),
      y: axisOf(
        all.map(({ kl }) => kl),
        [bottom, top],
      ),
    };
  }, [series, left, right, top, bottom]);
  return (
    <svg
      width={size.width}
      height={size.height}
      role="img"
      aria-label={`${title} against measured KL`}
      className="block"
    >
      <AxisLeft
        {...{ x: left, top, bottom, grid: right - left, label: `measured KL, nats${y.log ? " (log)" : ""}` }}
        ticks={apart(
          y.ticks.map((v) => ({ at: y.scale(v), label: formatNumber(v, 1) })),
          13,
        )}
      />
      <AxisBottom
        {...{ y: bottom, from: left, to: right, label: `${title}${x.log ? " (log)" : ""}` }}
        ticks={apart(
          x.ticks.map((v) => ({ at: x.scale(v), label: formatNumber(v, 1) })),
          44,
        )}
      />
      {series.map(({ label, pairs, mark }) => (
        <g
          key={label}
          fill={mark === "circle" ? "var(--a)" : "var(--b)"}
          stroke={mark === "circle" ? "var(--a)" : "var(--b)"}
          fillOpacity={0.75}
        >
          {pairs.pairs.filter(drawn).map(({ tensor, signal, kl, error }) => {
            const [px, py] = [x.scale(signal), y.scale(kl)];
            const low = kl - (error ?? 0);
            return (
              <g key={tensor}>
                <title>{`${tensor}: KL ${formatNumber(kl)} nats`}</title>
                {error !== null && error > 0 && (
                  <line
                    x1={px}
                    x2={px}
                    y1={y.scale(kl + error)}
                    y2={y.log && !(low > 0) ? bottom : y.scale(low)}
                    strokeOpacity={0.5}
                  />
                )}
                {mark === "circle" ? (
                  <circle cx={px} cy={py} r={3} stroke="none" />
                ) : (
                  <rect x={px - 2.75} y={py - 2.75} width={5.5} height={5.5} stroke="none" />
                )}
              </g>
            );
          })}
        </g>
      ))}
    </svg>
  );
}
