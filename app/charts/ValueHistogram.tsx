/** How the values are distributed, with the levels of both formats laid along them as rulers. */
import { useEffect, useMemo, useRef, useState } from "react";
import type { LinearHistogram } from "../../kernels/report.ts";
import { beyond, binsIn, occupied } from "./binning.ts";
import { ChartFrame, Nothing } from "./ChartFrame.tsx";
import { Button, Choice } from "./Controls.tsx";
import { isTransformed, medianScale, rulerNote, rulerShift } from "./levels.ts";
import { formatNumber } from "./numbers.ts";
import { PlotSurface } from "./PlotSurface.tsx";
import type { Range, Side, ValueHistogramProps } from "./types.ts";
import { useBulk } from "./useBulk.ts";
import { useLive } from "./useLive.ts";
import { useRangeGestures } from "./useRangeGestures.ts";
import { useSize } from "./useSize.ts";
import { ValueBars } from "./ValueBars.tsx";
import { ValueOverlay, type ValuePoint } from "./ValueOverlay.tsx";
import { MARGIN, type Ruler, valueScale } from "./valueLayout.ts";
import { sameRange } from "./zoom.ts";

export type CountAxis = "log" | "linear";

export function ValueHistogram(props: ValueHistogramProps) {
  const { a, b, zoom, onZoom, refine, highlightValue, scaleA, scaleB, zeroPointA, zeroPointB } = props;
  const report = a ?? b;
  const [axis, setAxis] = useState<CountAxis>("log");
  const [ref, size] = useSize({ width: 560, height: 240 });
  const [live, move, set] = useLive<Range | null>(zoom, onZoom);
  const [point, setPoint] = useState<ValuePoint>({ value: null, brush: null });

  const coarse = report?.values ?? null;
  const bounds = useMemo(() => (coarse ? occupied(coarse) : { lo: -1, hi: 1 }), [coarse]);
  const bulk = useBulk(coarse, bounds, refine);
  const home = bulk ?? bounds;
  const shown = live ?? home;
  const whole = sameRange(shown, bounds);
  const fine = useFiner(coarse, shown, refine, Math.max(64, Math.floor((size.width - MARGIN.left - MARGIN.right) / 2)));
  const x = useMemo(() => valueScale(shown, size.width), [shown, size.width]);
  const bins = useMemo(() => {
    const limit = Math.max(16, Math.floor((size.width - MARGIN.left - MARGIN.right) / 2));
    return fine ? binsIn(fine, shown.lo, shown.hi, limit) : [];
  }, [fine, shown, size.width]);

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
        note: rulerNote(r, scale) + (isTransformed(r.recipe) ? ", on rotated values" : ""),
      };
    };
    return [ruler("a"), ruler("b")].filter((r) => r !== null);
  }, [a, b, scaleA, scaleB, zeroPointA, zeroPointB]);

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
          ? `Histogram of the input values from ${formatNumber(shown.lo)} to ${formatNumber(shown.hi)}, with the levels of the formats of A and B as rulers.`
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
              <Button label="Show the bulk of the values, 99.9 % of them" disabled={!live} onClick={() => set(null)}>
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
        columns: ["from", "to", "elements"],
        rows: bins.map((bin) => [bin.lo, bin.hi, bin.count]),
      })}
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
              rulers={rulers}
              outside={outside}
            />
            <ValueOverlay
              width={size.width}
              height={size.height}
              x={x}
              bins={bins}
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
