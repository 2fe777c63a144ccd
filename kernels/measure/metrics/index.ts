/** Every metric, one line each, in the order in which reports print them. */
import type { Measured } from "../measured.ts";
import { bias } from "./bias/index.ts";
import { bitsPerWeight } from "./bitsPerWeight/index.ts";
import { broken } from "./broken/index.ts";
import { codeEntropy } from "./codeEntropy/index.ts";
import { cosine } from "./cosine/index.ts";
import { dead } from "./dead/index.ts";
import { flushed } from "./flushed/index.ts";
import { maxAbs } from "./maxAbs/index.ts";
import { meanAbs } from "./meanAbs/index.ts";
import type { Metric, Need } from "./metric.ts";
import { mse } from "./mse/index.ts";
import { nmse } from "./nmse/index.ts";
import { nonFinite } from "./nonFinite/index.ts";
import { outputNmse } from "./outputNmse/index.ts";
import { saturated } from "./saturated/index.ts";
import { sqnrDb } from "./sqnrDb/index.ts";

const list = [
  mse,
  nmse,
  sqnrDb,
  maxAbs,
  meanAbs,
  cosine,
  bias,
  saturated,
  flushed,
  dead,
  nonFinite,
  broken,
  codeEntropy,
  outputNmse,
  bitsPerWeight,
] as const satisfies readonly Metric[];

type Listed = (typeof list)[number];
export type MetricName = Listed["name"];

/** Names of the metrics that need something. */
type NeedingOf<M, N extends Need> = M extends { name: infer Name; needs: readonly (infer Needs)[] }
  ? N extends Needs
    ? Name
    : never
  : never;
type Needing<N extends Need> = NeedingOf<Listed, N>;

/** The figures of a report: a number each, or `null` where there is none. Those of a calibration are absent without one. */
export type Figures = {
  [M in Listed as Exclude<M["name"], Needing<"calibration">>]: ReturnType<M["value"]>;
} & { [Name in Needing<"calibration">]?: number | null };

/** The figures that need no histogram, as sweeps and totals have them. */
export type SweepMetrics = Omit<Figures, Needing<"codes">>;

/** Names of the metrics whose figures can be better and worse, in a sweep. */
type NeutralOf<M> = M extends { name: infer Name; better: "none" } ? Name : never;
export type AxisName = Exclude<keyof SweepMetrics, NeutralOf<Listed>>;

export type NamedMetric = Metric & { name: MetricName };

/** Every metric, in the order in which reports print them. */
export const metrics: readonly NamedMetric[] = list;

export const metricNames: readonly MetricName[] = list.map(({ name }) => name);

const byName = new Map<string, NamedMetric>(metrics.map((metric) => [metric.name, metric]));

/** The metric of a name from outside; undefined if there is none. */
export const metricNamed = (name: string): NamedMetric | undefined => byName.get(name);

/** The metric of a name that is known to be one. */
export const metricOf = (name: MetricName): NamedMetric => byName.get(name)!;

const inSweeps = (metric: Metric) => !metric.needs.includes("codes");

/** The metrics of a sweep, in the same order. */
export const sweepMetricNames = metrics.filter(inSweeps).map(({ name }) => name) as readonly (keyof SweepMetrics)[];

/** Those of them that frontiers can be taken by. */
export const axisNames = metrics
  .filter((metric) => inSweeps(metric) && metric.better !== "none")
  .map(({ name }) => name) as readonly AxisName[];

/** What is asked for every recipe of a sweep is sorted out once. */
const always = metrics.filter(({ needs }) => !needs.includes("calibration"));
const inEverySweep = always.filter(inSweeps);
const inSweepsOfOutputs = metrics.filter(inSweeps);

/** The values of some metrics, under their names. */
function valuesOf(wanted: readonly Metric[], measured: Measured): Record<string, number | null> {
  const figures: Record<string, number | null> = {};
  for (const metric of wanted) figures[metric.name] = metric.value(measured);
  return figures;
}

/** The figures of what was measured. */
export const figuresOf = (measured: Measured): Figures =>
  valuesOf(measured.outputs === null ? always : metrics, measured) as unknown as Figures;

/** The same without those that need histograms. */
export const sweepFiguresOf = (measured: Measured): SweepMetrics =>
  valuesOf(measured.outputs === null ? inEverySweep : inSweepsOfOutputs, measured) as unknown as SweepMetrics;

const ofOutputs = metrics.filter(({ needs }) => needs.includes("calibration"));

/** Those figures alone that need a calibration; none where nothing is known of the outputs. */
export const outputFiguresOf = (measured: Measured): Partial<Figures> =>
  (measured.outputs === null ? {} : valuesOf(ofOutputs, measured)) as Partial<Figures>;
