/** The marked recipe in one line, and where it can be sent. Always there, so that nothing moves when a point is marked. */
import { broken } from "../../../kernels/measure/metrics/broken/index.ts";
import { metricOf } from "../../../kernels/measure/metrics/index.ts";
import { nmse } from "../../../kernels/measure/metrics/nmse/index.ts";
import { isBroken } from "../../../kernels/measure/metrics/reading.ts";
import type { PhaseBand } from "../../../kernels/sweep/phase.ts";
import type { Side } from "../../charts/types.ts";
import { formatMetric, metricSpecs } from "../../metrics/metrics.ts";
import { type Column, columnsFor } from "./columns.ts";
import { drawnBand, isPart, type PlotPoint } from "./points.ts";
import type { Series } from "./series.ts";
import type { SweepMetric } from "./state.ts";
import { coverageWords } from "./words.ts";

interface Props {
  point: PlotPoint | null;
  series: Series | null;
  metric: SweepMetric;
  against: SweepMetric;
  bench: Readonly<Record<Side, string>>;
  onSend: (recipe: string, side: Side) => void;
}

export function Readout({ point, series, metric, against, bench, onSend }: Props) {
  const [, bits, ...others] = columnsFor(metric, { against });
  const chosen = others.filter(({ key }) => key === metric || key === against);
  const second = secondOf(others.filter((column) => !chosen.includes(column)));
  const band = point?.phase ? bandWords(point.phase, metric) : null;
  return (
    <section
      aria-label="Marked recipe"
      className="flex min-h-8 min-w-0 items-center gap-2 border-line border-t pt-1 max-[859px]:flex-wrap"
    >
      {point && series ? (
        <>
          <svg viewBox="-8 -8 16 16" width="16" height="16" aria-hidden="true" className="shrink-0">
            <path d={series.path} fill={`var(${series.colour})`} transform="scale(1.15)" />
          </svg>
          <code
            className="min-w-0 truncate font-mono font-semibold max-[859px]:whitespace-normal max-[859px]:break-all"
            title={point.text}
          >
            {point.text}
          </code>
          <span className="flex min-w-0 flex-1 gap-x-3 overflow-hidden whitespace-nowrap text-muted text-xs max-[859px]:order-last max-[859px]:basis-full max-[859px]:flex-wrap">
            {[...new Set([bits, ...chosen, second])].map(
              (column) =>
                column && (
                  <span key={column.key}>
                    {column.label} <span className="text-ink">{column.text(point)}</span>
                  </span>
                ),
            )}
            {isBroken(point.metrics) && (
              <span className="text-warn" title={broken.short}>
                {formatMetric(broken, point.metrics.broken)} broken
              </span>
            )}
            {point.coverage && (
              <span className={isPart(point) ? "text-warn" : ""} title={leftWords(point)}>
                {coverageWords(point.coverage)}
              </span>
            )}
            {band && (
              <span title="The smallest and the largest over the places of the data inside an octave">
                over an octave{" "}
                <span className="text-ink">
                  {band.ends[0]} to {band.ends[1]}
                </span>{" "}
                {band.unit}
              </span>
            )}
          </span>
        </>
      ) : (
        <span className="line-clamp-2 min-w-0 flex-1 text-muted text-xs leading-4 max-[859px]:line-clamp-none max-[859px]:basis-full">
          The line joins the recipes that no other beats on both axes. Point at one to read it, tap or click to keep it,
          drag to zoom.
        </span>
      )}
      <span className="ml-auto flex shrink-0 gap-1">
        {(["a", "b"] as const).map((side) => (
          <button
            key={side}
            type="button"
            className="btn text-xs"
            disabled={!point || bench[side] === point.text}
            title={side === "a" ? "Enter" : "Shift Enter"}
            onClick={() => point && onSend(point.text, side)}
          >
            {point && bench[side] === point.text ? "Is" : "Send to"}{" "}
            <strong style={{ color: point ? `var(--${side})` : undefined }}>{side.toUpperCase()}</strong>
          </button>
        ))}
      </span>
    </section>
  );
}

/** The first of the metrics that stand in every brief table, beside that of the chart. */
function secondOf(columns: readonly Column[]): Column | undefined {
  const brief = metricSpecs.filter((spec) => spec.brief === "everywhere");
  return brief.flatMap(({ name }) => columns.filter(({ key }) => key === name))[0];
}

/** Why a point's figures are over fewer tensors than others', and where steps were left away. */
function leftWords({ coverage }: PlotPoint): string | undefined {
  const reasons = new Set([...(coverage?.leftOut ?? []), ...(coverage?.without ?? [])].map(({ reason }) => reason));
  return reasons.size > 0 ? [...reasons].join("\n") : undefined;
}

/** The ends of a band in the metric of the chart where it has one there, else as NMSE. */
function bandWords(phase: PhaseBand, metric: SweepMetric): { ends: string[]; unit: string } {
  const spec = metricOf(drawnBand(phase, metric).length > 0 ? metric : nmse.name);
  const [low, , high] = drawnBand(phase, spec.name as SweepMetric);
  const ends = (low === undefined ? [phase.min, phase.max] : [low, high]).sort((a, b) => a - b);
  return { ends: ends.map((end) => formatMetric(spec, end)), unit: spec.unit || spec.label };
}
