/** Many recipes over one tensor or several, and how one looks at them: the Sweep's part of an experiment. */
import { GIVEN } from "../../../kernels/formats/registry.ts";
import { bitsPerWeight } from "../../../kernels/measure/metrics/bitsPerWeight/index.ts";
import { type AxisName, axisNames, metricOf } from "../../../kernels/measure/metrics/index.ts";
import { inReadingOrder } from "../../../kernels/measure/metrics/reading.ts";
import { givenIndex } from "../../../kernels/notation/given.ts";
import { parseDefinition } from "../../../kernels/notation/index.ts";
import type { RecipeParts } from "../../../kernels/sweep/index.ts";
import { parseSweep } from "../../../kernels/sweep/parse.ts";
import { printSweep } from "../../../kernels/sweep/print.ts";
import type { Experiment } from "../../state/experiment.ts";
import { speakingOf } from "../../state/others.ts";
import { createPart } from "../../state/part.ts";
import type { Range } from "../../state/types.ts";

/** The metrics a sweep can be drawn by. */
export const sweepMetrics: readonly SweepMetric[] = inReadingOrder(axisNames);
export type SweepMetric = AxisName;

/** What errors are held against where nothing else is asked for. */
export const BITS = bitsPerWeight.name;

/** Whether a metric's axis is logarithmic, so that only values above zero have a place on it. */
export const isLog = (metric: SweepMetric): boolean => metricOf(metric).axis === "log";

/** The parts of a recipe that points are told apart by. */
export const sweepParts = [
  "base",
  "block",
  "rule",
  "scale",
  "steps",
  "rounding",
  "corrections",
] as const satisfies readonly (keyof RecipeParts)[];
export type SweepPart = (typeof sweepParts)[number];

/** Many recipes over one tensor or several, and how one looks at them. */
export interface Sweep {
  /** Recipes in the notation of kernels/sweep: grids and lists. */
  grid: string;
  /** Names; none stands for the tensor of the Bench, `*` for all of the source. */
  tensors: string[];
  /** Whether norms, biases and one-dimensional tensors among several take part. */
  small: boolean;
  /** Whether a tensor that a step of a recipe does not fit is quantized without it; else it is left out of that recipe's figure. */
  fallBack: boolean;
  metric: SweepMetric;
  /** What it is got for: the other axis. */
  against: SweepMetric;
  /** Places inside an octave at which recipes with power-of-two scales are measured; 0 for none. */
  phases: number;
  /** What colours and shapes stand for. */
  part: SweepPart;
  /** Recipes with these parts are left out of the picture. */
  hidden: { part: SweepPart; value: string }[];
  /** Of several tensors the one whose points are shown; `null` takes all together. */
  shown: string | null;
  /** Stretch of both axes, or null for all of it. */
  zoom: { x: Range; y: Range } | null;
}

/** Widths and kinds of elements, with and without a rotation, at the usual blocks; the standard formats beside them. */
export const defaultSweep: Sweep = {
  grid: "(none,rht(32,seed=0))+(int2,int3,int4,int6,int8,nf4,e2m1,e2m3,e4m3)/(16,32,64,128):f16;mxfp4;nvfp4;mxfp6;mxfp8",
  tensors: [],
  small: false,
  fallBack: true,
  metric: "nmse",
  against: BITS,
  phases: 0,
  part: "base",
  hidden: [],
  shown: null,
  zoom: null,
};

/** A sweep's grid without the checkpoint at `index`; as it is where it cannot be read, or nothing else is in it. */
function gridWithout(grid: string, index: number, definitions: readonly string[]): string {
  if (!grid.includes(GIVEN)) return grid;
  try {
    const options = { definitions: definitions.map((text) => parseDefinition(text)) };
    const left = parseSweep(grid, options).flatMap((one) => {
      const bases = one.bases.flatMap((base) => {
        const at = givenIndex(base);
        if (at === null || at < index) return [base];
        return at === index ? [] : [speakingOf(base, at - 1)];
      });
      return bases.length > 0 ? [{ ...one, bases }] : [];
    });
    return left.length > 0 ? printSweep(left, options) : grid;
  } catch {
    return grid;
  }
}

export const sweepPart = createPart<Sweep>(
  "sweep",
  defaultSweep,
  { tensors: "source", shown: "source", zoom: "source" },
  {
    rewritten: ({ grid, hidden }, rewrite) => ({
      // The grid that newcomers see is of today.
      grid: grid === defaultSweep.grid ? grid : rewrite("the sweep", grid),
      hidden: hidden.map((one) => ({ ...one, value: rewrite(null, one.value) })),
    }),
    withoutOther: ({ grid }, index, definitions) => ({ grid: gridWithout(grid, index, definitions) }),
  },
);

export const sweepOf = (experiment: Pick<Experiment, "kept">): Sweep => sweepPart.of(experiment);

export const withSweep = (experiment: Experiment, some: Partial<Sweep>): Experiment => sweepPart.with(experiment, some);
