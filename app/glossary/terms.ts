/** Every term of the page that a newcomer may not know, explained once. Figures, tables and charts read it here. */
import { type MetricName, metrics } from "../../kernels/measure/metrics/index.ts";

export interface Explained {
  name: string;
  /** In one clause: what it is. */
  short: string;
  /** What it tells, and what to make of it. */
  long: string;
}

/** Every metric says what it is where it is defined. */
const ofMetrics = Object.fromEntries(
  metrics.map(({ name, label, short, long }) => [name, { name: label, short, long }]),
) as Record<MetricName, Explained>;

const others = {
  bulk: {
    name: "Bulk",
    short: "the narrowest range around zero that holds 99.9 % of the values",
    long: "A few far outliers would else stretch the axis until all other values share a few bins.",
  },
} as const satisfies Record<string, Explained>;

export const terms: Readonly<Record<TermName, Explained>> = { ...ofMetrics, ...others };

export type TermName = MetricName | keyof typeof others;
