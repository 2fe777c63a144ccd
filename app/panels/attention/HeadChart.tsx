/** One figure of every head, A beside B. */
import type { AttentionReport } from "../../../workers/attention/attention.ts";
import { AxisBottom, AxisLeft } from "../../charts/Axes.tsx";
import { formatNumber } from "../../charts/numbers.ts";
import { type LinearScale, type Scale, scaleLinear, scaleLog } from "../../charts/scale.ts";
import type { Pair } from "../../charts/types.ts";
import { DRAWN } from "./figures.ts";
import type { AttentionOptions } from "./options.ts";

const MARGIN = { top: 20, right: 8, bottom: 34, left: 52 };
/** Heads this many times apart are drawn by their logarithm. */
const FAR = 30;

interface Props extends Pair<AttentionReport> {
  figure: AttentionOptions["figure"];
  width: number;
  height: number;
}

export function HeadChart({ a, b, figure, width, height }: Props) {
  const { label, key, before } = DRAWN[figure];
  const heads = (a ?? b)?.byHead.length ?? 0;
  const of = (report: AttentionReport | null, what: typeof key) =>
    report?.byHead.map((one) => (Number.isFinite(one[what]) ? one[what] : null)) ?? [];
  const series = [
    ...(before ? [{ name: "before", colour: "var(--muted)", values: of(a ?? b, before), dx: 0 }] : []),
    { name: "a", colour: "var(--a)", values: of(a, key), dx: -0.18 },
    { name: "b", colour: "var(--b)", values: of(b, key), dx: 0.18 },
  ];
  const all = series.flatMap(({ values }) => values).filter((value) => value !== null);
  const [most, least] = [Math.max(0, ...all), Math.min(...all)];
  const log = least > 0 && most / least > FAR;
  const [left, right] = [MARGIN.left, Math.max(MARGIN.left + 1, width - MARGIN.right)];
  const [top, bottom] = [MARGIN.top, Math.max(MARGIN.top + 1, height - MARGIN.bottom)];
  const y: Scale = log
    ? scaleLog()
        .domain([least / 1.5, most * 1.5])
        .range([bottom, top])
    : scaleLinear()
        .domain([0, most > 0 ? most : 1])
        .range([bottom, top])
        .nice(4);
  const band = (right - left) / Math.max(1, heads);
  const ticks = log ? decades(least / 1.5, most * 1.5) : (y as LinearScale).ticks(Math.max(2, (bottom - top) / 36));
  const step = Math.max(1, Math.ceil((heads * 26) / (right - left)));
  const radius = Math.max(1.5, Math.min(4, band / 6));
  return (
    <svg width={width} height={height} role="img" aria-label={`${label} by head`} className="block">
      <AxisLeft
        x={left}
        top={top}
        bottom={bottom}
        ticks={ticks.map((v) => ({ at: y(v), label: formatNumber(v, log ? 1 : 2) }))}
        grid={right - left}
        label={log ? `${label}, log` : label}
      />
      <AxisBottom
        y={bottom}
        from={left}
        to={right}
        ticks={Array.from({ length: Math.ceil(heads / step) }, (_, i) => ({
          at: left + (i * step + 0.5) * band,
          label: String(i * step),
        }))}
        label="head"
      />
      {series.map(({ name, colour, values, dx }) =>
        values.map((value, head) => {
          if (value === null) return null;
          const x = left + (head + 0.5 + dx) * band;
          return name === "before" ? (
            <line
              key={`${name} ${head}`}
              x1={x - band * 0.36}
              x2={x + band * 0.36}
              y1={y(value)}
              y2={y(value)}
              stroke={colour}
              strokeDasharray="2 3"
            />
          ) : (
            <circle
              key={`${name} ${head}`}
              cx={x}
              cy={y(value)}
              r={radius}
              fill={name === "a" ? colour : "var(--panel)"}
              stroke={colour}
              strokeWidth={1.5}
            />
          );
        }),
      )}
    </svg>
  );
}

/** Powers of ten in a range; its ends where there is none. */
function decades(lo: number, hi: number): number[] {
  const [from, to] = [Math.ceil(Math.log10(lo)), Math.floor(Math.log10(hi))];
  return to < from ? [lo, hi] : Array.from({ length: to - from + 1 }, (_, i) => 10 ** (from + i));
}
