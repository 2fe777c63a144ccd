/** Rules of a model recipe as they are read: which tensors each of them touches. */
import type { Definition } from "../../../kernels/grammar/ast.ts";
import { RecipeError } from "../../../kernels/grammar/errors.ts";
import { KEEP, matchRule, parseModelRecipe, parseRecipe, printRecipe } from "../../../kernels/notation/index.ts";
import { NO_RECIPE, readModelRecipe } from "../../../workers/lm/recipe.ts";
import type { Mistake } from "../../controls/parsed.ts";
import { messageOf } from "../../state/notices.ts";
import type { NetworkPart } from "./parts.ts";

export interface RuleUse {
  /** Null for a recipe without a pattern, which is for the linear weights of all layers. */
  pattern: string | null;
  /** Canonical; `keep` where it leaves tensors as they are stored. */
  recipe: string;
  keeps: boolean;
  /** Names of the tensors that it is the first rule for. */
  touches: string[];
  /** Those of them that are no weights of linear layers: norms, biases, embeddings. */
  others: number;
  /** Tensors that it matches after an earlier rule did. */
  late: number;
}

export interface ReadRules {
  uses: readonly RuleUse[];
  /** The recipe of a tensor; null where it is kept. */
  recipeOf(name: string): string | null;
  /** The number of the rule that a tensor has, from 1; null where no rule names it. */
  numberOf(name: string): number | null;
  mistake: Mistake | null;
}

const nothing: ReadRules = { uses: [], recipeOf: () => null, numberOf: () => null, mistake: null };

type Tensor = Pick<NetworkPart, "name" | "linear" | "role">;

/** In a recipe `=` stands inside parentheses only; stars, marks and semicolons are of patterns and lists of them. */
const hasPattern = (text: string): boolean => /^[^(]*[=*?;]/.test(text);

const asMistake = (error: unknown): Mistake => {
  const { column, remedies } = error instanceof RecipeError ? error : { column: null, remedies: [] };
  return { message: messageOf(error), column, remedies };
};

/** Reads rules over the tensors of a model, each once. No text is no rules. */
export function readModelRules(
  text: string,
  tensors: readonly Tensor[],
  definitions: readonly Definition[] = [],
): ReadRules {
  const trimmed = text.trim();
  if (trimmed === "") return nothing;
  try {
    return hasPattern(trimmed) ? readPatterns(trimmed, tensors, definitions) : readAlone(trimmed, tensors, definitions);
  } catch (error) {
    return { ...nothing, mistake: asMistake(error) };
  }
}

function readAlone(text: string, tensors: readonly Tensor[], definitions: readonly Definition[]): ReadRules {
  const recipe = printRecipe(parseRecipe(text, { definitions }), { definitions });
  const touches = tensors.filter(({ linear, role }) => linear && role !== "head").map(({ name }) => name);
  const own = new Set(touches);
  return {
    uses: [{ pattern: null, recipe, keeps: false, touches, others: 0, late: 0 }],
    recipeOf: (name) => (own.has(name) ? recipe : null),
    numberOf: (name) => (own.has(name) ? 1 : null),
    mistake: null,
  };
}

function readPatterns(text: string, tensors: readonly Tensor[], definitions: readonly Definition[]): ReadRules {
  const rules = parseModelRecipe(text, { definitions });
  const printed = rules.map(({ recipe }) => (recipe ? printRecipe(recipe, { definitions }) : KEEP));
  const uses = rules.map(({ pattern, recipe }, i): RuleUse => {
    return { pattern, recipe: printed[i], keeps: recipe === null, touches: [], others: 0, late: 0 };
  });
  // Asked for again and again, of thousands of names.
  const known = new Map<string, number>();
  for (const { name, linear } of tensors) {
    const first = matchRule(rules, name);
    known.set(name, first ? rules.indexOf(first) : -1);
    if (!first) continue;
    rules.forEach((rule, i) => {
      if (rule === first) {
        uses[i].touches.push(name);
        if (!linear) uses[i].others++;
      } else if (rules.indexOf(first) < i && matchRule([rule], name)) uses[i].late++;
    });
  }
  const indexOf = (name: string): number => known.get(name) ?? -1;
  const recipeOf = (name: string) => {
    const at = indexOf(name);
    return at < 0 || uses[at].keeps ? null : printed[at];
  };
  return { uses, recipeOf, numberOf: (name) => indexOf(name) + 1 || null, mistake: null };
}

/** What is wrong with rules for activations, or for the cache; null where nothing is. */
export function mistakeOf(list: "activations" | "cache", text: string, definitions: readonly string[]): Mistake | null {
  try {
    readModelRecipe({ ...NO_RECIPE, [list]: text }, definitions);
    return null;
  } catch (error) {
    return asMistake(error);
  }
}
