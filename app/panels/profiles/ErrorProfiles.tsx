/** Error of every row, column or block, A and B laid over each other. */
import { type KeyboardEvent, type MouseEvent, type PointerEvent, useMemo, useState } from "react";
import type { ProfileMeasure } from "../../charts/blocks.ts";
import { ChartFrame, Nothing } from "../../charts/ChartFrame.tsx";
import { Choice } from "../../charts/Controls.tsx";
import { notFinite } from "../../charts/decimate.ts";
import { formatCount, formatNumber } from "../../charts/numbers.ts";
import { PlotSurface } from "../../charts/PlotSurface.tsx";
import {
  elementOf,
  indexOf,
  type ProfileOrder,
  peakBetween,
  profileSeries,
  type Series,
} from "../../charts/profileSeries.ts";
import type { Highlight, OnHighlight, ProfileAxis, ReportPair } from "../../charts/types.ts";
import { useSize } from "../../charts/useSize.ts";
import { PROFILE_MARGIN, ProfileLines } from "./ProfileLines.tsx";

const NAMES: Record<ProfileAxis, string> = { row: "row", col: "column", block: "block" };

export interface ErrorProfilesProps extends ReportPair {
  axis: ProfileAxis;
  onAxis: (axis: ProfileAxis) => void;
  highlight: Highlight | null;
  onHighlight: OnHighlight;
}

export function ErrorProfiles(props: ErrorProfilesProps) {
  const { a, b, axis, highlight, onHighlight } = props;
  const [measure, setMeasure] = useState<ProfileMeasure>("rms");
  const [order, setOrder] = useState<ProfileOrder>("index");
  const [ref, size] = useSize({ width: 560, height: 220 });
  const series = useMemo(() => profileSeries({ a, b }, axis, measure, order), [a, b, axis, measure, order]);
  const lead = series[0];
  const name = NAMES[axis];
  const yLabel = measure === "rms" ? "rms error" : "error² / signal² (nmse)";
  const xLabel = order === "index" ? name : `${name}, largest error first`;
  const lost = series.flatMap(({ side, values }) => {
    const count = notFinite(values);
    return count > 0 ? [`${formatCount(count)} ${name}${count === 1 ? "" : "s"} of ${side.toUpperCase()}`] : [];
  });
  const unlike = series.length === 2 && series[0].values.length !== series[1].values.length;

  const [left, right] = [PROFILE_MARGIN.left, size.width - PROFILE_MARGIN.right];
  const markAt = (position: number, pinned: boolean) => {
    const index = lead.order?.[position] ?? position;
    onHighlight({ ...elementOf(lead, axis, index, highlight), pinned });
  };
  const positionAt = (e: { clientX: number; currentTarget: HTMLElement }) => {
    const n = lead.values.length;
    const px = e.clientX - e.currentTarget.getBoundingClientRect().left - left;
    const at = (p: number) => Math.max(0, Math.min(n - 1, Math.floor((p / (right - left)) * n)));
    return peakBetween(lead.values, at(px), Math.max(at(px) + 1, at(px + 1)));
  };
  const handlers = {
    onPointerMove: (e: PointerEvent<HTMLElement>) => {
      if (e.pointerType === "mouse" && !highlight?.pinned) markAt(positionAt(e), false);
    },
    onClick: (e: MouseEvent<HTMLElement>) => markAt(positionAt(e), true),
    onPointerLeave: () => {
      if (highlight && !highlight.pinned) onHighlight(null);
    },
    onKeyDown: (e: KeyboardEvent<HTMLElement>) => {
      if (e.ctrlKey || e.metaKey || e.altKey) return;
      const n = lead.values.length;
      const index = highlight ? indexOf(lead, axis, highlight) : null;
      const here = index === null ? null : (lead.rank?.[index] ?? index);
      const tenth = Math.max(1, Math.round(n / 10));
      const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, PageUp: -tenth, PageDown: tenth };
      if (e.key in steps) markAt(here === null ? 0 : Math.max(0, Math.min(n - 1, here + steps[e.key])), true);
      else if (e.key === "Home") markAt(0, true);
      else if (e.key === "End") markAt(n - 1, true);
      else return;
      e.preventDefault();
    },
  };

  return (
    <ChartFrame
      chart="profiles"
      title={`Error by ${name}`}
      description={`${yLabel} of A and B for each ${name}${lead ? `, ${formatCount(lead.values.length)} of them` : ""}.${lost.length > 0 ? ` ${lost.join(", ")} without a finite figure, left out.` : ""}`}
      stale={props.stale}
      minHeight={160}
      controls={
        <>
          <Choice
            label="Error by"
            value={axis}
            options={[
              { value: "row", label: "row" },
              { value: "col", label: "column" },
              { value: "block", label: "block" },
            ]}
            onChange={props.onAxis}
          />
          <Choice
            label="Measure"
            value={measure}
            options={[
              { value: "rms", label: "rms" },
              { value: "nmse", label: "nmse" },
            ]}
            onChange={setMeasure}
          />
          <Choice
            label="Order"
            value={order}
            options={[
              { value: "index", label: "in order" },
              { value: "size", label: "by size" },
            ]}
            onChange={setOrder}
          />
        </>
      }
      table={() => tableOf(series, name, yLabel)}
    >
      <div ref={ref} className="absolute inset-0">
        {lead ? (
          <>
            <ProfileLines width={size.width} height={size.height} series={series} xLabel={xLabel} yLabel={yLabel} />
            <Marks {...{ series, axis, name, highlight }} width={size.width} height={size.height} />
            <PlotSurface
              kind="profile"
              label={`Error by ${name}: left and right arrows step, Home and End go to the ends`}
              className="inset-0 cursor-crosshair touch-pan-y"
              {...handlers}
            />
          </>
        ) : (
          <Nothing>{a || b ? "A direct cast has no blocks" : "No errors yet"}</Nothing>
        )}
        {(unlike || lost.length > 0) && (
          <p className="absolute bottom-0 left-1 m-0 text-xs text-muted">
            {unlike &&
              `B has ${formatCount(series[1].values.length)} blocks, stretched to A's ${formatCount(series[0].values.length)}. `}
            {lost.length > 0 && `${lost.join(", ")}: no finite figure, left out`}
          </p>
        )}
      </div>
    </ChartFrame>
  );
}

/** Where the marked element's row, column or block stands, and its figures. */
function Marks(props: {
  series: readonly Series[];
  axis: ProfileAxis;
  name: string;
  highlight: ErrorProfilesProps["highlight"];
  width: number;
  height: number;
}) {
  const { series, axis, highlight, width, height } = props;
  const [left, right] = [PROFILE_MARGIN.left, width - PROFILE_MARGIN.right];
  const marks = highlight
    ? series.flatMap((s) => {
        const index = indexOf(s, axis, highlight);
        if (index === null || index >= s.values.length) return [];
        const position = s.rank?.[index] ?? index;
        return [
          {
            side: s.side,
            step: s.step,
            index,
            value: s.values[position],
            x: left + ((position + 0.5) / s.values.length) * (right - left),
          },
        ];
      })
    : [];
  return (
    <svg width={width} height={height} className="pointer-events-none absolute inset-0" aria-hidden="true">
      {marks.map((m, i) =>
        i === 0 || Math.abs(m.x - marks[0].x) > 1 ? (
          <line
            key={m.side}
            x1={m.x}
            x2={m.x}
            y1={PROFILE_MARGIN.top}
            y2={height - PROFILE_MARGIN.bottom}
            stroke="var(--mark)"
            strokeDasharray={m.side === "b" ? "4 2" : undefined}
          />
        ) : null,
      )}
      <text x={right} y={14} textAnchor="end" fontSize={11} fontFamily="var(--font-sans)" fill="var(--ink)">
        {marks.length > 0 && marks.every((m) => m.index === marks[0].index) && (
          <tspan>{`${props.name} ${formatCount(marks[0].index * marks[0].step)}  `}</tspan>
        )}
        {marks.map((m) => (
          <tspan key={m.side} fill={`var(--${m.side})`} dx={6}>
            {m.side.toUpperCase()}
            {marks.some((o) => o.index !== m.index) ? ` ${props.name} ${formatCount(m.index * m.step)}` : ""}{" "}
            {formatNumber(m.value)}
          </tspan>
        ))}
      </text>
    </svg>
  );
}

function tableOf(series: readonly Series[], name: string, measure: string) {
  const length = Math.max(0, ...series.map((s) => s.values.length));
  return {
    caption: `${measure} by ${name}`,
    columns: [
      "position",
      ...series.flatMap((s) => [`${name} of ${s.side.toUpperCase()}`, `${measure} of ${s.side.toUpperCase()}`]),
    ],
    rows: Array.from({ length }, (_, k) => [
      k,
      ...series.flatMap((s) => (k < s.values.length ? [(s.order?.[k] ?? k) * s.step, s.values[k]] : [null, null])),
    ]),
  };
}
