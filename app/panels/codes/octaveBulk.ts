/** Where the bulk of a histogram of magnitudes lies, for an axis that one far value does not stretch. */
import type { LogHistogram } from "../../../kernels/report/report.ts";
import type { OctaveRange } from "../../charts/OctaveChart.tsx";

/** Octaves without any value that set others apart. */
const GAP = 4;
/** The share of the values that may lie apart and be no part of the bulk; one always may. */
const APART = 0.01;

/** Values that lie beyond an axis, and the stretch that holds them. */
export interface Apart {
  count: number;
  range: OctaveRange;
}

interface Group {
  /** Indices of its first bin and past its last one. */
  from: number;
  to: number;
  count: number;
}

/** Runs of bins with counts, those that stand less than `GAP` octaves apart as one. */
function groupsOf({ counts }: LogHistogram): Group[] {
  const groups: Group[] = [];
  counts.forEach((count, k) => {
    if (count === 0) return;
    const last = groups.at(-1);
    // Four bins to the octave.
    if (last && k - last.to < 4 * GAP) {
      last.to = k + 1;
      last.count += count;
    } else groups.push({ from: k, to: k + 1, count });
  });
  return groups;
}

/** The octaves of a histogram without the few values that stand far apart at its ends; null where nothing was counted. */
export function octaveBulk(h: LogHistogram): OctaveRange | null {
  let groups = groupsOf(h);
  const total = groups.reduce((sum, group) => sum + group.count, 0);
  if (total === 0) return null;
  const most = Math.max(1, APART * total);
  let left = 0;
  // The ends are taken away, the smaller first, while they are few values together.
  while (groups.length > 1) {
    const [first, last] = [groups[0], groups[groups.length - 1]];
    const low = first.count <= last.count;
    const end = low ? first : last;
    if (left + end.count > most || 2 * end.count >= total) break;
    left += end.count;
    groups = low ? groups.slice(1) : groups.slice(0, -1);
  }
  const [first, last] = [groups[0], groups[groups.length - 1]];
  return { lo: Math.floor((h.firstKey + first.from) / 4 - 127), hi: Math.ceil((h.firstKey + last.to) / 4 - 127) };
}

/** The range of several histograms' bulks. */
export const bulkOf = (histograms: readonly LogHistogram[]): OctaveRange | null => {
  const bulks = histograms.flatMap((h) => octaveBulk(h) ?? []);
  if (bulks.length === 0) return null;
  return { lo: Math.min(...bulks.map(({ lo }) => lo)), hi: Math.max(...bulks.map(({ hi }) => hi)) };
};

/** How many values of a histogram lie on either side of a range of whole octaves, and how far the outermost reach. */
export function outside(h: LogHistogram, { lo, hi }: OctaveRange): { below: Apart | null; above: Apart | null } {
  const at = (k: number) => (h.firstKey + k) / 4 - 127;
  const side = (far: (k: number) => boolean): Apart | null => {
    let [count, first, last] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    h.counts.forEach((n, k) => {
      if (n === 0 || !far(k)) return;
      count += n;
      first = Math.min(first, at(k));
      last = Math.max(last, at(k + 1));
    });
    return count === 0 ? null : { count, range: { lo: first, hi: last } };
  };
  return { below: side((k) => at(k + 1) <= lo), above: side((k) => at(k) >= hi) };
}
