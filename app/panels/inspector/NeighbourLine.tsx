import type { Inspection } from "../../../kernels/report/report.ts";
import { formatExact, formatNumber, formatShort } from "../../charts/numbers.ts";
import type { Side } from "../../charts/types.ts";
import { placeBetween } from "./words.ts";

/** The two levels around the quotient, the point half-way between them, and where the quotient fell. */
export function NeighbourLine({ inspection: i, side }: { inspection: Inspection; side: Side }) {
  const place = placeBetween(i);
  const at = (t: number) => `${14 + 72 * t}%`;
  const color = `var(--${side})`;
  const text = {
    fontSize: 10.5,
    fontFamily: "var(--font-sans)",
    style: { fontVariantNumeric: "tabular-nums" },
  } as const;
  const label = `quotient ${formatNumber(i.quotient, 6)} between ${formatExact(i.below)} and ${formatExact(i.above)}; chosen ${formatExact(i.level)}`;
  if (place === null) {
    const beyond = i.quotient > i.level ? 1 : i.quotient < i.level ? 0 : 0.5;
    return (
      <svg width="100%" height={40} role="img" aria-label={label}>
        <line x1="4%" x2="96%" y1={20} y2={20} stroke="var(--line)" />
        <line x1="50%" x2="50%" y1={14} y2={26} stroke={color} strokeWidth={3} />
        <text {...text} x="50%" y={38} textAnchor="middle" fill={color} fontWeight={600}>
          {formatExact(i.level)}
        </text>
        {Number.isFinite(i.quotient) && beyond !== 0.5 && (
          <text {...text} x={at(beyond)} y={10} textAnchor={beyond ? "end" : "start"} fill="var(--mark)">
            {beyond ? `${formatNumber(i.quotient, 4)} ▸` : `◂ ${formatNumber(i.quotient, 4)}`}
          </text>
        )}
      </svg>
    );
  }
  const chosenLow = i.level === i.below;
  return (
    <svg width="100%" height={40} role="img" aria-label={label}>
      <line x1="4%" x2="96%" y1={20} y2={20} stroke="var(--line)" />
      <line x1={at(place)} x2={at(chosenLow ? 0 : 1)} y1={20} y2={20} stroke="var(--mark)" strokeWidth={3} />
      {([0, 1] as const).map((end) => {
        const chosen = i.level === (end ? i.above : i.below);
        return (
          <g key={end}>
            <line
              x1={at(end)}
              x2={at(end)}
              y1={chosen ? 14 : 16}
              y2={chosen ? 26 : 24}
              stroke={chosen ? color : "var(--muted)"}
              strokeWidth={chosen ? 3 : 1.5}
            />
            <text
              {...text}
              x={at(end)}
              y={38}
              textAnchor="middle"
              fill={chosen ? color : "var(--muted)"}
              fontWeight={chosen ? 600 : 400}
            >
              {formatExact(end ? i.above : i.below)}
            </text>
          </g>
        );
      })}
      <line x1="50%" x2="50%" y1={15} y2={25} stroke="var(--muted)" strokeDasharray="2 2" />
      <text {...text} x="50%" y={38} textAnchor="middle" fill="var(--faint)">
        tie {formatShort(i.below / 2 + i.above / 2, 4)}
      </text>
      <circle cx={at(place)} cy={20} r={3.5} fill="var(--mark)" />
      <text {...text} x={at(Math.max(0.05, Math.min(0.95, place)))} y={10} textAnchor="middle" fill="var(--mark)">
        {formatNumber(i.quotient, 5)}
      </text>
    </svg>
  );
}
