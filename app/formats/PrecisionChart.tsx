/** Relative error of rounding over magnitude, of one or two formats. */
import { scaleLinear, scaleLog } from "d3";
import { useMemo } from "react";
import { type Format, formatRange } from "../../kernels/formats/index.ts";
import { AxisBottom, AxisLeft, FONT } from "../charts/Axes.tsx";
import { octaveTicks } from "../charts/binning.ts";
import { ChartFrame } from "../charts/ChartFrame.tsx";
import { formatShare, powerOfTwo } from "../charts/numbers.ts";
import type { Side } from "../charts/types.ts";
import { useSize } from "../charts/useSize.ts";
import { looksOf } from "../looks/formats.ts";
import { errorCurve } from "./facts.ts";

const MARGIN = { top: 22, right: 16, bottom: 36, left: 58 };

export function PrecisionChart({ rows }: { rows: readonly { side: Side; name: string; format: Format }[] }) {
  const [ref, size] = useSize({ width: 600, height: 200 });
  const looks = looksOf(rows.map((r) => r.name));
  const [left, right] = [MARGIN.left, Math.max(MARGIN.left + 8, size.width - MARGIN.right)];
  const [top, bottom] = [MARGIN.top, Math.max(MARGIN.top + 1, size.height - MARGIN.bottom)];
  const ranges = rows.map((r) => formatRange(r.format));
  const lo = Math.floor(Math.log2(Math.min(...ranges.map((r) => r.least)))) - 2;
  const hi = Math.ceil(Math.log2(Math.max(...ranges.map((r) => r.max)))) + 2;
  const columns = Math.max(8, Math.floor((right - left) / 4));
  const curves = useMemo(
    () => rows.map((r) => ({ ...r, errors: errorCurve(r.format, lo, hi, columns) })),
    [rows, lo, hi, columns],
  );
  const least = Math.max(1e-8, Math.min(0.01, ...curves.flatMap((c) => Array.from(c.errors).filter((e) => e > 0))));
  const floor = 10 ** Math.floor(Math.log10(least));
  const x = scaleLinear().domain([lo, hi]).range([left, right]);
  const y = scaleLog().domain([floor, 1]).range([bottom, top]).clamp(true);
  const decades = Array.from({ length: Math.round(-Math.log10(floor)) + 1 }, (_, k) => 10 ** -k);
  const step = Math.max(1, Math.ceil(decades.length / 5));
  return (
    <ChartFrame
      chart="precision"
      title="Precision over magnitude"
      description="Greatest relative error of rounding to nearest, by magnitude, on logarithmic axes."
      minHeight={170}
      table={() => ({
        caption: "Greatest relative error by magnitude",
        columns: ["log2 of magnitude", ...rows.map((r) => r.name)],
        rows: Array.from({ length: columns }, (_, k) => [
          lo + ((k + 0.5) / columns) * (hi - lo),
          ...curves.map((c) => c.errors[k]),
        ]),
      })}
    >
      <div ref={ref} className="absolute inset-0">
        <svg
          width={size.width}
          height={size.height}
          role="img"
          aria-label="Relative error by magnitude"
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
            label="magnitude"
          />
          {curves.map((c) => (
            <path
              key={c.side}
              d={Array.from(
                c.errors,
                (e, k) =>
                  `${k ? "L" : "M"}${x(lo + ((k + 0.5) / columns) * (hi - lo)).toFixed(1)} ${y(Math.max(floor, e)).toFixed(1)}`,
              ).join("")}
              fill="none"
              stroke={`var(${looks.get(c.name)?.colour})`}
              strokeWidth={1.5}
              strokeDasharray={c.side === "b" ? "6 2" : undefined}
            />
          ))}
          <text {...FONT} x={right} y={12} textAnchor="end" fontWeight={600}>
            {curves.map((c) => (
              <tspan key={c.side} fill={`var(${looks.get(c.name)?.colour})`} dx={12}>
                {c.name}
              </tspan>
            ))}
          </text>
        </svg>
      </div>
    </ChartFrame>
  );
}
