/** What keys and values of a context take: counted from the architecture and the cache's recipes, without a run. */
import type { Definition, Recipe } from "../../kernels/grammar/ast.ts";
import { RecipeError } from "../../kernels/grammar/errors.ts";
import { prepareRecipe } from "../../kernels/index.ts";
import { matchRule, parseModelRecipe, printModelRecipe } from "../../kernels/notation/index.ts";
import { isStreamed } from "../../kernels/steps/step.ts";
import { UserError } from "../errors/user-error.ts";
import type { CacheLayer, MixModel } from "./types.ts";

export interface CacheSize {
  /** Bits of all layers. */
  bits: number;
  /** Of each layer, keys and values together. */
  layers: number[];
  /** The rules, canonical; "" where the cache is float16. */
  recipe: string;
  notes: string[];
}

/** What engines keep without a recipe: float16, or bfloat16. */
const PLAIN_BITS = 16;

/**
 * Bits of the cache at `context` tokens of one sequence. `recipe`: one for all keys and values, or rules over
 * `ATTENTION.keys.HEAD` and `ATTENTION.values.HEAD`; what no rule names is float16. A layer with a window holds no more tokens than that.
 *
 * @throws {UserError} where nothing says how the layers keep keys and values, and for a context that is no whole number above 0.
 * @throws {RecipeError} for rules that cannot be read, or whose bits follow from values alone.
 */
export function cacheSize(
  { cache, label }: Pick<MixModel, "cache" | "label">,
  context: number,
  recipe: string,
  definitions: readonly Definition[] = [],
): CacheSize {
  if (!(Number.isInteger(context) && context > 0))
    throw new UserError(`A context of ${context} tokens is none: give a whole number above 0.`);
  if (!cache)
    throw new UserError(`Nothing says how the layers of ${label} keep keys and values: its cache cannot be counted.`);
  const options = { definitions: [...definitions] };
  const text = recipe.trim();
  const rules = text === "" ? [] : parseModelRecipe(/^[^(]*=/.test(text) ? text : `*=${text}`, options);
  const known = new Map<Recipe, Map<string, number>>();
  const headBits = (name: string, tokens: number, size: number): number => {
    const rule = matchRule(rules, name)?.recipe ?? null;
    if (!rule) return PLAIN_BITS * tokens * size;
    const sizes = known.get(rule) ?? new Map<string, number>();
    known.set(rule, sizes);
    const key = `${tokens} ${size}`;
    const bits = sizes.get(key) ?? bitsOf(rule, options.definitions, tokens, size);
    sizes.set(key, bits);
    return bits;
  };
  const layers = cache.map((layer) => layerBits(layer, context, headBits));
  return {
    bits: layers.reduce((sum, bits) => sum + bits, 0),
    layers,
    recipe: printModelRecipe(rules, options),
    notes: notesOf(cache, context),
  };
}

function layerBits(
  { name, keyHeads, keySize, valueSize, window }: CacheLayer,
  context: number,
  headBits: (name: string, tokens: number, size: number) => number,
): number {
  const tokens = window === null ? context : Math.min(context, window);
  let bits = 0;
  for (let head = 0; head < keyHeads; head++)
    bits += headBits(`${name}.keys.${head}`, tokens, keySize) + headBits(`${name}.values.${head}`, tokens, valueSize);
  return bits;
}

/** Whole bits of a head: its rows are tokens. */
function bitsOf(recipe: Recipe, definitions: Definition[], rows: number, cols: number): number {
  const plan = prepareRecipe(recipe, definitions, rows, cols);
  const bits = plan.bits.reduce((sum, { bitsPerWeight }) => sum + bitsPerWeight, 0);
  const unknown = plan.code !== null || plan.module !== undefined || !plan.steps.every(isStreamed);
  if (unknown && !(bits > 0))
    throw new RecipeError(`${plan.text}: its bits follow from the values, and a cache is counted without any`);
  if (unknown) throw new RecipeError(`${plan.text} keeps more beside its codes than can be counted without values`);
  return Math.round(bits * rows * cols);
}

function notesOf(cache: readonly CacheLayer[], context: number): string[] {
  const short = cache.filter(({ window }) => window !== null && window < context).length;
  if (short === 0) return [];
  const of = short === cache.length ? "All layers have" : `${short} of ${cache.length} layers have`;
  return [`${of} a window: they hold its tokens alone. Engines may hold more of them, a batch or the whole context.`];
}
