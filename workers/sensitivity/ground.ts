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

/** Weights that are quantized while all others stay as they are. */
export type Change = readonly { tensor: string; recipe: string }[];

export type GroundRequest = Pick<
  SensitivityRequest,
  "recipes" | "windows" | "tensors" | "definitions" | "device" | "budget"
> & { text: OriginText };

export interface Ground {
  setup: LmSetup;
  work: Work;
  makings: Makings;
  tensors: Scored[];
  /** Canonical. */
  recipes: string[];
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
  const recipes = asked.recipes.map((text) => printRecipe(parseRecipe(text, options), options));
  const twice = recipes.find((text, i) => recipes.indexOf(text) < i);
  if (twice !== undefined) throw new UserError(`${twice} is among the recipes twice.`);
  const all = weights.tensors.map(({ bound, of }): Scored => ({ tensor: bound.stored.tensor, bound, of }));
  const tensors = asked.tensors
    ? asked.tensors.map((name) => {
        const found = all.find(({ tensor }) => tensor === name);
        if (!found) throw new UserError(`The network has no tensor ${name}: nothing it computes depends on it.`);
        return found;
      })
    : all.filter(({ bound: { part } }) => part.linear && part.role !== "head");
  if (tensors.length === 0) throw new UserError("No tensor is asked for.");
  const makings = { model: setup.model, weights, backends: setup.backends, calibration: setup.calibration };
  return { setup, work, makings, tensors, recipes, definitions, control, budget: asked.budget };
}

/** A change as a side of the model. Throws RecipeError. */
export function sideOf({ makings, definitions, control }: Ground, change: Change): RecipeSide {
  const weights = change.map(({ tensor, recipe }) => `${tensor}=${recipe}`).join(";");
  return new RecipeSide("a", { ...NO_RECIPE, weights }, definitions, makings, control.signal);
}

/** Where a window first meets a changed weight: a layer; -1 where it is embedded, `layers` where only the head is changed. */
export function firstOf({ setup, work }: Ground, change: Change): number {
  const { architecture, parts } = setup.model;
  const { norm, head } = architecture.ends;
  const behind = [norm?.weight, norm?.bias, head.weight, head.bias];
  const places = change.map(({ tensor }) => {
    const { of } = work.bench.weights.tensors.find(({ bound }) => bound.stored.tensor === tensor)!;
    if (of !== "ends") return of;
    const made = architecture.parts("ends").filter(({ name }) => parts.get(name)?.stored.tensor === tensor);
    return made.every(({ name }) => behind.includes(name)) ? architecture.layers : -1;
  });
  return Math.min(...places);
}
