/** Recall by number of neighbours: points with one standard error up and down, and what chance would find. */
import type { SearchReport } from "../../../workers/embeddings/embeddings.ts";
import { AxisBottom, AxisLeft, FONT } from "../../charts/Axes.tsx";
import { scaleLinear } from "../../charts/scale.ts";
import type { Pair, Side } from "../../charts/types.ts";
import { byChance } from "./search.ts";

const MARGIN = { top: 20, right: 12, bottom: 34, left: 40 };

interface Props extends Pair<SearchReport> {
  rows: number;
  width: number;
  height: number;
}

export function RecallChart({ a, b, rows, width, height }: Props) {
  const ks = (a ?? b)?.recall.map(({ k }) => k) ?? [];
  const [left, right] = [MARGIN.left, Math.max(MARGIN.left + 1, width - MARGIN.right)];
  const [top, bottom] = [MARGIN.top, Math.max(MARGIN.top + 1, height - MARGIN.bottom)];
  const y = scaleLinear().domain([0, 1]).range([bottom, top]);
  const column = (right - left) / Math.max(1, ks.length);
  const x = (i: number) => left + (i + 0.5) * column;
  const yTicks = [0, 0.25, 0.5, 0.75, 1].map((v) => ({ at: y(v), label: String(v) }));
  const apart = Math.min(14, column / 6);
  const sides: { side: Side; report: SearchReport; dx: number }[] = [
    ...(a ? [{ side: "a" as const, report: a, dx: b ? -apart : 0 }] : []),
    ...(b ? [{ side: "b" as const, report: b, dx: a ? apart : 0 }] : []),
  ];
  return (
    <svg width={width} height={height} role="img" aria-label="Recall by number of neighbours" className="block">
      <AxisLeft x={left} top={top} bottom={bottom} ticks={yTicks} grid={right - left} label="recall" />
      <AxisBottom
        y={bottom}
        from={left}
        to={right}
        ticks={ks.map((k, i) => ({ at: x(i), label: String(k) }))}
        label="neighbours k"
      />
      {ks.map((k, i) => (
        <line
          key={k}
          x1={x(i) - column * 0.3}
          x2={x(i) + column * 0.3}
          y1={y(byChance(k, rows))}
          y2={y(byChance(k, rows))}
          stroke="var(--muted)"
          strokeDasharray="2 3"
        />
      ))}
      {sides.map(({ side, report, dx }) =>
        report.recall.map(({ k, mean, standardError }, i) => {
          const [at, up, down] = [mean, mean + (standardError ?? 0), mean - (standardError ?? 0)].map((v) =>
            y(Math.min(1, Math.max(0, v))),
          );
          const colour = `var(--${side})`;
          return (
            <g key={`${side} ${k}`}>
              <line x1={x(i) + dx} x2={x(i) + dx} y1={up} y2={down} stroke={colour} strokeWidth={1.5} />
              <circle
                cx={x(i) + dx}
                cy={at}
                r={4}
                fill={side === "a" ? colour : "var(--panel)"}
                stroke={colour}
                strokeWidth={1.5}
              />
              {column > 90 && (
                <text
                  {...FONT}
                  x={x(i) + dx + (side === "a" ? -7 : 7)}
                  y={at}
                  dy="0.32em"
                  textAnchor={side === "a" ? "end" : "start"}
                  fill={colour}
                >
                  {mean.toFixed(3)}
                </text>
              )}
            </g>
          );
        }),
      )}
    </svg>
  );
}
