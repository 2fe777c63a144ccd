/** How the values are distributed, with the levels of both formats laid along them as rulers. */
import { useEffect, useMemo, useRef, useState } from "react";
import type { LinearHistogram } from "../../../kernels/report/report.ts";
import { beyond, binsIn, commonBins, occupied } from "../../charts/binning.ts";
import { ChartFrame, Nothing } from "../../charts/ChartFrame.tsx";
import { Button, Choice } from "../../charts/Controls.tsx";
import { medianScale, rulerNote, rulerShift } from "../../charts/levels.ts";
import { formatNumber } from "../../charts/numbers.ts";
import { PlotSurface } from "../../charts/PlotSurface.tsx";
import type { Highlight, OnHighlight, Pair, Range, ReportPair, Side } from "../../charts/types.ts";
import { useLive } from "../../charts/useLive.ts";
import { useRangeGestures } from "../../charts/useRangeGestures.ts";
import { useSize } from "../../charts/useSize.ts";
import { sameRange } from "../../charts/zoom.ts";
import type { AfterSteps } from "./useAfterSteps.ts";
import { useBulk } from "./useBulk.ts";
import { ValueBars } from "./ValueBars.tsx";
import { ValueOverlay, type ValuePoint } from "./ValueOverlay.tsx";
import { MARGIN, type Ruler, valueScale } from "./valueLayout.ts";

export type CountAxis = "log" | "linear";

export interface ValueHistogramProps extends ReportPair {
  /** A finer histogram of the input over [lo, hi). */
  refine: (lo: number, hi: number, bins: number) => Promise<LinearHistogram>;
  /** For recipes with steps before the quantizer; `null` for those without. */
  after?: Pair<AfterSteps>;
  highlight: Highlight | null;
  /** Not called by this chart: no element can be told from its value alone. */
  onHighlight: OnHighlight;
  /** `null` shows the whole range. */
  zoom: Range | null;
  onZoom: (zoom: Range | null) => void;
  /** The input value of the highlighted element. */
  highlightValue?: number | null;
  /** What of it enters the quantizers: another value where steps stand before them. */
  highlightInput?: Pair<number>;
  /** The scale in force at the highlighted element; absent, the median of the report stands in. */
  scaleA?: number | null;
  scaleB?: number | null;
  /** The zero point of the highlighted element's block, for affine formats. */
  zeroPointA?: number | null;
  zeroPointB?: number | null;
}

export function ValueHistogram(props: ValueHistogramProps) {
  const { a, b, zoom, onZoom, refine, after, highlightValue, highlightInput, scaleA, scaleB, zeroPointA, zeroPointB } =
    props;
  const report = a ?? b;
  const [axis, setAxis] = useState<CountAxis>("log");
  const [ref, size] = useSize({ width: 560, height: 240 });
  const [live, move, set] = useLive<Range | null>(zoom, onZoom);
  const [point, setPoint] = useState<ValuePoint>({ value: null, brush: null });

  const coarse = report?.values ?? null;
  const turnedA = after?.a?.values ?? null;
  const turnedB = after?.b?.values ?? null;
  const bounds = useMemo(() => {
    if (!coarse) return { lo: -1, hi: 1 };
    const all = [coarse, turnedA, turnedB].filter((h) => h !== null).map(occupied);
    return { lo: Math.min(...all.map((r) => r.lo)), hi: Math.max(...all.map((r) => r.hi)) };
  }, [coarse, turnedA, turnedB]);
  const bulk = useBulk(coarse, bounds, refine);
  const home = bulk ?? bounds;
  const shown = live ?? home;
  const whole = sameRange(shown, bounds);
  const room = Math.max(64, Math.floor((size.width - MARGIN.left - MARGIN.right) / 2));
  const fine = useFiner(coarse, shown, refine, room);
  const fineA = useFiner(turnedA, shown, after?.a?.refine ?? refine, room);
  const fineB = useFiner(turnedB, shown, after?.b?.refine ?? refine, room);
  const x = useMemo(() => valueScale(shown, size.width), [shown, size.width]);
  const { bins, outlines } = useMemo(() => {
    const limit = Math.max(16, Math.floor((size.width - MARGIN.left - MARGIN.right) / 2));
    if (!fine) return { bins: [], outlines: [] };
    const turned = [
      { side: "a" as Side, h: fineA },
      { side: "b" as Side, h: fineB },
    ].flatMap(({ side, h }) => (h ? [{ side, h }] : []));
    if (turned.length === 0) return { bins: binsIn(fine, shown.lo, shown.hi, limit), outlines: [] };
    // Counts can be held against each other only where bins are equally wide.
    const [before, ...others] = commonBins([fine, ...turned.map(({ h }) => h)], shown.lo, shown.hi, limit);
    return { bins: before, outlines: turned.map(({ side }, i) => ({ side, bins: others[i] })) };
  }, [fine, fineA, fineB, shown, size.width]);

  const inputA = highlightInput?.a ?? null;
  const inputB = highlightInput?.b ?? null;
  const rulers = useMemo(() => {
    const ruler = (side: Side): Ruler | null => {
      const [r, scale, zeroPoint] = side === "a" ? [a, scaleA, zeroPointA] : [b, scaleB, zeroPointB];
      if (!r) return null;
      return {
        side,
        recipe: r.recipe,
        levels: r.levels,
        scale: scale ?? medianScale(r.scales),
        shift: rulerShift(r, zeroPoint),
        note: rulerNote(r, scale) + (after?.[side] ? ", on values after the steps" : ""),
        input: after?.[side] ? (side === "a" ? inputA : inputB) : null,
      };
    };
    return [ruler("a"), ruler("b")].filter((r) => r !== null);
  }, [a, b, after, inputA, inputB, scaleA, scaleB, zeroPointA, zeroPointB]);

  const gestures = useRangeGestures({
    shown,
    bounds,
    home,
    valueAt: (px) => x.invert(px),
    least: (bounds.hi - bounds.lo) * 1e-6,
    onMove: move,
    onSet: set,
    onPoint: (value, brush) => setPoint({ value, brush }),
  });

  const outside = fine ? beyond(fine, shown.lo, shown.hi) : { below: 0, above: 0 };
  return (
    <ChartFrame
      chart="values"
      title="Values"
      description={
        report
          ? `Histogram of the input values from ${formatNumber(shown.lo)} to ${formatNumber(shown.hi)}, with the levels of the formats of A and B as rulers. ${stepsWords(after)}`
          : "Histogram of the input values."
      }
      stale={props.stale}
      minHeight={160}
      controls={
        <>
          <Choice
            label="Axis of counts"
            value={axis}
            options={[
              { value: "log", label: "log" },
              { value: "linear", label: "linear" },
            ]}
            onChange={setAxis}
          />
          <span className="inline-flex gap-1">
            <Button label="+ zoom in on values" onClick={() => gestures.zoom(0.5)}>
              +
            </Button>
            <Button label="− zoom out of values" disabled={whole} onClick={() => gestures.zoom(2)}>
              −
            </Button>
            {bulk && (
              <Button
                label="Show the bulk: the narrowest range around zero that holds 99.9 % of the values"
                disabled={!live}
                onClick={() => set(null)}
              >
                bulk
              </Button>
            )}
            <Button label="Show all values" disabled={whole} onClick={gestures.all}>
              all
            </Button>
          </span>
        </>
      }
      table={() => ({
        caption: "Values: elements in each bin",
        columns: ["from", "to", "elements", ...outlines.map(({ side }) => `${side.toUpperCase()} after its steps`)],
        rows: bins.map((bin, i) => [bin.lo, bin.hi, bin.count, ...outlines.map((one) => one.bins[i].count)]),
      })}
      caption={after && (after.a?.values || after.b?.values) ? legendText(after) : undefined}
      footer={after && (after.a || after.b) ? <StepsLegend after={after} /> : undefined}
    >
      <div ref={ref} className="absolute inset-0">
        {report && coarse ? (
          <>
            <ValueBars
              width={size.width}
              height={size.height}
              x={x}
              bins={bins}
              axis={axis}
              outlines={outlines}
              rulers={rulers}
              outside={outside}
            />
            <ValueOverlay
              width={size.width}
              height={size.height}
              x={x}
              bins={bins}
              outlines={outlines}
              rulers={rulers}
              point={point}
              mark={highlightValue ?? null}
            />
            <PlotSurface
              kind="zoomable histogram"
              label="Values: drag to zoom; plus and minus zoom, arrows move, 0 shows everything"
              className="inset-0 cursor-crosshair touch-pan-y"
              {...gestures.handlers}
            />
          </>
        ) : (
          <Nothing>No values yet</Nothing>
        )}
      </div>
    </ChartFrame>
  );
}

const stepsWords = (after: ValueHistogramProps["after"]): string =>
  (["a", "b"] as const)
    .flatMap((side) =>
      after?.[side]?.values ? [`An outline shows them after the steps of ${side.toUpperCase()}.`] : [],
    )
    .join(" ");

type After = NonNullable<ValueHistogramProps["after"]>;

function told(after: After, side: Side): string {
  const one = after[side];
  if (!one) return "as before: no steps";
  if (one.problem !== null) return `after ${one.steps}: ${one.problem}`;
  return one.values ? `after ${one.steps}` : `after ${one.steps}, being counted`;
}

const legendText = (after: After): string =>
  `Bars: before the steps. Outlines: A ${told(after, "a")}; B ${told(after, "b")}.`;

/** Which distribution is which. */
function StepsLegend({ after }: { after: After }) {
  return (
    <p className="m-0 flex flex-wrap gap-x-3 text-xs">
      <span className="text-muted">
        <svg viewBox="0 0 12 8" width="12" height="8" aria-hidden="true" className="mr-1 inline">
          <rect width="12" height="8" fill="var(--faint)" fillOpacity={0.55} />
        </svg>
        before the steps
      </span>
      {(["a", "b"] as const).map((side) => (
        <span key={side} className={`min-w-0 truncate ${side === "a" ? "text-a" : "text-b"}`}>
          {after[side]?.values && (
            <svg viewBox="0 0 16 8" width="16" height="8" aria-hidden="true" className="mr-1 inline">
              <path
                d="M0 4H16"
                stroke={`var(--${side})`}
                strokeWidth={1.5}
                strokeDasharray={side === "b" ? "6 2" : undefined}
              />
            </svg>
          )}
          {side.toUpperCase()} {told(after, side)}
        </span>
      ))}
    </p>
  );
}

/** Whether the bins in the range are fewer than there is room for. */
const isTooCoarse = (h: LinearHistogram, shown: Range, room: number): boolean =>
  ((shown.hi - shown.lo) / (h.hi - h.lo)) * h.counts.length < room;

/** A histogram for the range on screen: the coarse one, or the last finer one, until a finer one arrives. */
function useFiner(
  coarse: LinearHistogram | null,
  shown: Range,
  refine: ValueHistogramProps["refine"],
  bins: number,
): LinearHistogram | null {
  // Outliers stretch the range until all others share a few bins, zoomed or not.
  const wanted = useMemo(() => (coarse && isTooCoarse(coarse, shown, bins) ? shown : null), [coarse, shown, bins]);
  const [finer, setFiner] = useState<{ of: LinearHistogram; h: LinearHistogram } | null>(null);
  const asked = useRef(0);
  const call = useRef(refine);
  useEffect(() => {
    call.current = refine;
  });
  useEffect(() => {
    const turn = ++asked.current;
    if (!wanted) return;
    const { lo, hi } = wanted;
    const timer = setTimeout(() => {
      // Twice the bins, because their width may be rounded up to a power of two.
      // A range that cannot be refined keeps its coarse bins: they are right, only wide.
      call.current(lo, hi, 2 * bins).then(
        (h) => coarse && turn === asked.current && setFiner({ of: coarse, h }),
        () => undefined,
      );
    }, 120);
    return () => clearTimeout(timer);
  }, [coarse, wanted, bins]);
  if (!wanted || !coarse || finer?.of !== coarse) return coarse;
  const { h } = finer;
  return h.hi <= wanted.lo || h.lo >= wanted.hi || wanted.hi - wanted.lo > (h.hi - h.lo) * 1.5 ? coarse : h;
}
