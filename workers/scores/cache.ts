/** Scores of the cache of keys and values: their bits at a context, and the table that an allocation is made from. */
import { type CacheColumn, cacheTable } from "../../kernels/allocation/columns.ts";
import type { AllocationTable } from "../../kernels/allocation/types.ts";
import { RecipeError } from "../../kernels/grammar/errors.ts";
import {
  parseDefinition,
  parseModelRecipe,
  parseRecipe,
  printModelRecipe,
  printRecipe,
} from "../../kernels/notation/index.ts";
import { UserError } from "../errors/user-error.ts";
import { cacheSize } from "../mixes/cache.ts";
import type { MixModel } from "../mixes/types.ts";
import { KEEP_CHOICE } from "./table.ts";
import type { CacheScores, ScoredCache } from "./types.ts";

/**
 * The cache of a model before anything is measured: its layers with their bits at `context` tokens. A recipe whose bits cannot be counted is
 * refused for the layer.
 *
 * @throws {UserError} where nothing says how layers keep keys and values, for a context that is none, and for a recipe that stands twice.
 * @throws {RecipeError} for a recipe that cannot be read.
 */
export function plannedCache(
  model: Pick<MixModel, "cache" | "label">,
  texts: readonly string[],
  context: number,
  definitionTexts: readonly string[],
): CacheScores {
  const definitions = definitionTexts.map((text) => parseDefinition(text));
  const recipes = texts.map((text) => printRecipe(parseRecipe(text, { definitions }), { definitions }));
  const twice = recipes.find((text, i) => recipes.indexOf(text) < i);
  if (twice !== undefined) throw new UserError(`${twice} is among the recipes of the cache twice.`);
  const plain = cacheSize(model, context, "");
  const layers = model.cache!.map((one, layer): ScoredCache => {
    const tokens = one.window === null ? context : Math.min(context, one.window);
    const counted = recipes.map((recipe) => {
      try {
        return { bits: cacheSize({ ...model, cache: [one] }, context, recipe, definitions).bits, refused: null };
      } catch (error) {
        if (!(error instanceof RecipeError)) throw error;
        return { bits: null, refused: error.message };
      }
    });
    return {
      ...{ name: one.name, layer, elements: tokens * one.keyHeads * (one.keySize + one.valueSize) },
      storedBits: plain.layers[layer],
      bits: counted.map(({ bits }) => bits),
      refused: counted.map(({ refused }) => refused),
    };
  });
  return { context, recipes, layers, signals: {}, notes: plain.notes };
}

/** The same with figures that were measured, by names of layers and texts of recipes; null where there are none. */
export function withFigures(plan: CacheScores, signal: string, made: CacheFigures | null): CacheScores {
  const found = plan.layers.map(({ name }) =>
    plan.recipes.map((recipe) => {
      const [l, r] = made ? [made.layers.indexOf(name), made.recipes.indexOf(recipe)] : [-1, -1];
      if (!made || l < 0 || r < 0) return { value: null, error: null, refused: null };
      return { value: made.values[l][r], error: made.error?.[l][r] ?? null, refused: made.refused[l][r] };
    }),
  );
  return {
    ...plan,
    layers: plan.layers.map((layer, l) => ({
      ...layer,
      refused: layer.refused.map((why, r) => why ?? found[l][r].refused),
    })),
    signals: {
      ...plan.signals,
      [signal]: {
        values: found.map((row) => row.map(({ value }) => value)),
        error: found.map((row) => row.map(({ error }) => error)),
        about: made?.about ?? "",
      },
    },
  };
}

/** What a file knows of a signal, for a plan at another context or of fewer recipes; null where it does not have the signal. */
export function figuresOf({ recipes, layers, signals }: CacheScores, signal: string): CacheFigures | null {
  if (!Object.hasOwn(signals, signal)) return null;
  const { values, error, about } = signals[signal];
  const refused = layers.map((layer) => layer.refused);
  return { layers: layers.map(({ name }) => name), recipes, values, error, refused, about };
}

/** Recipes that must be measured: none where all have what they can have, else all of them, on one text. Such as no layer takes are not among them. */
export function recipesToScore({ recipes, layers, signals }: CacheScores, signal: string): string[] {
  const open = recipes.map((_, r) => layers.flatMap(({ refused }, l) => (refused[r] === null ? [l] : [])));
  const done = open.every((of, r) => of.every((l) => (signals[signal]?.values[l][r] ?? null) !== null));
  return done ? [] : recipes.filter((_, r) => open[r].length > 0);
}

/** Figures of one signal, wherever they come from. */
export interface CacheFigures {
  layers: readonly string[];
  recipes: readonly string[];
  values: readonly (readonly (number | null)[])[];
  error?: readonly (readonly (number | null)[])[] | undefined;
  refused: readonly (readonly (string | null)[])[];
  about: string;
}

/** An item for each layer: its keys and values get one choice, float16 (`keep`) being the last. @throws {UserError} for a signal it does not have. */
export function cacheTableOf({ recipes, layers, signals }: CacheScores, signal: string): AllocationTable {
  const found = Object.hasOwn(signals, signal) ? signals[signal] : null;
  if (!found) throw new UserError(`The scores of the cache have no signal "${signal}".`);
  const table = cacheTable(
    [...recipes, KEEP_CHOICE],
    layers.map(({ name, layer, elements, storedBits, bits, refused }, l): CacheColumn => {
      const value = (r: number) => (refused[r] === null ? (found.values[l][r] ?? Number.NaN) : Number.NaN);
      return {
        ...{ name, layer, role: "cache", elements, stored: storedBits },
        bits: [...bits.map((one) => one ?? Number.NaN), storedBits],
        loss: [...recipes.map((_, r) => value(r)), 0],
        ...(found.error && { deviation: [...recipes.map((_, r) => found.error?.[l][r] ?? 0), 0] }),
      };
    }),
  );
  const refused = (item: number, choice: number) =>
    table.refused(item, choice) && (layers[item].refused[choice] ?? table.refused(item, choice));
  return { ...table, refused };
}

/** What layers were given as rules for the cache, `NAME.*=recipe`, canonical; "" where all stay in float16. */
export function cacheRules(
  layers: readonly { name: string; recipe: string }[],
  definitionTexts: readonly string[],
): string {
  const definitions = definitionTexts.map((text) => parseDefinition(text));
  const chosen = layers.filter(({ recipe }) => recipe !== KEEP_CHOICE);
  if (chosen.length === 0) return "";
  const [{ recipe }] = chosen;
  const alike = chosen.length === layers.length && chosen.every((one) => one.recipe === recipe);
  const text = alike ? `*=${recipe}` : chosen.map(({ name, recipe: own }) => `${name}.*=${own}`).join(";");
  return printModelRecipe(parseModelRecipe(text, { definitions }), { definitions });
}
