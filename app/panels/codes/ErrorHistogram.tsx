import { useMemo } from "react";
import type { LogHistogram } from "../../../kernels/report/report.ts";
import { magnitudeAt, octaveBins, octaveRange } from "../../charts/binning.ts";
import { ChartFrame, Nothing } from "../../charts/ChartFrame.tsx";
import { formatPercent } from "../../charts/numbers.ts";
import { OctaveChart, OctaveMarks } from "../../charts/OctaveChart.tsx";
import type { Pair, ReportPair } from "../../charts/types.ts";
import { useSize } from "../../charts/useSize.ts";

/** Octaves below the largest error that are drawn; the rest is counted in the table. */
const DEPTH = 24;

/** How large the errors are, of A and B. */
export function ErrorHistogram(props: ReportPair & { highlightError?: Pair<number> }) {
  const { a, b, highlightError } = props;
  const [ref, size] = useSize({ width: 280, height: 150 });
  const sides = useMemo(
    () =>
      (["a", "b"] as const).flatMap((side) => {
        const errors = { a, b }[side]?.errors;
        return errors ? [{ side, errors, total: totalOf(errors) }] : [];
      }),
    [a, b],
  );
  const series = useMemo(
    () => sides.map(({ side, errors, total }) => ({ side, bins: octaveBins(errors), total })),
    [sides],
  );
  const range = useMemo(() => {
    const whole = octaveRange(sides.map((s) => s.errors));
    return whole && { lo: Math.max(whole.lo, whole.hi - DEPTH), hi: Math.max(whole.hi, whole.lo + 1) };
  }, [sides]);
  return (
    <ChartFrame
      chart="errors"
      title="Error sizes"
      description="Histogram of the magnitude of the error, on a logarithmic axis."
      stale={props.stale}
      minHeight={110}
      table={() => ({
        caption: "Elements by size of their error",
        columns: ["side", "from", "to", "elements"],
        rows: sides.flatMap(({ side, errors }) => [
          [side.toUpperCase(), 0, 0, errors.zeros],
          ...octaveBins(errors)
            .filter((bin) => bin.count > 0)
            .map((bin) => [side.toUpperCase(), magnitudeAt(bin.lo), magnitudeAt(bin.hi), bin.count]),
        ]),
      })}
      footer={
        <p className="m-0 flex flex-wrap gap-x-3 text-xs">
          {sides.map(({ side, errors, total }) => (
            <span key={side} className={side === "a" ? "text-a" : "text-b"}>
              {side.toUpperCase()}: {formatPercent(total ? errors.zeros / total : 0)} exact
            </span>
          ))}
        </p>
      }
    >
      <div ref={ref} className="absolute inset-0">
        {range ? (
          <>
            <OctaveChart size={size} series={series} range={range} xLabel="|error| (log₂)" yLabel="share of elements" />
            <OctaveMarks
              size={size}
              range={range}
              marks={[
                { side: "a", magnitude: Math.abs(highlightError?.a ?? 0) },
                { side: "b", magnitude: Math.abs(highlightError?.b ?? 0) },
              ]}
            />
          </>
        ) : (
          <Nothing>{sides.length > 0 ? "Every element is exact" : "No errors yet"}</Nothing>
        )}
      </div>
    </ChartFrame>
  );
}

const totalOf = (h: LogHistogram): number => h.counts.reduce((sum, n) => sum + n, h.zeros);
