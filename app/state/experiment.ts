/** An experiment: which tensor, which two recipes, and how one looks at them. What a link holds and undo walks. */
import type { BackendName, MatrixView } from "../../kernels/report/report.ts";
import type { RecipeParts } from "../../kernels/sweep/index.ts";
import type { RawSpec } from "../../workers/checkpoints/raw.ts";
import type { Fingerprint } from "../../workers/sources/info.ts";
import type { GeneratorSpec } from "../../workers/sources/spec.ts";
import type { TensorInfo } from "../../workers/tensors/info.ts";
import type { HeatMapMode, MatrixWindow, ProfileAxis, Range, Side } from "./types.ts";

/** A source as a link names it: everything is here but the bytes of local files, which go by their fingerprints. */
export type SourceRef =
  | { kind: "sample"; id: string }
  | { kind: "generator"; generator: GeneratorSpec }
  | { kind: "text"; text: string }
  | { kind: "files"; fingerprints: Fingerprint[]; raw?: RawSpec }
  /** Where the site has commits, the address is that of one. Tokens are never part of it. */
  | { kind: "url"; url: string };

/** The views, in the order of their tabs. A new view is one entry here and one in `shell/views.ts`. */
export const tabs = ["bench", "sweep", "formats"] as const;
export type Tab = (typeof tabs)[number];

/** Units of the Formats view: values as they are, shares of the largest, or standard deviations at the best clip. */
export const formatUnits = ["own", "largest", "clip"] as const;
export type FormatUnit = (typeof formatUnits)[number];

/** The part of an experiment that changes nothing in the numbers. */
export interface Look {
  tab: Tab;
  /** Stretch of the value axis, or null for all of it. */
  zoom: Range | null;
  map: HeatMapMode;
  /** Whether the values stand in the map's place; `null` shows pictures so, and errors of everything else. */
  values: boolean | null;
  /** Part of the matrix in the heat map, or null for the whole. */
  window: MatrixWindow | null;
  axis: ProfileAxis;
  /** The two formats of the Formats view. */
  format: string;
  compare: string | null;
  /** What their values are shown in units of. */
  unit: FormatUnit;
  /** What computes; `null` takes the best there is. All give the same codes. */
  backend: BackendName | null;
}

/** The errors a sweep can be drawn by. */
export const sweepMetrics = [
  "nmse",
  "sqnrDb",
  "mse",
  "maxAbs",
  "meanAbs",
  "cosine",
  "bias",
  "saturated",
  "flushed",
  "dead",
  "broken",
] as const;
export type SweepMetric = (typeof sweepMetrics)[number];

/** Whether a metric's axis is logarithmic, so that only values above zero have a place on it. */
export const isLog = (metric: SweepMetric): boolean => metric !== "sqnrDb";

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

/** Another checkpoint beside the source: what `given(1)`, `given(2)` ... take their results from. */
export interface Other {
  source: SourceRef;
  /** Partners chosen by hand: names of the source's tensors to names of this checkpoint's. */
  chosen: Record<string, string>;
}

export interface Experiment {
  source: SourceRef;
  others: Other[];
  /** `null` takes the one the source opens with. */
  tensor: string | null;
  /** The shape a link to a local file expects. */
  shape: number[] | null;
  /** `null` is the tensor's usual reading. */
  view: MatrixView | null;
  /** Whether a sample of a tensor that is too large to be shown without asking does. */
  sample: boolean;
  a: string;
  b: string;
  /** Named codebooks, each `name:=codebook(...)`. */
  definitions: string[];
  sweep: Sweep;
  look: Look;
}

export const defaultLook: Look = {
  tab: "bench",
  zoom: null,
  map: "a",
  values: null,
  window: null,
  axis: "row",
  format: "e4m3",
  compare: null,
  unit: "own",
  backend: null,
};

/** Widths and kinds of elements, with and without a rotation, at the usual blocks; the standard formats beside them. */
export const defaultSweep: Sweep = {
  grid: "(none,rht(32,seed=0))+(int2,int3,int4,int6,int8,nf4,e2m1,e2m3,e4m3)/(16,32,64,128):f16;mxfp4;nvfp4;mxfp6;mxfp8",
  tensors: [],
  small: false,
  fallBack: true,
  metric: "nmse",
  phases: 0,
  part: "base",
  hidden: [],
  shown: null,
  zoom: null,
};

/** What a newcomer sees: floats against integers at 4.5 bits a weight each. */
export const defaultExperiment: Experiment = {
  source: { kind: "sample", id: "ocr-recogniser" },
  others: [],
  tensor: null,
  shape: null,
  view: null,
  sample: false,
  a: "nvfp4",
  b: "int4/32:f16",
  definitions: [],
  sweep: defaultSweep,
  look: defaultLook,
};

/** Deep equality of plain data. */
export function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const keys = Object.keys(a).filter((k) => (a as Record<string, unknown>)[k] !== undefined);
  const others = Object.keys(b).filter((k) => (b as Record<string, unknown>)[k] !== undefined);
  return (
    Array.isArray(a) === Array.isArray(b) &&
    keys.length === others.length &&
    keys.every((k) => same((a as Record<string, unknown>)[k], (b as Record<string, unknown>)[k]))
  );
}

/** Another source: the tensor and everything that was said about it start anew, the recipes and the others stay. */
export function withSource(experiment: Experiment, source: SourceRef): Experiment {
  const others = experiment.others.map((other) => ({ ...other, chosen: {} }));
  return withSweep({ ...withTensor(experiment, null), source, others }, { tensors: [], shown: null, zoom: null });
}

/** Another tensor of the same source: its own reading and the whole of it. */
export function withTensor(experiment: Experiment, tensor: Pick<TensorInfo, "name" | "shape"> | null): Experiment {
  const look = { ...experiment.look, zoom: null, window: null };
  // Only who is asked for a file needs to know its shape beforehand.
  const shape = tensor && experiment.source.kind === "files" ? tensor.shape : null;
  return { ...experiment, tensor: tensor?.name ?? null, shape, view: null, sample: false, look };
}

export function withRecipe(experiment: Experiment, side: Side, recipe: string): Experiment {
  return { ...experiment, [side]: recipe };
}

export function withSweep(experiment: Experiment, sweep: Partial<Sweep>): Experiment {
  return { ...experiment, sweep: { ...experiment.sweep, ...sweep } };
}

export function withLook(experiment: Experiment, look: Partial<Look>): Experiment {
  return { ...experiment, look: { ...experiment.look, ...look } };
}
