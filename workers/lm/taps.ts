/** Quantizes what a window meets on its way: the inputs of linear layers, and the keys and values that a cache would hold. */
import { type InputsJob, type InputsQuantizer, quantizerOfInputs } from "../../kernels/engine/inputs.ts";
import type { Recipe } from "../../kernels/grammar/ast.ts";
import { RecipeError } from "../../kernels/grammar/errors.ts";
import type { Site, Taps } from "../../kernels/network/index.ts";
import { parseDefinition, printRecipe } from "../../kernels/notation/index.ts";
import type { Backends } from "../backends/backends.ts";
import type { BoundPart, Model } from "../models/model.ts";
import type { Of } from "../models/running.ts";
import { pacer } from "../pace/pace.ts";
import type { ReadModelRecipe } from "./recipe.ts";
import type { KnownInputs, QuantizedWeight } from "./weights.ts";

/** The name that rules for the cache see of a head: the attention, "keys" or "values", and the number of the key-value head. */
export const cacheName = ({ name }: Site, head: number): string => `${name}.${head}`;

export interface TapsOptions {
  model: Model;
  recipe: ReadModelRecipe;
  /** What the transforms of a quantized weight do to its inputs; undefined where it stays as it is stored. */
  inputsOf(tensor: string): QuantizedWeight["inputs"] | undefined;
  calibration: KnownInputs | null;
  backends: Backends;
  signal: AbortSignal;
}

/** Looks that a side takes at its windows. Undefined for a layer in which it takes none. */
export class SideTaps {
  readonly #options: TapsOptions;
  readonly #job: InputsJob;
  readonly #inputs = new Map<string, Promise<InputsQuantizer>>();
  readonly #layers = new Map<Of, Taps | undefined>();

  constructor(options: TapsOptions) {
    this.#options = options;
    const pace = pacer(options.signal);
    this.#job = { checkpoint: pace, backend: (plan) => options.backends.onProcessor(plan) };
  }

  of(of: Of): Taps | undefined {
    if (!this.#layers.has(of)) this.#layers.set(of, this.#make(of));
    return this.#layers.get(of);
  }

  /**
   * Makes what quantizes keys and values of a layer before windows of so many tokens meet it. Rejects with RecipeError for a recipe that
   * does not fit them.
   */
  async readyCache(of: Of, tokens: readonly number[]): Promise<void> {
    for (const site of this.#options.model.architecture.sites(of)) {
      for (const rule of this.#cacheRules(site) ?? []) {
        const quantizer = rule && (await this.#cache(rule, site.cols / site.heads, site));
        for (const count of tokens) quantizer?.bits(count);
      }
    }
  }

  #make(of: Of): Taps | undefined {
    const { recipe, model } = this.#options;
    if (!recipe.taps) return undefined;
    const wanted = new Map<string, (values: Float32Array, rows: number) => ReturnType<Taps["at"]>>();
    for (const site of model.architecture.sites(of)) {
      const at = site.kind === "input" ? this.#atInput(site) : this.#atCache(site);
      if (at) wanted.set(keyOf(site), at);
    }
    if (wanted.size === 0) return undefined;
    return {
      wants: (site) => wanted.has(keyOf(site)),
      at: (site, values, rows) => wanted.get(keyOf(site))!(values, rows),
    };
  }

  #atInput(site: Site) {
    const { model, recipe } = this.#options;
    const readers = site.readers.flatMap((name) => model.parts.get(name) ?? []);
    const rules = readers.map((bound) => recipe.input(bound));
    const named = rules.filter((rule) => rule !== null);
    if (named.length === 0) return null;
    return async (values: Float32Array, rows: number) => {
      const by = await Promise.all(readers.map((bound, i) => (rules[i] ? this.#quantizer(bound, site) : null)));
      const out: Float32Array[] = [];
      const made = new Map<InputsQuantizer, Float32Array>();
      for (const quantizer of by) {
        const own = quantizer ? (made.get(quantizer) ?? (await quantizer.quantize(values))) : values;
        if (quantizer) made.set(quantizer, own);
        out.push(own);
      }
      return besideEachOther(out, rows, site);
    };
  }

  /** Weights that do the same to their inputs share what is made of them. */
  async #quantizer(bound: BoundPart, { cols }: Site): Promise<InputsQuantizer> {
    const { recipe, inputsOf, calibration, signal } = this.#options;
    const activations = recipe.input(bound)!;
    const weight = inputsOf(bound.stored.tensor);
    const steps = weight ? weight.duals.filter((dual) => dual !== null) : [];
    // Rotations by their parameters alone do the same to every input; what was fitted to a weight is its own.
    const alike = steps.every((dual) => dual?.kind === "rows");
    const transforms = weight?.plan.recipe.before ?? [];
    const rule = `${activations.scales} ${printRecipe(activations.recipe, { definitions: activations.definitions })}`;
    const own = alike ? JSON.stringify([steps.length > 0 ? transforms : [], cols]) : bound.stored.tensor;
    const needsOwn = activations.scales === "static" ? bound.stored.tensor : "";
    const key = JSON.stringify([rule, own, needsOwn]);
    const known = this.#inputs.get(key);
    if (known) return known;
    const control = { signal, progress: () => {} };
    const made = (async () => {
      const { tensor } = bound.stored;
      const inputs =
        calibration?.open.has(tensor) && activations.scales === "static"
          ? await calibration.open.of({ name: tensor, cols }, control)
          : null;
      return quantizerOfInputs(activations, cols, weight ?? null, inputs, this.#job).catch((error: unknown) => {
        if (!(error instanceof RecipeError)) throw error;
        throw new RecipeError(`inputs of ${tensor}: ${error.message}`);
      });
    })();
    this.#inputs.set(key, made);
    return made;
  }

  /** Of each head; null where no rule names one. */
  #cacheRules(site: Site): (Recipe | null)[] | null {
    if (site.kind !== "keys" && site.kind !== "values") return null;
    const { recipe } = this.#options;
    const rules = Array.from({ length: site.heads }, (_, head) => recipe.cache(cacheName(site, head)));
    return rules.every((rule) => rule === null) ? null : rules;
  }

  #atCache(site: Site) {
    const rules = this.#cacheRules(site);
    if (!rules) return null;
    const size = site.cols / site.heads;
    return async (values: Float32Array, rows: number) => {
      const out = values.slice();
      for (const [head, rule] of rules.entries()) {
        if (!rule) continue;
        const own = new Float32Array(rows * size);
        for (let r = 0; r < rows; r++)
          own.set(values.subarray(r * site.cols + head * size, r * site.cols + (head + 1) * size), r * size);
        const quantized = await (await this.#cache(rule, size, site)).quantize(own);
        for (let r = 0; r < rows; r++)
          out.set(quantized.subarray(r * size, (r + 1) * size), r * site.cols + head * size);
      }
      return out;
    };
  }

  #cache(recipe: Recipe, size: number, { name }: Site): Promise<InputsQuantizer> {
    const definitions = this.#options.recipe.definitions.map((text) => parseDefinition(text));
    const key = `cache ${size} ${printRecipe(recipe, { definitions })}`;
    let made = this.#inputs.get(key);
    if (!made) {
      made = quantizerOfInputs({ recipe, definitions, scales: "dynamic" }, size, null, null, this.#job).catch(
        (error: unknown) => {
          if (!(error instanceof RecipeError)) throw error;
          throw new RecipeError(`${name}: ${error.message}`);
        },
      );
      this.#inputs.set(key, made);
    }
    return made;
  }
}

const keyOf = ({ name, kind, expert }: Site): string => JSON.stringify([name, kind, expert ?? null]);

/** One array where all readers meet the same, else one for each, side by side in each row. */
function besideEachOther(out: readonly Float32Array[], rows: number, { name, cols, expert }: Site): Float32Array {
  const [first, ...rest] = out;
  if (rest.every((other) => other === first)) return first;
  if (expert !== undefined) {
    throw new RecipeError(
      `${name}: the weights of an expert that share an input need the same recipe and transforms for it`,
    );
  }
  const all = new Float32Array(out.length * first.length);
  for (const [i, values] of out.entries()) {
    for (let r = 0; r < rows; r++) all.set(values.subarray(r * cols, (r + 1) * cols), (r * out.length + i) * cols);
  }
  return all;
}
