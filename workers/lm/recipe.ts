/** Which recipe each weight, each input and each head of a cache gets. */
import type { ActivationsRecipe } from "../../kernels/backends/options.ts";
import type { Definition, Recipe } from "../../kernels/grammar/ast.ts";
import { RecipeError } from "../../kernels/grammar/errors.ts";
import {
  matchRule,
  parseDefinition,
  parseModelRecipe,
  printModelRecipe,
  printRecipe,
} from "../../kernels/notation/index.ts";
import { readRules } from "../export/rules.ts";
import type { BoundPart } from "../models/model.ts";
import { activationsText, parseActivations } from "../runs/activations.ts";
import type { ModelRecipe } from "./request.ts";

export const NO_RECIPE: ModelRecipe = { weights: "", activations: "", cache: "" };

export interface ReadModelRecipe {
  /** Canonical. */
  text: ModelRecipe;
  definitions: string[];
  /** Canonical; null where the weight stays as it is stored. */
  weight(bound: BoundPart): string | null;
  /** How the input that a weight meets is quantized; null: not at all. */
  input(bound: BoundPart): ActivationsRecipe | null;
  /** How a head of keys or values is quantized, `SITE.HEAD` by name; null: not at all. */
  cache(name: string): Recipe | null;
  /** Whether inputs or caches are quantized at all. */
  taps: boolean;
}

/** A recipe without a pattern is for the linear weights of the layers: embeddings, norms and the head have to be named. */
const isOfLayers = ({ part }: BoundPart): boolean => part.linear && part.role !== "head";

/** Names which list a mistake is in. */
function inList<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof RecipeError) || what === "") throw error;
    throw new RecipeError(`${what}: ${error.message}`, error.column, error.remedies);
  }
}

/** Reads rules. Throws RecipeError, which says in which of the lists. */
export function readModelRecipe(recipe: ModelRecipe, definitions: readonly string[]): ReadModelRecipe {
  const known = definitions.map((text) => parseDefinition(text));
  const options = { definitions: known };
  const weights = isEmpty(recipe.weights) ? null : readRules(recipe.weights, known);
  const activations = inList("activations", () => readActivations(recipe.activations, known));
  const cache = isEmpty(recipe.cache)
    ? null
    : inList("KV cache", () => {
        const text = hasPattern(recipe.cache) ? recipe.cache : `*=${recipe.cache}`;
        return parseModelRecipe(text, options);
      });
  return {
    text: {
      weights: weights?.text ?? "",
      activations: activations?.text ?? "",
      cache: cache ? printModelRecipe(cache, options) : "",
    },
    definitions: [...definitions],
    weight(bound) {
      if (!weights || (!weights.many && !isOfLayers(bound))) return null;
      const tree = weights.recipeOf(bound.stored.tensor);
      return tree && printRecipe(tree, options);
    },
    input: (bound) => (bound.part.linear ? (activations?.of(bound) ?? null) : null),
    cache: (name) => (cache && matchRule(cache, name)?.recipe) ?? null,
    taps: activations !== null || cache !== null,
  };
}

const isEmpty = (text: string): boolean => text.trim() === "";
/** In a recipe `=` stands inside parentheses only. */
const hasPattern = (text: string): boolean => /^[^(]*=/.test(text);

interface Activations {
  text: string;
  of(bound: BoundPart): ActivationsRecipe | null;
}

const SCALES_WORD = /^\s*(static|dynamic)\s+/;

/** Columns of mistakes as they are in the text that has more than what was parsed. */
function withColumns<T>(taken: readonly { at: number; count: number }[], read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof RecipeError) || error.column === null) throw error;
    const { column } = error;
    const more = taken.reduce((sum, { at, count }) => (at < column ? sum + count : sum), 0);
    throw new RecipeError(error.message, column + more);
  }
}

/** `pattern=[static] recipe` rules, or one `[static] recipe` for the inputs of all linear weights but the head's. */
function readActivations(text: string, definitions: Definition[]): Activations | null {
  if (isEmpty(text)) return null;
  const options = { definitions };
  if (!hasPattern(text)) {
    const one = parseActivations(text, definitions);
    return { text: activationsText(one), of: (bound) => (isOfLayers(bound) ? one : null) };
  }
  const scales: ActivationsRecipe["scales"][] = [];
  /** Where in the text that is parsed something was taken out, and how much. */
  const taken: { at: number; count: number }[] = [];
  let plain = "";
  for (const [i, rule] of text.split(";").entries()) {
    if (i > 0) plain += ";";
    const at = rule.indexOf("=") + 1;
    const [found = "", word] = SCALES_WORD.exec(rule.slice(at)) ?? [];
    scales.push(word === "static" ? "static" : "dynamic");
    plain += rule.slice(0, at);
    taken.push({ at: plain.length, count: found.length });
    plain += rule.slice(at + found.length);
  }
  const rules = withColumns(taken, () => parseModelRecipe(plain, options));
  const recipes = rules.map(
    ({ recipe }, i): ActivationsRecipe | null => recipe && { recipe, definitions, scales: scales[i] },
  );
  return {
    text: rules.map(({ pattern }, i) => `${pattern}=${recipes[i] ? activationsText(recipes[i]) : "keep"}`).join(";"),
    of: ({ stored }) => {
      const rule = matchRule(rules, stored.tensor);
      return rule ? recipes[rules.indexOf(rule)] : null;
    },
  };
}
