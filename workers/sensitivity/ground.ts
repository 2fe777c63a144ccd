/** What the signals that run a model stand on: the text cut into windows, the tensors that are scored, and the recipes. */
import { parseDefinition, parseRecipe, printRecipe } from "../../kernels/notation/index.ts";
import { UserError } from "../errors/user-error.ts";
import { NO_RECIPE } from "../lm/recipe.ts";
import type { LmSetup } from "../lm/setup.ts";
import { type Makings, RecipeSide } from "../lm/side.ts";
import { prepare, type Work } from "../lm/work.ts";
import type { BoundPart } from "../models/model.ts";
import type { Of } from "../models/running.ts";
import type { OriginText } from "../models/text/origin.ts";
import type { JobControl } from "../pace/pace.ts";
import type { SensitivityRequest } from "./request.ts";

/** A stored tensor that is scored, with the first part of the network that is made of it. */
export interface Scored {
  tensor: string;
  bound: BoundPart;
  of: Of;
}

/** What a layer keeps of tokens, keys and values together, by the name of its attention: rules for caches begin with it. */
export interface ScoredCache {
  cache: string;
  layer: number;
}

/** What is quantized while all else stays as it is: weights, and keys and values of layers. */
export type Change = readonly ({ tensor: string; recipe: string } | (ScoredCache & { recipe: string }))[];

export type GroundRequest = Pick<
  SensitivityRequest,
  "recipes" | "windows" | "tensors" | "definitions" | "device" | "budget" | "cacheRecipes"
> & { text: OriginText };

export interface Ground {
  setup: LmSetup;
  work: Work;
  makings: Makings;
  tensors: Scored[];
  /** Canonical. */
  recipes: string[];
  /** Layers that keep keys and values, where these are scored; and the recipes for them, canonical. */
  caches: ScoredCache[];
  cacheRecipes: string[];
  definitions: string[];
  /** Bytes that all of it may take; null: what is usual. */
  budget: number | null;
  control: JobControl;
}

/** Rejects with UserError or RecipeError for whatever makes no sense, or with AbortError. */
export async function groundOf(setup: LmSetup, asked: GroundRequest, control: JobControl): Promise<Ground> {
  const { definitions } = asked;
  const work = await prepare(setup, { ...asked, a: null, b: null }, { ...control, give() {} });
  const { weights } = work.bench;
  const known = definitions.map((text) => parseDefinition(text));
  const options = { definitions: known };
  const canonical = (texts: readonly string[]) => {
    const all = texts.map((text) => printRecipe(parseRecipe(text, options), options));
    const twice = all.find((text, i) => all.indexOf(text) < i);
    if (twice !== undefined) throw new UserError(`${twice} is among the recipes twice.`);
    return all;
  };
  const recipes = canonical(asked.recipes);
  const cacheRecipes = canonical(asked.cacheRecipes ?? []);
  const caches = cacheRecipes.length === 0 ? [] : cachesOf(setup);
  const all = weights.tensors.map(({ bound, of }): Scored => ({ tensor: bound.stored.tensor, bound, of }));
  const tensors = asked.tensors
    ? asked.tensors.map((name) => {
        const found = all.find(({ tensor }) => tensor === name);
        if (!found) throw new UserError(`The network has no tensor ${name}: nothing it computes depends on it.`);
        return found;
      })
    : all.filter(({ bound: { part } }) => part.linear && part.role !== "head");
  if (tensors.length === 0 && caches.length === 0) throw new UserError("No tensor is asked for.");
  const makings = { model: setup.model, weights, backends: setup.backends, calibration: setup.calibration };
  return {
    ...{ setup, work, makings, tensors, recipes, caches, cacheRecipes, definitions, control },
    budget: asked.budget,
  };
}

/** Layers whose attention keeps keys and values. */
function cachesOf({ model: { architecture } }: LmSetup): ScoredCache[] {
  return Array.from({ length: architecture.layers }, (_, layer) => layer).flatMap((layer) =>
    architecture.sites(layer).some(({ kind }) => kind === "keys" || kind === "values")
      ? [{ cache: architecture.design(layer).attention.name, layer }]
      : [],
  );
}

/** A change as a side of the model. Throws RecipeError. */
export function sideOf({ makings, definitions, control }: Ground, change: Change): RecipeSide {
  const weights = change.flatMap((one) => ("tensor" in one ? [`${one.tensor}=${one.recipe}`] : [])).join(";");
  const cache = change.flatMap((one) => ("cache" in one ? [`${one.cache}.*=${one.recipe}`] : [])).join(";");
  return new RecipeSide("a", { ...NO_RECIPE, weights, cache }, definitions, makings, control.signal);
}

/** Where a window first meets a change: a layer; -1 where it is embedded, `layers` where only the head is changed. */
export function firstOf({ setup, work }: Ground, change: Change): number {
  const { architecture, parts } = setup.model;
  const { norm, head } = architecture.ends;
  const behind = [norm?.weight, norm?.bias, head.weight, head.bias];
  const places = change.map((one) => {
    if ("cache" in one) return one.layer;
    const { tensor } = one;
    const { of } = work.bench.weights.tensors.find(({ bound }) => bound.stored.tensor === tensor)!;
    if (of !== "ends") return of;
    const made = architecture.parts("ends").filter(({ name }) => parts.get(name)?.stored.tensor === tensor);
    return made.every(({ name }) => behind.includes(name)) ? architecture.layers : -1;
  });
  return Math.min(...places);
}
