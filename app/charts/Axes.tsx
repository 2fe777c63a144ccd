/** Axes drawn by React: a hairline, few ticks, a label with its unit. Attributes rather than classes, so exports keep them. */
import { memo } from "react";

export interface Tick {
  at: number;
  label: string;
}

export const FONT = {
  fontSize: 11,
  fontFamily: "var(--font-sans)",
  style: { fontVariantNumeric: "tabular-nums" },
} as const;

/** Room around a plot. */
export interface Margin {
  top: number;
  right: number;
  bottom: number;
  left: number;
}

export const AxisBottom = memo(function AxisBottom(props: {
  y: number;
  from: number;
  to: number;
  ticks: readonly Tick[];
  label?: string;
  /** Height of grid lines above the axis; 0 for none. */
  grid?: number;
}) {
  const { y, from, to } = props;
  return (
    <g {...FONT} fill="var(--muted)" textAnchor="middle">
      {props.ticks.map((t) => (
        <g key={t.at} transform={`translate(${t.at},${y})`}>
          {props.grid ? <line y1={0} y2={-props.grid} stroke="var(--grid)" /> : null}
          <line y2={4} stroke="var(--line)" />
          <text y={15}>{t.label}</text>
        </g>
      ))}
      <line x1={from} x2={to} y1={y + 0.5} y2={y + 0.5} stroke="var(--line)" />
      {props.label && (
        <text x={to} y={y + 29} textAnchor="end">
          {props.label}
        </text>
      )}
    </g>
  );
});

export const AxisLeft = memo(function AxisLeft(props: {
  x: number;
  top: number;
  bottom: number;
  ticks: readonly Tick[];
  label?: string;
  /** Length of grid lines right of the axis; 0 for none. */
  grid?: number;
}) {
  const { x } = props;
  return (
    <g {...FONT} fill="var(--muted)" textAnchor="end">
      {props.ticks.map((t) => (
        <g key={t.at} transform={`translate(${x},${t.at})`}>
          {props.grid ? <line x1={0} x2={props.grid} stroke="var(--grid)" /> : null}
          <text x={-6} dy="0.32em">
            {t.label}
          </text>
        </g>
      ))}
      {props.label && (
        <text x={4} y={props.top - 6} textAnchor="start">
          {props.label}
        </text>
      )}
    </g>
  );
});

/** Ticks that stand at least `gap` pixels apart, the first one kept. */
export function apart(ticks: readonly Tick[], gap: number): Tick[] {
  const kept: Tick[] = [];
  for (const t of ticks) if (kept.length === 0 || Math.abs(t.at - kept[kept.length - 1].at) >= gap) kept.push(t);
  return kept;
}
