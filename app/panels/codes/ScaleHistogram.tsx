import { useMemo, useState } from "react";
import type { ScaleReport } from "../../../kernels/report/report.ts";
import { magnitudeAt, octaveBins, octaveRange } from "../../charts/binning.ts";
import { ChartFrame, Nothing } from "../../charts/ChartFrame.tsx";
import { Button, Choice } from "../../charts/Controls.tsx";
import { formatCount, formatNumber } from "../../charts/numbers.ts";
import { OctaveChart, OctaveMarks } from "../../charts/OctaveChart.tsx";
import type { Pair, Side, Stale, Subject } from "../../charts/types.ts";
import { useSize } from "../../charts/useSize.ts";
import { type Apart, bulkOf, outside } from "./octaveBulk.ts";

/** What this chart takes of a report. */
export interface ScalesShown {
  scales: ScaleReport[];
}

type Props = Pair<ScalesShown> & { stale?: Stale | null; highlightScales?: Pair<number[]>; subject?: Subject };

/** The stored scales of one level, of A and B. */
export function ScaleHistogram(props: Props) {
  const { a, b, highlightScales, subject } = props;
  const nameOf = (side: Side) => (side === "a" ? (subject?.a ?? "A") : "B");
  const levels = Math.max(a?.scales.length ?? 0, b?.scales.length ?? 0);
  const [chosen, setLevel] = useState(0);
  const level = Math.min(chosen, Math.max(0, levels - 1));
  const [ref, size] = useSize({ width: 280, height: 150 });
  const scales = useMemo(
    () =>
      (["a", "b"] as const).flatMap((side) => {
        const scale = { a, b }[side]?.scales[level];
        return scale ? [{ side, scale }] : [];
      }),
    [a, b, level],
  );
  const series = useMemo(
    () => scales.map(({ side, scale }) => ({ side, bins: octaveBins(scale.histogram), total: scale.count })),
    [scales],
  );
  const [all, showAll] = useState(false);
  const { bulk, whole } = useMemo(() => {
    const histograms = scales.map((s) => s.scale.histogram);
    return { bulk: padded(bulkOf(histograms)), whole: padded(octaveRange(histograms)) };
  }, [scales]);
  const range = all ? whole : bulk;
  const far = bulk ? scales.flatMap(({ side, scale }) => farWords(nameOf(side), outside(scale.histogram, bulk))) : [];
  return (
    <ChartFrame
      chart={subject?.chart ?? "scales"}
      title={subject?.title ?? "Scales"}
      description={`Histogram of the stored scales of level ${level}. ${[...scales.map((s) => words(nameOf(s.side), s.scale)), ...(all ? [] : far)].join(" ")}`}
      stale={props.stale}
      minHeight={110}
      controls={
        <>
          {far.length > 0 && (
            <Button pressed={all} label={`Scales beyond the axis. ${far.join(" ")}`} onClick={() => showAll(!all)}>
              {all ? "bulk" : "all scales"}
            </Button>
          )}
          {levels > 1 && (
            <Choice
              label="Level of scale"
              value={String(level)}
              options={Array.from({ length: levels }, (_, i) => ({
                value: String(i),
                label: i === 0 ? "inner" : i === levels - 1 ? "outer" : String(i),
                name: `${i === 0 ? "inner" : i === levels - 1 ? "outer" : i}, level ${i} of scale`,
              }))}
              onChange={(v) => setLevel(Number(v))}
            />
          )}
        </>
      }
      table={() => ({
        caption: "Stored scales by magnitude",
        columns: ["side", "format", "from", "to", "scales"],
        rows: series.flatMap(({ side, bins }, i) =>
          bins
            .filter((bin) => bin.count > 0)
            .map((bin) => [nameOf(side), scales[i].scale.format, magnitudeAt(bin.lo), magnitudeAt(bin.hi), bin.count]),
        ),
      })}
      footer={
        <p className="m-0 text-[11px] leading-[14px]">
          {scales.map(({ side, scale }) => (
            <span
              key={side}
              className={`block truncate ${side === "a" ? "text-a" : "text-b"}`}
              title={words(nameOf(side), scale)}
            >
              {summary(nameOf(side), scale)}
            </span>
          ))}
          {far.length > 0 && !all && (
            <span className="block truncate text-muted" title={far.join("\n")}>
              {far.join(" ")}
            </span>
          )}
        </p>
      }
    >
      <div ref={ref} className="absolute inset-0">
        {range ? (
          <>
            <OctaveChart
              size={size}
              series={series}
              range={range}
              xLabel="stored scale (log₂)"
              yLabel="share of scales"
            />
            <OctaveMarks
              size={size}
              range={range}
              marks={[
                { side: "a", magnitude: highlightScales?.a?.[level] ?? null },
                { side: "b", magnitude: highlightScales?.b?.[level] ?? null },
              ]}
            />
          </>
        ) : (
          <Nothing>
            {levels > 0 ? "All scales are zero" : a || b ? "No scales: a direct cast" : "No scales yet"}
          </Nothing>
        )}
      </div>
    </ChartFrame>
  );
}

/** `A: 1 scale beyond, up to 2^30.` */
function farWords(name: string, { below, above }: ReturnType<typeof outside>): string[] {
  const said = (apart: Apart | null, end: number | undefined, how: string) =>
    apart && end !== undefined
      ? [
          `${formatCount(apart.count)} ${apart.count === 1 ? "scale lies" : "scales lie"} beyond, ${how} ${formatNumber(magnitudeAt(end))}`,
        ]
      : [];
  const parts = [...said(below, below?.range.lo, "down to"), ...said(above, above?.range.hi, "up to")];
  return parts.length > 0 ? [`${name}: ${parts.join("; ")}.`] : [];
}

const padded = (range: { lo: number; hi: number } | null) =>
  range && range.hi - range.lo < 2 ? { lo: range.lo - 1, hi: range.hi + 1 } : range;

const words = (name: string, scale: ScaleReport): string =>
  `${name}: ${formatCount(scale.count)} ${scale.what ?? "scales"} in ${scale.format}, median ${formatNumber(scale.median)}.`;

function summary(side: string, scale: ScaleReport): string {
  const what = scale.what && scale.what !== "scales" ? ` (${scale.what})` : "";
  const name = `${side} ${scale.format}${what}`;
  if (scale.count === 1) return `${name}: one, ${formatNumber(scale.median)}`;
  const zeros = scale.histogram.zeros > 0 ? `, ${formatCount(scale.histogram.zeros)} zero` : "";
  const negative = scale.negative > 0 ? `, ${formatCount(scale.negative)} negative` : "";
  return `${name}: ${formatCount(scale.count)}, median ${formatNumber(scale.median, 3)}${zeros}${negative}`;
}
