/** The file of scores: made of the tensors' rows as they come, read again with every field checked, and taken up where it was left. */
import { NUMBERS_VERSION } from "../../kernels/report/report.ts";
import { signalNamed } from "../../kernels/signals/index.ts";
import { UserError } from "../errors/user-error.ts";
import type { SourceInfo } from "../sources/info.ts";
import { checkSame } from "./fingerprint.ts";
import { followingSignals, isFollowing, isScored, NMSE } from "./signals.ts";
import {
  type LeftOut,
  SCORES_KIND,
  SCORES_VERSION,
  type ScoreFile,
  type ScoresPlan,
  type ScoresRequest,
  type SignalScores,
  type TensorScores,
} from "./types.ts";

/** What a file holds beside its tensors. */
export type ScoreFacts = Pick<
  ScoreFile,
  | "fingerprint"
  | "source"
  | "seed"
  | "share"
  | "recipes"
  | "definitions"
  | "calibration"
  | "notes"
  | "leftOut"
  | "wholeStatistics"
  | "budget"
>;

/** What a file says of what was known of inputs: two that are called alike are told apart by their contents. */
export const calibrationFacts = ({
  label,
  kind,
  fingerprints,
}: Pick<SourceInfo, "label" | "kind" | "fingerprints">): NonNullable<ScoreFile["calibration"]> => ({
  ...{ name: label, kind },
  ...(fingerprints.length > 0 && { digest: fingerprints.map(({ digest }) => digest).join(" ") }),
});

/** Facts of a file that is about to be made. */
export const factsFor = (
  plan: ScoresPlan,
  { seed, definitions, wholeStatistics, budget }: ScoresRequest,
  source: string,
  calibration: ScoreFile["calibration"],
): ScoreFacts => ({
  ...{
    fingerprint: plan.fingerprint,
    source,
    seed,
    share: plan.share,
    recipes: plan.recipes,
    definitions,
    calibration,
  },
  notes: plan.notes,
  leftOut: plan.leftOut,
  ...(wholeStatistics && { wholeStatistics }),
  ...(budget !== null && { budget }),
});

/**
 * A file of rows, in the order of the plan: they come from several workers as they are done, and what has none yet is among what is left out. `signals` are those asked for; such as
 * follow from nmse are made here, over all tensors there are.
 */
export function fileOf(
  facts: ScoreFacts,
  rows: readonly TensorScores[],
  { planned, signals }: { planned: readonly PlannedTensor[]; signals: readonly string[] },
): ScoreFile {
  const place = new Map(planned.map(({ name }, i) => [name, i]));
  const sorted = [...rows].sort((a, b) => (place.get(a.tensor.name) ?? 0) - (place.get(b.tensor.name) ?? 0));
  const tensors = sorted.map(({ tensor }) => tensor);
  const byName: Record<string, SignalScores> = {};
  for (const name of new Set(sorted.flatMap((row) => Object.keys(row.signals)))) {
    const own = sorted.map((row) => row.signals[name]);
    if (own.some((row) => row === undefined)) continue;
    const errors = own.map(({ error }) => error);
    byName[name] = {
      values: own.map(({ values }) => values),
      ...(errors.every((row) => row !== null) && { error: errors as (number | null)[][] }),
      about: signalNamed(name)?.says ?? name,
    };
  }
  if (byName[NMSE]) {
    const { weight, following } = followingSignals(tensors, byName[NMSE], signals);
    byName[NMSE].weight = weight;
    Object.assign(byName, following);
  }
  const leftOut = [...(facts.leftOut ?? []), ...pending(planned, tensors)];
  return {
    ...{ kind: SCORES_KIND, version: SCORES_VERSION, numbers: NUMBERS_VERSION },
    ...facts,
    ...(facts.leftOut && { leftOut }),
    tensors,
    signals: byName,
  };
}

/** What of a tensor stands in the plan. */
export type PlannedTensor = Pick<ScoresPlan["tensors"][number], "name" | "elements" | "storedBits">;

/** Tensors of the plan without scores yet, where some are: the whole model has them, and stores them as they are. */
function pending(planned: readonly PlannedTensor[], tensors: ScoreFile["tensors"]): LeftOut[] {
  if (tensors.length >= planned.length) return [];
  const there = new Set(tensors.map(({ name }) => name));
  const out: LeftOut = { why: "not scored yet", names: 0, elements: 0, storedBits: 0 };
  for (const { name, elements, storedBits } of planned) {
    if (there.has(name)) continue;
    out.names++;
    out.elements += elements;
    out.storedBits += storedBits;
  }
  return [out];
}

/** The rows of a file, as they were before they were put together: with the signals that scoring makes, and no others. */
export function rowsOf({ tensors, signals }: ScoreFile): TensorScores[] {
  return tensors.map((tensor, t) => ({
    tensor,
    signals: Object.fromEntries(
      Object.entries(signals)
        .filter(([name, signal]) => isScored(name, signal) && !isFollowing(name))
        .map(([name, { values, error }]) => [name, { values: values[t], error: error?.[t] ?? null, weight: null }]),
    ),
    notes: tensor.notes ?? [],
  }));
}

/**
 * Which rows of an earlier file a request need not make again: none of another checkpoint (a UserError that names both), and those that
 * were made as this request would.
 */
export function known(
  file: ScoreFile,
  facts: ScoreFacts,
  plan: ScoresPlan,
  signals: readonly string[],
): TensorScores[] {
  checkSame(file.fingerprint, facts.fingerprint);
  const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
  const alike =
    file.numbers === NUMBERS_VERSION &&
    same(file.recipes, facts.recipes) &&
    same(file.definitions, facts.definitions) &&
    same(file.calibration, facts.calibration) &&
    (file.wholeStatistics ?? false) === (facts.wholeStatistics ?? false) &&
    file.seed === facts.seed;
  if (!alike) return [];
  // Under another budget what was too large may fit, and the other way round.
  const sameBudget = (file.budget ?? null) === (facts.budget ?? null);
  const wanted = new Map(plan.tensors.map((tensor) => [tensor.name, tensor]));
  return rowsOf(file).filter(
    ({ tensor, signals: own }) =>
      wanted.get(tensor.name)?.rowsRead === tensor.rowsRead &&
      (sameBudget || tensor.exact.every((exact, r) => !exact && tensor.refused[r] === null)) &&
      signals.every((name) => isFollowing(name) || Object.hasOwn(own, name)),
  );
}

/** Most bytes of a file that is read. */
const MOST_BYTES = 2 ** 29;

/** Reads a file of scores. Throws UserError for what is none, or is damaged, naming the place. */
export function readScores(text: string, name: string): ScoreFile {
  if (text.length > MOST_BYTES) throw new UserError(`${name} is too large for a file of scores.`);
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch (error) {
    throw new UserError(`${name} is no file of scores: it is not JSON (${(error as Error).message}).`);
  }
  const wrong = (what: string) => new UserError(`${name} is no file of scores that can be read: ${what}.`);
  if (!isObject(read) || read.kind !== SCORES_KIND) throw wrong(`its "kind" is not "${SCORES_KIND}"`);
  if (read.version !== SCORES_VERSION)
    throw wrong(`it is of version ${String(read.version)}, and ${SCORES_VERSION} is known here`);
  const file = read as unknown as ScoreFile;
  if (!isObject(file.fingerprint) || typeof file.fingerprint.digest !== "string") throw wrong("it has no fingerprint");
  if (!texts(file.recipes)) throw wrong("its recipes are no list of texts");
  if (!Array.isArray(file.tensors)) throw wrong("it has no tensors");
  const width = file.recipes.length;
  for (const [t, tensor] of file.tensors.entries()) {
    const at = `tensor ${t}`;
    if (!isObject(tensor) || typeof tensor.name !== "string") throw wrong(`${at} has no name`);
    for (const key of ["elements", "storedBits", "rows", "rowsRead"] as const) {
      if (!isCount(tensor[key])) throw wrong(`${tensor.name}: "${key}" is no count`);
    }
    if (!row(tensor.bits, width, (b) => b === null || isCount(b)))
      throw wrong(`${tensor.name}: "bits" are no ${width} counts`);
    if (!row(tensor.refused, width, (r) => r === null || typeof r === "string"))
      throw wrong(`${tensor.name}: "refused" are no ${width} texts`);
    if (!row(tensor.exact, width, (e) => typeof e === "boolean"))
      throw wrong(`${tensor.name}: "exact" are no ${width} truths`);
  }
  if (!isObject(file.signals)) throw wrong("it has no signals");
  for (const [signal, { values, error, weight }] of Object.entries(file.signals)) {
    for (const [what, rows] of [
      ["values", values],
      ["error", error],
    ] as const) {
      if (rows === undefined && what === "error") continue;
      const good = Array.isArray(rows) && rows.length === file.tensors.length;
      const bad = good ? rows.findIndex((one) => !row(one, [1, width], isFigure)) : 0;
      if (!good || bad >= 0) throw wrong(`signals.${signal}.${what}${good ? `[${bad}]` : ""} is no row of figures`);
    }
    if (weight !== undefined && !row(weight, file.tensors.length, isFigure))
      throw wrong(`signals.${signal}.weight is no row of figures`);
  }
  if (file.cache !== undefined) {
    const why = wrongCache(file.cache);
    if (why) throw wrong(`cache: ${why}`);
  }
  return {
    ...file,
    definitions: file.definitions ?? [],
    notes: file.notes ?? [],
    calibration: file.calibration ?? null,
  };
}

/** What is wrong with the scores of a cache; null where nothing is. */
function wrongCache(cache: unknown): string | null {
  if (!isObject(cache)) return "it is no object";
  const { context, recipes, layers, signals, notes } = cache;
  if (!isCount(context) || context === 0) return '"context" is no count of tokens';
  if (!texts(recipes)) return "its recipes are no list of texts";
  if (!Array.isArray(layers)) return "it has no layers";
  const width = (recipes as string[]).length;
  for (const [l, layer] of layers.entries()) {
    if (!isObject(layer) || typeof layer.name !== "string") return `layer ${l} has no name`;
    for (const key of ["layer", "elements", "storedBits"])
      if (!isCount(layer[key])) return `${layer.name}: "${key}" is no count`;
    if (!row(layer.bits, width, (b) => b === null || isCount(b))) return `${layer.name}: "bits" are no ${width} counts`;
    if (!row(layer.refused, width, (r) => r === null || typeof r === "string"))
      return `${layer.name}: "refused" are no ${width} texts`;
  }
  if (!isObject(signals)) return "it has no signals";
  for (const [name, signal] of Object.entries(signals)) {
    if (!isObject(signal) || typeof signal.about !== "string") return `${name} does not say how it was made`;
    for (const rows of [signal.values, signal.error ?? signal.values]) {
      const good = Array.isArray(rows) && rows.length === layers.length;
      if (!good || !rows.every((one) => row(one, width, isFigure)))
        return `${name} has no row of figures for each layer`;
    }
  }
  return texts(notes) ? null : "its notes are no list of texts";
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isCount = (value: unknown): boolean => typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
const isFigure = (value: unknown): boolean => value === null || (typeof value === "number" && Number.isFinite(value));
const texts = (value: unknown): boolean => Array.isArray(value) && value.every((text) => typeof text === "string");
const row = (value: unknown, length: number | number[], good: (one: unknown) => boolean): boolean =>
  Array.isArray(value) && [length].flat().includes(value.length) && value.every(good);
