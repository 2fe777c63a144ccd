/** An experiment: which tensor, which two recipes, and how one looks at them. What a link holds and undo walks. */
import type { BackendName, MatrixView } from "../../kernels/report/report.ts";
import type { RawSpec } from "../../workers/checkpoints/raw.ts";
import type { Fingerprint } from "../../workers/sources/info.ts";
import type { CalibrationKind, GeneratorSpec } from "../../workers/sources/spec.ts";
import type { TensorInfo } from "../../workers/tensors/info.ts";
import type { Side } from "./types.ts";

/** A source as a link names it: everything is here but the bytes of local files, which go by their fingerprints. */
export type SourceRef =
  | ({ kind: "sample"; id: string } & MayBeTwin)
  | { kind: "generator"; generator: GeneratorSpec }
  | { kind: "text"; text: string }
  | ({ kind: "files"; fingerprints: Fingerprint[]; raw?: RawSpec } & MayBeTwin)
  /** Where the site has commits, the address is that of one. Tokens are never part of it. */
  | ({ kind: "url"; url: string } & MayBeTwin);

/** Set where a model's twin with outliers is looked at, as `workers/models/twin-spec.ts` writes it. */
interface MayBeTwin {
  twin?: string;
}

/** The part of an experiment that changes nothing in the numbers and is no view's or panel's own. */
export interface Look {
  /** The view on the screen; `null` for the first there is. */
  tab: string | null;
  /** What computes; `null` takes the best there is. All give the same codes. */
  backend: BackendName | null;
}

/** How long something that a view or panel keeps holds: for good, or while source, matrix or values stay what they are. */
export const lifetimes = ["always", "source", "matrix", "values"] as const;
export type Lifetime = (typeof lifetimes)[number];

/** What views and panels keep, by how long it holds and by whose it is. */
export type Lasting = Record<Lifetime, Record<string, object>>;

/** Another checkpoint beside the source: what `given(1)`, `given(2)` ... take their results from. */
export interface Other {
  source: SourceRef;
  /** Partners chosen by hand: names of the source's tensors to names of this checkpoint's. */
  chosen: Record<string, string>;
}

/** Where what is known of the weights' inputs comes from: a synthetic one wholly, files by their fingerprints. */
export type CalibrationRef =
  | { kind: "synthetic"; text: string }
  /** How it was captured of a model, and what came out: see `workers/capture/reference.ts`. */
  | { kind: "captured"; text: string }
  /** `taken`: what they are taken for, where their content does not say. */
  | { kind: "files"; fingerprints: Fingerprint[]; taken: CalibrationKind | null };

export interface Experiment {
  source: SourceRef;
  others: Other[];
  /** `null`: nothing is known of the inputs. */
  calibration: CalibrationRef | null;
  /** With a calibration: how activations are quantized beside the weight; `null`: not at all. */
  activations: string | null;
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
  look: Look;
  /** What views and panels keep; only they read it. */
  kept: Lasting;
}

export const defaultLook: Look = { tab: null, backend: null };

const nothingKept: Lasting = { always: {}, source: {}, matrix: {}, values: {} };

/** What a newcomer sees: floats against integers at 4.5 bits a weight each. */
export const defaultExperiment: Experiment = {
  source: { kind: "sample", id: "ocr-recogniser" },
  others: [],
  calibration: null,
  activations: null,
  tensor: null,
  shape: null,
  view: null,
  sample: false,
  a: "nvfp4",
  b: "int4/32:f16",
  definitions: [],
  look: defaultLook,
  kept: nothingKept,
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
  return forgetting({ ...withTensor(experiment, null), source, others }, "source");
}

/** What a click makes, in the words of `workers/models/twin-spec.ts`, which is not loaded with the page. */
export const USUAL_TWIN = "channels=4,power=5,seed=1";

/** The twin with outliers of the source, or the source itself: tensors have the same names. */
export function withTwin(experiment: Experiment, twin: string | null): Experiment {
  const { source } = experiment;
  if (source.kind === "generator" || source.kind === "text") return experiment;
  const { twin: _, ...plain } = source;
  return forgetting({ ...experiment, source: twin === null ? plain : { ...plain, twin } }, "values");
}

/** Another calibration, or none: without one no recipe for activations has a meaning. */
export function withCalibration(experiment: Experiment, calibration: CalibrationRef | null): Experiment {
  return { ...experiment, calibration, activations: calibration ? experiment.activations : null };
}

/** Another tensor of the same source: its own reading and the whole of it. */
export function withTensor(experiment: Experiment, tensor: Pick<TensorInfo, "name" | "shape"> | null): Experiment {
  const next = forgetting(experiment, "matrix", "values");
  // Only who is asked for a file needs to know its shape beforehand.
  const shape = tensor && experiment.source.kind === "files" ? tensor.shape : null;
  return { ...next, tensor: tensor?.name ?? null, shape, view: null, sample: false };
}

export function withRecipe(experiment: Experiment, side: Side, recipe: string): Experiment {
  return { ...experiment, [side]: recipe };
}

/** Without what views and panels keep for no longer than this: another matrix, or other values, are shown whole. */
export function forgetting(experiment: Experiment, ...over: readonly Lifetime[]): Experiment {
  const kept = { ...experiment.kept };
  for (const lifetime of over) kept[lifetime] = {};
  return { ...experiment, kept };
}

export function withLook(experiment: Experiment, look: Partial<Look>): Experiment {
  return { ...experiment, look: { ...experiment.look, ...look } };
}
