/** The best mix of recipes for a budget, from scores: what the page's slider looks up. */
import { joinTables } from "../../kernels/allocation/columns.ts";
import { constraintsOf } from "../../kernels/allocation/constraints.ts";
import { frontier } from "../../kernels/allocation/frontier.ts";
import { type Runtime, runtimes, tiedFor } from "../../kernels/allocation/runtimes/index.ts";
import { type AllocationControl, STORED, within } from "../../kernels/allocation/types.ts";
import { formatBytes } from "../bytes/format-bytes.ts";
import { UserError } from "../errors/user-error.ts";
import { cacheSize } from "../mixes/cache.ts";
import { mixModel } from "../mixes/model.ts";
import { rulesOf } from "../mixes/rules.ts";
import type { MixModel } from "../mixes/types.ts";
import { openModel } from "../models/open.ts";
import { cacheRules, cacheTableOf, figuresOf, plannedCache, withFigures } from "../scores/cache.ts";
import { type FreshLoss, freshLoss, freshParts, freshRequest } from "../scores/fresh.ts";
import { NMSE } from "../scores/signals.ts";
import { fixedBitsOf, KEEP_CHOICE, noSum, tableOf } from "../scores/table.ts";
import type { CacheScores, ScoreFile, ScoresRequest, TensorScores } from "../scores/types.ts";
import { onSameText } from "../sensitivity/kl.ts";
import type { OpenSource } from "../sources/open.ts";
import { wholeArgument } from "./amounts.ts";

/** A budget for the whole file: bits a weight, or bytes. */
export type Budget = { bitsPerWeight: number } | { bytes: number };

export interface MixArguments {
  signal: string;
  budget: Budget | null;
  /** Tokens whose keys and values are a part of the budget; null for none. */
  context: number | null;
  cacheRecipe: string;
  /** Recipes of which each layer's keys and values get one; null where all of the cache has `cacheRecipe`. */
  cacheRecipes: string[] | null;
  /** The engine that is to run the mix; null for any. */
  runtime: Runtime | null;
}

interface MixValues {
  signal?: string | undefined;
  budget?: string | undefined;
  context?: string | undefined;
  "kv-recipe"?: string | undefined;
  "cache-recipes"?: string | undefined;
  "assign-kv"?: string | undefined;
  runtime?: string | undefined;
  assign?: string | undefined;
  fresh?: boolean | undefined;
}

/** Reads the options. Throws UserError. */
export function mixArguments(values: MixValues): MixArguments {
  const budget = values.budget === undefined ? null : budgetOf(values.budget);
  if (!budget) {
    const [option] = (["assign", "assign-kv", "fresh", "runtime"] as const).filter(
      (name) => values[name] !== undefined && values[name] !== false,
    );
    if (option)
      throw new UserError(`--${option} is about a mix for a budget: say it with --budget 4.25 or --budget 4.2GB.`);
  }
  const context = wholeArgument("--context", values.context, null);
  if (values["kv-recipe"] !== undefined && context === null)
    throw new UserError("--kv-recipe needs --context, the tokens that are kept.");
  const cacheRecipes = values["cache-recipes"] === undefined ? null : cacheRecipesOf(values["cache-recipes"]);
  if (cacheRecipes) {
    if (context === null)
      throw new UserError("--cache-recipes needs --context, the tokens whose keys and values are kept.");
    if (values.signal !== "kl")
      throw new UserError(
        "--cache-recipes needs --signal kl: no other figure of keys and values adds up with those of tensors.",
      );
    if (values["kv-recipe"] !== undefined)
      throw new UserError(
        "--kv-recipe is one recipe for all layers, and --cache-recipes a choice for each: say one of them.",
      );
  } else if (!budget && context !== null)
    throw new UserError("--context is about a mix for a budget: say it with --budget 4.25 or --budget 4.2GB.");
  const runtime = values.runtime === undefined ? null : runtimeOf(values.runtime);
  const cacheRecipe = values["kv-recipe"] ?? "";
  return { signal: values.signal ?? NMSE, budget, context, cacheRecipe, cacheRecipes, runtime };
}

/** A list; `keep`, float16, is understood. */
function cacheRecipesOf(text: string): string[] {
  const listed = text.split(";").map((one) => one.trim());
  const recipes = listed.filter((one) => one !== "" && one !== KEEP_CHOICE);
  if (recipes.length === 0) throw new UserError('--cache-recipes is a list of recipes, such as "int8/32;int4/32".');
  return recipes;
}

/** The cache with its bits at the context that is asked for, and what is known of it: null where a layer's keys and values are not chosen. */
export async function cacheAsked(
  { context, cacheRecipes, signal }: MixArguments,
  known: CacheScores | undefined,
  definitions: readonly string[],
  source: OpenSource,
): Promise<CacheScores | null> {
  if (context === null || cacheRecipes === null) return null;
  const plan = plannedCache(await modelOf(source), cacheRecipes, context, definitions);
  return withFigures(plan, signal, known ? figuresOf(known, signal) : null);
}

function runtimeOf(text: string): Runtime {
  const found = runtimes.find(({ name }) => name === text);
  if (found) return found;
  throw new UserError(`There is no runtime "${text}". There are ${runtimes.map(({ name }) => name).join(", ")}.`);
}

function budgetOf(text: string): Budget {
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*(kB|MB|GB)?$/i.exec(text) ?? [];
  const value = Number(number);
  if (number === undefined || value === 0) {
    throw new UserError(
      `--budget is bits a weight over the whole file, such as 4.25, or its size, such as 4.2GB, not "${text}".`,
    );
  }
  if (unit === undefined) return { bitsPerWeight: value };
  return { bytes: value * { kb: 1e3, mb: 1e6, gb: 1e9 }[unit.toLowerCase()]! };
}

export interface FoundMix {
  /** Rules of a model recipe. */
  rules: string;
  /** By tensor of the scores: a recipe or "keep". */
  recipes: string[];
  /** Indices of recipes; below 0 for what stays as it is stored. */
  choice: Int32Array;
  /** Sum of losses, and of bits: of the file, with what has no scores, and of the cache. */
  loss: number;
  bits: number;
  budgetBits: number;
  cacheBits: number;
  /** What each layer's keys and values got, where they were chosen. */
  cache: FoundCache | null;
  elements: number;
  method: string;
  gap: number;
  fresh: FreshLoss | null;
  notes: string[];
}

export interface FoundCache {
  context: number;
  /** Rules for a cache; "" where all of it stays in float16. */
  rules: string;
  loss: number;
  bits: number;
  layers: { name: string; layer: number; recipe: string; bits: number; kl: number | null; error: number | null }[];
}

const control: AllocationControl = { checkpoint: async () => {} };

/** How tensors are measured again. */
export type Measure = (
  request: ScoresRequest,
  tensors: readonly string[],
  give: (one: TensorScores) => void,
) => Promise<void>;

/** Null where no budget was said. Rejects with UserError for one that is below the least. */
export async function allocate(
  scores: ScoreFile,
  request: ScoresRequest,
  { signal, budget, context, cacheRecipe, runtime }: MixArguments,
  cache: CacheScores | null,
  source: OpenSource,
  again: Measure | null,
): Promise<FoundMix | null> {
  if (!budget) return null;
  const free = tableOf(scores, signal);
  const weights = runtime ? tiedFor(runtime, free, { tied: await isTied(source, scores) }) : free;
  const columns = cache ? cacheTableOf(cache, signal) : null;
  const table = columns ? joinTables([weights, columns]) : weights;
  const fixedCache = context === null || columns ? 0 : cacheSize(await modelOf(source), context, cacheRecipe).bits;
  const fixedBits = fixedBitsOf(scores) + fixedCache;
  const elements = [...weights.items, ...(scores.leftOut ?? [])].reduce((sum, one) => sum + one.elements, 0);
  const budgetBits = "bytes" in budget ? 8 * budget.bytes : budget.bitsPerWeight * elements;
  const all = await frontier(table, constraintsOf(table, { runtime, fixedBits }), control);
  const point = within(all, budgetBits);
  const said = (bits: number) => `${(bits / elements).toFixed(3)} bits a weight (${formatBytes(Math.ceil(bits / 8))})`;
  if (point < 0) {
    throw new UserError(
      `A budget of ${said(budgetBits)} is below the least that these recipes take${runtime ? ` as ${runtime.title} runs them` : ""}, ${said(all.bits[0])}.`,
    );
  }
  const notes = all.left.map(({ items, why }) => `${items.length} tensors stay as they are stored: ${why}`);
  if (cache) {
    notes.push(...cache.notes);
    const { about } = cache.signals[signal];
    if (about !== "" && !onSameText(about, scores.signals[signal].about))
      notes.push("keys and values were scored on other text than tensors: their figures do not quite add up");
  }
  const unsound = noSum(signal, scores);
  if (unsound !== null) notes.push(unsound.replace(/\.$/, ""));
  const most = all.bits[all.bits.length - 1];
  if (point === all.bits.length - 1 && most < budgetBits)
    notes.push(`more than ${said(most)} buys nothing: no tensor has a better recipe`);
  const { choice, loss, bits } = all.at(point);
  const count = scores.tensors.length;
  const given = [...choice].map((at) => (at === STORED ? KEEP_CHOICE : table.choices[at]));
  const recipes = given.slice(0, count);
  const own = choice.slice(0, count).map((at) => (at === STORED || table.choices[at] === KEEP_CHOICE ? -1 : at));
  const chosen = cache && foundCache(cache, signal, given.slice(count), scores.definitions);
  const found: FoundMix = {
    ...{
      recipes,
      choice: own,
      loss,
      bits,
      budgetBits,
      cacheBits: chosen?.bits ?? fixedCache,
      cache: chosen,
      elements,
      method: all.method,
      gap: all.gaps[point],
      notes,
    },
    rules: rulesOf(scores.tensors.map(({ name }, t) => ({ name, recipe: recipes[t] }))),
    fresh: null,
  };
  if (again) found.fresh = await measuredAgain(scores, request, own, again);
  return found;
}

async function measuredAgain(
  scores: ScoreFile,
  request: ScoresRequest,
  choice: Int32Array,
  again: Measure,
): Promise<FreshLoss> {
  const rows: TensorScores[] = [];
  for (const part of freshParts(scores, choice)) {
    await again(freshRequest(request, scores, part, scores.seed + 1), part.tensors, (one) => void rows.push(one));
  }
  return freshLoss(scores, choice, rows);
}

/** Whether the head is the embedding, where both have scores. */
async function isTied(source: OpenSource, { tensors }: ScoreFile): Promise<boolean> {
  const there = (wanted: string) => tensors.some(({ role }) => role === wanted);
  if (!there("embedding") || !there("head")) return false;
  return (await modelOf(source)).tied;
}

function modelOf(source: OpenSource): Promise<MixModel> {
  const { signal } = new AbortController();
  return mixModel(source, () => openModel(source, signal), signal);
}

function foundCache(
  { context, recipes, layers, signals }: CacheScores,
  signal: string,
  given: readonly string[],
  definitions: readonly string[],
): FoundCache {
  const { values, error } = signals[signal];
  const chosen = layers.map(({ name, layer, storedBits, bits }, l) => {
    const r = recipes.indexOf(given[l]);
    if (r < 0) return { name, layer, recipe: KEEP_CHOICE, bits: storedBits, kl: null, error: null };
    return { name, layer, recipe: given[l], bits: bits[r]!, kl: values[l][r], error: error?.[l][r] ?? null };
  });
  return {
    ...{ context, layers: chosen, rules: cacheRules(chosen, definitions) },
    loss: chosen.reduce((sum, { kl }) => sum + (kl ?? 0), 0),
    bits: chosen.reduce((sum, one) => sum + one.bits, 0),
  };
}
