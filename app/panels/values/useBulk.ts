import { useEffect, useMemo, useRef, useState } from "react";
import type { LinearHistogram } from "../../../kernels/report/report.ts";
import { bulkRange } from "../../charts/binning.ts";
import type { Range } from "../../charts/types.ts";
import type { ValueHistogramProps } from "./ValueHistogram.tsx";

/** Bins that a range must span before it is known well enough, those asked for, and how often they are asked for. */
const ENOUGH = 48;
const BINS = 1024;
const ROUNDS = 6;

/** The part of the bounds where the bulk of the values lies; `null` where that is most of them. */
function bulkWithin(h: LinearHistogram, bounds: Range): Range | null {
  const bulk = bulkRange(h);
  if (!bulk) return null;
  const cut = { lo: Math.max(bulk.lo, bounds.lo), hi: Math.min(bulk.hi, bounds.hi) };
  return cut.hi > cut.lo && (bounds.hi - bounds.lo) / (cut.hi - cut.lo) > 1.5 ? cut : null;
}

/**
 * Where the bulk of the values lies, for a first look that outliers do not stretch. Far outliers leave the bulk in a few
 * bins of the report's histogram: finer ones are asked for then, until its limits are known.
 */
export function useBulk(
  coarse: LinearHistogram | null,
  bounds: Range,
  refine: ValueHistogramProps["refine"],
): Range | null {
  const first = useMemo(() => (coarse ? bulkWithin(coarse, bounds) : null), [coarse, bounds]);
  const [finer, setFiner] = useState<{ of: LinearHistogram; range: Range } | null>(null);
  const call = useRef(refine);
  useEffect(() => {
    call.current = refine;
  });
  const known = finer !== null && coarse !== null && sameCounts(finer.of, coarse);
  useEffect(() => {
    if (known || !coarse || !first) return;
    let wanted = true;
    void narrowed(coarse, first, bounds, call.current).then((range) => wanted && setFiner({ of: coarse, range }));
    return () => {
      wanted = false;
    };
  }, [known, coarse, first, bounds]);
  return known ? finer.range : first;
}

async function narrowed(
  coarse: LinearHistogram,
  first: Range,
  bounds: Range,
  refine: ValueHistogramProps["refine"],
): Promise<Range> {
  let [h, range] = [coarse, first];
  for (let round = 0; round < ROUNDS; round++) {
    if (((range.hi - range.lo) / (h.hi - h.lo)) * h.counts.length >= ENOUGH) break;
    try {
      h = await refine(range.lo, range.hi, BINS);
    } catch {
      // What cannot be refined keeps the limits found so far: they are right, only wide.
      break;
    }
    const bulk = bulkWithin(h, bounds);
    if (!bulk || bulk.hi - bulk.lo >= range.hi - range.lo) break;
    range = bulk;
  }
  return range;
}

/** Reports of two recipes on one tensor hold equal histograms of its values. */
const sameCounts = (a: LinearHistogram, b: LinearHistogram): boolean =>
  a === b ||
  (a.lo === b.lo &&
    a.hi === b.hi &&
    a.counts.length === b.counts.length &&
    a.counts.every((count, i) => count === b.counts[i]));
