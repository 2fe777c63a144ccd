/** The columns of the table of points, one list for the page and for sorting. */

import { metricOf } from "../../../kernels/measure/metrics/index.ts";
import { nmse } from "../../../kernels/measure/metrics/nmse/index.ts";
import { axisLabel, isBroken, shownOf } from "../../../kernels/measure/metrics/reading.ts";
import { bitsAboveLimit, bitsAboveLloyd } from "../../../kernels/precision/rates.ts";
import { terms } from "../../glossary/terms.ts";
import { EXACT, formatMetric, type MetricSpec } from "../../metrics/metrics.ts";
import { type PlotPoint, plottedValue } from "./points.ts";
import { BITS, type SweepMetric, sweepMetrics } from "./state.ts";

export const specOf = (metric: SweepMetric): MetricSpec => metricOf(metric);

/** `NMSE` or `SQNR (dB)`. */
export const metricLabel = (metric: SweepMetric): string => axisLabel(specOf(metric));

export interface Column {
  key: "recipe" | "bits" | "octave" | "tensors" | "aboveLimit" | "aboveLloyd" | SweepMetric;
  /** Sorted for the first time, the largest come first. */
  down?: boolean;
  label: string;
  describe: string;
  /** Pixels it takes at least, and its share of what is left. */
  least: number;
  share: number;
  value: (point: PlotPoint) => number | string | null;
  text: (point: PlotPoint) => string;
}

const figure = (metric: SweepMetric): Column => {
  const spec = specOf(metric);
  const value = (point: PlotPoint) => plottedValue(metric, point.metrics);
  return {
    key: metric,
    label: metricLabel(metric).replace(/[()]/g, ""),
    describe: terms[metric].short,
    down: spec.better === "higher",
    // Whole counts are as long as the tensor is large.
    least: spec.print === "count" ? 96 : 72,
    share: 1,
    // What has broken results is the best in no column.
    value: (point) => (isBroken(point.metrics) && !spec.whole ? null : value(point)),
    text: (point) => {
      const shown = spec.print === "count" ? shownOf(spec, point.metrics) : value(point);
      return shown === Number.POSITIVE_INFINITY ? EXACT : formatMetric(spec, shown);
    },
  };
};

const octave: Column = {
  key: "octave",
  label: "NMSE in an octave",
  describe: "smallest and largest over the places of the data inside an octave, for scales that are powers of two",
  least: 150,
  share: 2,
  value: ({ phase }) => phase?.max ?? null,
  text: ({ phase }) => (phase ? [phase.min, phase.max].map((end) => formatMetric(nmse, end)).join(" – ") : ""),
};

const tensors: Column = {
  key: "tensors",
  label: "Tensors",
  describe: "how many the figures are over, and on how many of them a step that does not fit was left away",
  least: 96,
  share: 1,
  value: ({ coverage }) => coverage && coverage.tensors - coverage.without.length,
  text: ({ coverage }) => {
    if (!coverage) return "";
    const { tensors, of, without } = coverage;
    return [
      tensors < of ? `${tensors} of ${of}` : tensors,
      ...(without.length > 0 ? [`${without.length} less`] : []),
    ].join(", ");
  },
};

/** Bits that a recipe takes beyond what its error needs, by one measure or the other. */
const gap = (
  key: "aboveLimit" | "aboveLloyd",
  label: string,
  describe: string,
  of: (bits: number, nmse: number) => number | null,
): Column => {
  const value = ({ bits, metrics }: PlotPoint) => (isBroken(metrics) || !metrics.nmse ? null : of(bits, metrics.nmse));
  return {
    ...{ key, label, describe, least: 124, share: 1, value },
    text: (point) => {
      const bits = value(point);
      return bits === null ? "–" : bits.toFixed(3).replace("-", "−");
    },
  };
};

const gaps = [
  gap(
    "aboveLimit",
    "Above 2^(−2R)",
    "bits a weight beyond those that any code with this error needs on a Gaussian",
    bitsAboveLimit,
  ),
  gap(
    "aboveLloyd",
    "Above Lloyd–Max",
    "bits a weight beyond those of Lloyd and Max's books with this error, between whole bits in proportion; below zero where fewer",
    bitsAboveLloyd,
  ),
];

/** What columns there are beside the usual ones: bands over an octave, and tensors where figures are over several. */
export interface Extra {
  phased?: boolean;
  several?: boolean;
  /** Values are drawn from a Gaussian. */
  gaussian?: boolean;
  /** The other axis. */
  against?: SweepMetric;
  /** The metrics that points have. */
  names?: readonly SweepMetric[];
}

/** The recipe and its bits, the metric of the chart, then the others. */
export function columnsFor(
  metric: SweepMetric,
  { phased = false, several = false, gaussian = false, against = BITS, names = sweepMetrics }: Extra = {},
): Column[] {
  return [
    {
      key: "recipe",
      label: "Recipe",
      describe: "in the notation",
      least: 240,
      share: 4,
      value: (point) => point.text,
      text: (point) => point.text,
    },
    {
      key: "bits",
      label: "Bits",
      describe: "bits a weight: everything stored, over the number of elements",
      least: 72,
      share: 1,
      value: (point) => point.bits,
      text: (point) => point.bits.toFixed(3),
    },
    ...(several ? [tensors] : []),
    ...(against === BITS ? [] : [figure(against)]),
    figure(metric),
    ...(gaussian ? gaps : []),
    ...(phased ? [octave] : []),
    ...names.filter((m) => ![metric, against, BITS].includes(m)).map(figure),
  ];
}

export interface Sorting {
  key: Column["key"];
  down: boolean;
}

/** The points by one column, those without a value last; equal ones by bits, then as they were. */
export function sorted(points: readonly PlotPoint[], columns: readonly Column[], { key, down }: Sorting): PlotPoint[] {
  const column = columns.find((c) => c.key === key) ?? columns[0];
  const sign = down ? -1 : 1;
  return [...points].sort((a, b) => {
    const [x, y] = [column.value(a), column.value(b)];
    if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1;
    if (x !== y) return sign * (x < y ? -1 : 1);
    return a.bits - b.bits;
  });
}
