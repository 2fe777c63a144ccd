/** The map's colours with their ends and their unit, and what hatching means where there is any. */
import type { ColorScale } from "../../../charts/colormap.ts";
import { formatCount } from "../../../charts/numbers.ts";
import type { Colour } from "./colours.ts";

interface Props {
  colour: Colour;
  scale: ColorScale;
  palette: readonly string[];
  /** Tensors without a figure. */
  lacking: number;
}

export function HeatKey({ colour, scale, palette, lacking }: Props) {
  const stops = Array.from({ length: 17 }, (_, i) => palette[Math.round((i / 16) * 255)]);
  return (
    <span className="inline-flex flex-wrap items-center gap-x-1.5 text-[11px] text-muted">
      {lacking > 0 && (
        <span className="inline-flex items-center gap-1">
          <svg width="11" height="9" aria-hidden="true">
            <rect width="11" height="9" fill="var(--grid)" />
            <path d="M-1 6 5 0M1 10 11 0M7 10 12 5" stroke="var(--muted)" strokeWidth="1.2" />
          </svg>
          no figure ({formatCount(lacking)})
        </span>
      )}
      <span className="inline-flex items-center gap-1">
        {colour.format(scale.lo)}
        <span
          aria-hidden="true"
          className="inline-block h-2 w-16 rounded-sm"
          style={{ background: `linear-gradient(to right, ${stops.join(", ")})` }}
        />
        {colour.format(scale.hi)}
        {colour.unit && ` ${colour.unit}`}
        {scale.kind === "log" && <span title="Colours follow the logarithm.">log</span>}
      </span>
    </span>
  );
}
