/** The shape of an experiment that comes from outside: a link, a file, the browser's memory. */
import * as v from "valibot";
import { MOST_GIVEN } from "../../kernels/formats/registry.ts";
import { isAddress } from "../../workers/bytes/paths.ts";
import {
  defaultExperiment,
  defaultLook,
  defaultSweep,
  type Experiment,
  formatUnits,
  isLog,
  type Look,
  type Sweep,
  sweepMetrics,
  sweepParts,
  tabs,
} from "../state/experiment.ts";

const text = v.string();
const finite = v.pipe(v.number(), v.finite());
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const positive = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
/** More dimensions than any file has. */
const shape = v.pipe(v.array(count), v.maxLength(64));
/** More definitions, or parts that a sweep's picture leaves out, than anybody wrote: each is looked through by every recipe. */
const MOST_DEFINITIONS = 256;
const MOST_HIDDEN = 1024;

const fingerprint = v.object({ name: text, size: count, digest: text });
const raw = v.object({ dtype: text, shape, offset: count, littleEndian: v.boolean() });
const generator = v.object({
  name: text,
  rows: positive,
  cols: positive,
  seed: count,
  params: v.record(text, finite),
});

const source = v.variant("kind", [
  v.object({ kind: v.literal("sample"), id: text }),
  v.object({ kind: v.literal("generator"), generator }),
  v.object({ kind: v.literal("text"), text }),
  v.object({ kind: v.literal("url"), url: v.pipe(text, v.check(isAddress)) }),
  v.object({ kind: v.literal("files"), fingerprints: v.array(fingerprint), raw: v.optional(raw) }),
]);

const ordered = <T extends object>(schema: v.GenericSchema<T>, pairs: (value: T) => [number, number][]) =>
  v.pipe(
    schema,
    v.check((value: T) => pairs(value).every(([low, high]) => low < high)),
  );

const range = v.object({ lo: finite, hi: finite });

const lookFields = {
  tab: v.picklist(tabs),
  zoom: v.nullable(ordered(range, (z) => [[z.lo, z.hi]])),
  map: v.picklist(["a", "b", "difference"]),
  values: v.nullable(v.boolean()),
  window: v.nullable(
    ordered(v.object({ row0: finite, row1: finite, col0: finite, col1: finite }), (w) => [
      [w.row0, w.row1],
      [w.col0, w.col1],
    ]),
  ),
  axis: v.picklist(["row", "col", "block"]),
  format: text,
  compare: v.nullable(text),
  unit: v.picklist(formatUnits),
  backend: v.nullable(v.picklist(["reference", "wasm", "webgpu"])),
} satisfies Record<keyof Look, v.GenericSchema>;

/** More places inside an octave than this tell nothing new. */
const MOST_PHASES = 64;

const sweepFields = {
  grid: text,
  tensors: v.array(text),
  small: v.boolean(),
  fallBack: v.boolean(),
  metric: v.picklist(sweepMetrics),
  phases: v.pipe(count, v.maxValue(MOST_PHASES)),
  part: v.picklist(sweepParts),
  hidden: v.pipe(v.array(v.object({ part: v.picklist(sweepParts), value: text })), v.maxLength(MOST_HIDDEN)),
  shown: v.nullable(text),
  zoom: v.nullable(
    ordered(v.object({ x: range, y: range }), ({ x, y }) => [
      [x.lo, x.hi],
      [y.lo, y.hi],
    ]),
  ),
} satisfies Record<keyof Sweep, v.GenericSchema>;

const fields = {
  source,
  others: v.pipe(v.array(v.object({ source, chosen: v.record(text, text) })), v.maxLength(MOST_GIVEN)),
  tensor: v.nullable(text),
  shape: v.nullable(shape),
  view: v.nullable(v.object({ split: count, transpose: v.boolean() })),
  sample: v.boolean(),
  a: text,
  b: text,
  definitions: v.pipe(v.array(text), v.maxLength(MOST_DEFINITIONS)),
} satisfies Record<Exclude<keyof Experiment, "look" | "sweep">, v.GenericSchema>;

/** What people call the parts of an experiment. */
const names: Record<string, string> = {
  source: "the source",
  others: "the checkpoints beside it",
  tensor: "the tensor's name",
  shape: "the shape",
  view: "the matrix view",
  sample: "how much of the tensor is shown",
  a: "recipe A",
  b: "recipe B",
  definitions: "the definitions",
  tab: "the view",
  zoom: "the zoom",
  map: "the heat map's mode",
  values: "whether values are shown",
  window: "the heat map's window",
  axis: "the profile's axis",
  format: "the format",
  compare: "the second format",
  unit: "the formats' unit",
  backend: "the backend",
  grid: "the sweep's grid",
  tensors: "the sweep's tensors",
  small: "which of the sweep's tensors take part",
  fallBack: "what the sweep does with steps that do not fit",
  metric: "the sweep's metric",
  phases: "the sweep's phases",
  part: "the sweep's colours",
  hidden: "the sweep's filter",
  shown: "the sweep's tensor",
};

function readFields(
  given: Record<string, unknown>,
  schemas: Record<string, v.GenericSchema>,
  into: object,
  dropped: string[],
): void {
  for (const [key, schema] of Object.entries(schemas)) {
    if (!Object.hasOwn(given, key) || given[key] === undefined) continue;
    const read = v.safeParse(schema, given[key]);
    if (read.success) (into as Record<string, unknown>)[key] = read.output;
    else dropped.push(names[key] ?? key);
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Takes every part that makes sense from plain data and the defaults for the rest. `dropped` names the parts that were
 * there and made no sense. Never throws.
 */
export function readExperiment(given: unknown): { experiment: Experiment; dropped: string[] } {
  const dropped: string[] = [];
  const experiment: Experiment = { ...defaultExperiment, sweep: { ...defaultSweep }, look: { ...defaultLook } };
  if (!isRecord(given)) return { experiment, dropped: ["the whole experiment"] };
  readFields(given, fields, experiment, dropped);
  if (isRecord(given.sweep)) readFields(given.sweep, sweepFields, experiment.sweep, dropped);
  else if (given.sweep !== undefined) dropped.push("the sweep");
  const { metric, zoom } = experiment.sweep;
  if (zoom && isLog(metric) && zoom.y.lo <= 0) {
    experiment.sweep.zoom = null;
    dropped.push(names.zoom);
  }
  if (isRecord(given.look)) readFields(given.look, lookFields, experiment.look, dropped);
  else if (given.look !== undefined) dropped.push("the view");
  return { experiment, dropped };
}
