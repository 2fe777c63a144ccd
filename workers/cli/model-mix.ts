/** The best mix of recipes for a budget, from scores: what the page's slider looks up. */
import { constraintsOf } from "../../kernels/allocation/constraints.ts";
import { frontier } from "../../kernels/allocation/frontier.ts";
import { type Runtime, runtimes, tiedFor } from "../../kernels/allocation/runtimes/index.ts";
import { type AllocationControl, STORED, within } from "../../kernels/allocation/types.ts";
import { formatBytes } from "../bytes/format-bytes.ts";
import { UserError } from "../errors/user-error.ts";
import { cacheSize } from "../mixes/cache.ts";
import { mixModel } from "../mixes/model.ts";
import { rulesOf } from "../mixes/rules.ts";
import { openModel } from "../models/open.ts";
import { type FreshLoss, freshLoss, freshParts, freshRequest } from "../scores/fresh.ts";
import { NMSE } from "../scores/signals.ts";
import { fixedBitsOf, KEEP_CHOICE, tableOf } from "../scores/table.ts";
import type { ScoreFile, ScoresRequest, TensorScores } from "../scores/types.ts";
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
  /** The engine that is to run the mix; null for any. */
  runtime: Runtime | null;
}

interface MixValues {
  signal?: string | undefined;
  budget?: string | undefined;
  context?: string | undefined;
  "kv-recipe"?: string | undefined;
  runtime?: string | undefined;
  assign?: string | undefined;
  fresh?: boolean | undefined;
}

/** Reads the options. Throws UserError. */
export function mixArguments(values: MixValues): MixArguments {
  const budget = values.budget === undefined ? null : budgetOf(values.budget);
  if (!budget) {
    const [option] = (["assign", "fresh", "context", "runtime"] as const).filter(
      (name) => values[name] !== undefined && values[name] !== false,
    );
    if (option)
      throw new UserError(`--${option} is about a mix for a budget: say it with --budget 4.25 or --budget 4.2GB.`);
  }
  const context = wholeArgument("--context", values.context, null);
  if (values["kv-recipe"] !== undefined && context === null)
    throw new UserError("--kv-recipe needs --context, the tokens that are kept.");
  const runtime = values.runtime === undefined ? null : runtimeOf(values.runtime);
  return { signal: values.signal ?? NMSE, budget, context, cacheRecipe: values["kv-recipe"] ?? "", runtime };
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
  elements: number;
  method: string;
  gap: number;
  fresh: FreshLoss | null;
  notes: string[];
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
  source: OpenSource,
  again: Measure | null,
): Promise<FoundMix | null> {
  if (!budget) return null;
  const free = tableOf(scores, signal);
  const table = runtime ? tiedFor(runtime, free, { tied: await isTied(source, scores) }) : free;
  const cacheBits = context === null ? 0 : await cacheBitsOf(source, context, cacheRecipe);
  const fixedBits = fixedBitsOf(scores) + cacheBits;
  const elements = [...table.items, ...(scores.leftOut ?? [])].reduce((sum, one) => sum + one.elements, 0);
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
  const most = all.bits[all.bits.length - 1];
  if (point === all.bits.length - 1 && most < budgetBits)
    notes.push(`more than ${said(most)} buys nothing: no tensor has a better recipe`);
  const { choice, loss, bits } = all.at(point);
  const recipes = [...choice].map((at) => (at === STORED ? KEEP_CHOICE : table.choices[at]));
  const own = choice.map((at) => (at === STORED || table.choices[at] === KEEP_CHOICE ? -1 : at));
  const found: FoundMix = {
    ...{
      recipes,
      choice: own,
      loss,
      bits,
      budgetBits,
      cacheBits,
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
  const { signal } = new AbortController();
  return (await mixModel(source, () => openModel(source, signal), signal)).tied;
}

async function cacheBitsOf(source: OpenSource, context: number, recipe: string): Promise<number> {
  const { signal } = new AbortController();
  const model = await mixModel(source, () => openModel(source, signal), signal);
  return cacheSize(model, context, recipe).bits;
}
