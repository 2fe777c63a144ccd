/** The shape of an experiment that comes from outside: a link, a file, the browser's memory. */
import * as v from "valibot";
import { MOST_GIVEN } from "../../kernels/formats/registry.ts";
import { isAddress } from "../../workers/bytes/paths.ts";
import { defaultExperiment, defaultLook, type Experiment, type Look, lifetimes } from "../state/experiment.ts";
import { fieldsOf, type LinkPart, type Scheme } from "./scheme.ts";

const text = v.string();
const finite = v.pipe(v.number(), v.finite());
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const positive = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
/** More dimensions than any file has. */
const shape = v.pipe(v.array(count), v.maxLength(64));
/** More definitions than anybody wrote: each is looked through by every recipe. */
const MOST_DEFINITIONS = 256;

const fingerprint = v.object({ name: text, size: count, digest: text });
const raw = v.object({ dtype: text, shape, offset: count, littleEndian: v.boolean() });
const generator = v.object({
  name: text,
  rows: positive,
  cols: positive,
  seed: count,
  params: v.record(text, finite),
});

const twin = v.optional(text);
const source = v.variant("kind", [
  v.object({ kind: v.literal("sample"), id: text, twin }),
  v.object({ kind: v.literal("generator"), generator }),
  v.object({ kind: v.literal("text"), text }),
  v.object({ kind: v.literal("url"), url: v.pipe(text, v.check(isAddress)), twin }),
  v.object({ kind: v.literal("files"), fingerprints: v.array(fingerprint), raw: v.optional(raw), twin }),
]);

const calibration = v.variant("kind", [
  v.object({ kind: v.picklist(["synthetic", "captured"]), text }),
  v.object({
    kind: v.literal("files"),
    fingerprints: v.pipe(v.array(fingerprint), v.minLength(1)),
    taken: v.nullable(v.picklist(["activations", "gram", "imatrix", "capture"])),
  }),
]);

const lookFields = {
  backend: v.nullable(v.picklist(["reference", "wasm", "webgpu"])),
} satisfies Record<Exclude<keyof Look, "tab">, v.GenericSchema>;

const fields = {
  source,
  others: v.pipe(v.array(v.object({ source, chosen: v.record(text, text) })), v.maxLength(MOST_GIVEN)),
  calibration: v.nullable(calibration),
  activations: v.nullable(text),
  tensor: v.nullable(text),
  shape: v.nullable(shape),
  view: v.nullable(v.object({ split: count, transpose: v.boolean() })),
  sample: v.boolean(),
  a: text,
  b: text,
  definitions: v.pipe(v.array(text), v.maxLength(MOST_DEFINITIONS)),
} satisfies Record<Exclude<keyof Experiment, "look" | "kept">, v.GenericSchema>;

/** What people call the parts of an experiment. */
const names: Record<string, string> = {
  source: "the source",
  others: "the checkpoints beside it",
  calibration: "the calibration",
  activations: "the recipe for activations",
  tensor: "the tensor's name",
  shape: "the shape",
  view: "the matrix view",
  sample: "how much of the tensor is shown",
  a: "recipe A",
  b: "recipe B",
  definitions: "the definitions",
  tab: "the view",
  backend: "the backend",
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

/** What stands there of a part: by how long it holds, or where files of the first version have it. */
function givenOf({ part, earlier }: LinkPart, given: Record<string, unknown>): unknown {
  const { kept } = given;
  if (!isRecord(kept)) return kept ?? earlier?.(given);
  const own = lifetimes.map((lifetime) => {
    const those = kept[lifetime];
    return isRecord(those) && Object.hasOwn(those, part.id) ? those[part.id] : undefined;
  });
  return own.find((one) => one !== undefined && !isRecord(one)) ?? Object.assign({}, ...own);
}

function readPart(experiment: Experiment, one: LinkPart, given: unknown, dropped: string[]): Experiment {
  if (given === undefined) return experiment;
  if (!isRecord(given)) {
    dropped.push(one.what);
    return experiment;
  }
  const read: Record<string, unknown> = {};
  for (const [key, { schema, what }] of fieldsOf(one)) {
    if (!Object.hasOwn(given, key) || given[key] === undefined) continue;
    const value = v.safeParse(schema, given[key]);
    if (value.success) read[key] = value.output;
    else dropped.push(what);
  }
  const whole = one.part.with(experiment, read);
  const mended = one.mended?.(one.part.of(whole));
  if (!mended) return whole;
  dropped.push(...mended.dropped);
  return one.part.with(whole, mended.some);
}

/**
 * Takes every part that makes sense from plain data and the defaults for the rest. `dropped` names the parts that were
 * there and made no sense. Never throws.
 */
export function readExperiment(scheme: Scheme, given: unknown): { experiment: Experiment; dropped: string[] } {
  const dropped: string[] = [];
  const experiment: Experiment = { ...defaultExperiment, look: { ...defaultLook } };
  if (!isRecord(given)) return { experiment, dropped: ["the whole experiment"] };
  readFields(given, fields, experiment, dropped);
  if (isRecord(given.look)) {
    const [first, ...others] = scheme.tabs;
    // The first view is what is there where nothing is said.
    const tab = given.look.tab === first ? null : given.look.tab;
    readFields(
      { ...given.look, tab },
      { ...lookFields, tab: v.nullable(v.picklist(others)) },
      experiment.look,
      dropped,
    );
  } else if (given.look !== undefined) dropped.push("the view");
  const whole = scheme.parts.reduce((e, one) => readPart(e, one, givenOf(one, given), dropped), experiment);
  return { experiment: whole, dropped: [...new Set(dropped)] };
}
