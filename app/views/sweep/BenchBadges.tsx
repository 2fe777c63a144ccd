/** Rings with the letters of the Bench's recipes. */
import { type Badge, RING, SQUARE } from "./badges.ts";

export function BenchBadges({ badges }: { badges: readonly Badge[] }) {
  return badges.map(({ side, x, y, letter }) => (
    <g key={side}>
      <circle cx={x} cy={y} r={RING} fill="none" stroke={`var(--${side})`} strokeWidth={2} />
      <rect
        x={letter.x - SQUARE / 2}
        y={letter.y - SQUARE / 2}
        width={SQUARE}
        height={SQUARE}
        rx={3}
        fill={`var(--${side})`}
      />
      <text
        x={letter.x}
        y={letter.y + 3.5}
        textAnchor="middle"
        fontSize={11}
        fontWeight={700}
        fill="var(--panel)"
        fontFamily="var(--font-sans)"
      >
        {side.toUpperCase()}
      </text>
    </g>
  ));
}
