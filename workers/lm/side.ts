/** A model recipe on a running model: its quantized weights beside those as they are stored, and its looks at windows. */
import type { Loaded, Taps } from "../../kernels/network/index.ts";
import type { Backends } from "../backends/backends.ts";
import { UserError } from "../errors/user-error.ts";
import type { Model } from "../models/model.ts";
import type { Of, RunningModel } from "../models/running.ts";
import type { JobControl } from "../pace/pace.ts";
import { type ReadModelRecipe, readModelRecipe } from "./recipe.ts";
import type { LmTensor, ModelRecipe, Side, SideAnswer } from "./request.ts";
import { SideTaps } from "./taps.ts";
import type { KnownInputs, QuantizedWeight, QuantizedWeights } from "./weights.ts";

/** What sides are made of. */
export interface Makings {
  model: Model;
  weights: QuantizedWeights;
  backends: Backends;
  calibration: KnownInputs | null;
}

/** Weights of a layer under some rules, on a machine. */
export interface SideLoad {
  loaded: Loaded;
  weights: { name: string; inputs: QuantizedWeight["inputs"]; tensor: QuantizedWeight["tensor"] }[];
}

/** Weights under rules that a machine holds, by layer and what makes them. Sides that agree in a layer share them. */
export class SideLoads {
  readonly #network: RunningModel["network"];
  readonly #held = new Map<string, SideLoad>();

  constructor({ network }: RunningModel) {
    this.#network = network;
  }

  get(of: Of, key: string): SideLoad | undefined {
    return this.#held.get(`${of} ${key}`);
  }

  set(of: Of, key: string, load: SideLoad): void {
    this.#held.set(`${of} ${key}`, load);
  }

  /** Releases all but what these sides have in these layers. */
  keepOnly(sides: readonly RecipeSide[], layers: readonly Of[]): void {
    const kept = new Set(sides.flatMap((side) => layers.map((of) => `${of} ${side.keyOf(of)}`)));
    for (const [name, { loaded }] of this.#held) {
      if (kept.has(name)) continue;
      this.#network.release(loaded);
      this.#held.delete(name);
    }
  }
}

export class RecipeSide {
  readonly side: Side;
  readonly recipe: ReadModelRecipe;
  readonly tensors: LmTensor[] = [];
  readonly #makings: Makings;
  readonly #inputs = new Map<string, QuantizedWeight["inputs"]>();
  readonly #taps: SideTaps;

  /** Throws RecipeError. */
  constructor(side: Side, recipe: ModelRecipe, definitions: readonly string[], makings: Makings, signal: AbortSignal) {
    this.side = side;
    this.recipe = readModelRecipe(recipe, definitions);
    this.#makings = makings;
    const { model, backends, calibration } = makings;
    this.#taps = new SideTaps({
      ...{ model, recipe: this.recipe, calibration, backends, signal },
      inputsOf: (tensor) => this.#inputs.get(tensor),
    });
  }

  /** Names its results among all there may be of a model. */
  get key(): string {
    return JSON.stringify([this.recipe.text, this.recipe.definitions, this.#makings.calibration?.key ?? null]);
  }

  /** Names the weights of a layer; "" where they stay as they are. */
  keyOf(of: Of): string {
    return this.#makings.weights.keyOf(this.recipe, of, this.#makings.calibration);
  }

  taps(of: Of): Taps | undefined {
    return this.#taps.of(of);
  }

  /** Rejects with RecipeError where a recipe does not fit keys and values of a layer for windows of so many tokens: said before they pass it. */
  readyCache(of: Of, tokens: readonly number[]): Promise<void> {
    return this.#taps.readyCache(of, tokens);
  }

  /** Stored tensors that rules name. */
  get touched(): number {
    const { weights } = this.#makings;
    return weights.tensors.filter(({ bound }) => this.recipe.weight(bound) !== null).length;
  }

  /** Bytes of a layer's weights that are not those as stored. */
  bytesOf(of: Of): number {
    const { model, weights } = this.#makings;
    const touched = new Set(weights.touched(this.recipe, of).map(({ stored }) => stored.tensor));
    const parts = model.architecture
      .parts(of)
      .filter(({ name }) => touched.has(model.parts.get(name)?.stored.tensor ?? ""));
    return 4 * parts.reduce((sum, { shape }) => sum + shape.reduce((product, n) => product * n, 1), 0);
  }

  /**
   * The weights of a layer under the recipe: those as they are stored where no rule names one of them, else of those that `loads` holds
   * for it, or new ones that it holds from then on. What rules did to its tensors is given. `raw` has values of stored matrices that were
   * read already. Rejects with RecipeError or UserError, which name the tensor, or with AbortError.
   */
  async load(
    running: RunningModel,
    of: Of,
    stored: Loaded,
    loads: SideLoads,
    control: JobControl,
    give: (tensor: LmTensor) => void,
    raw?: ReadonlyMap<string, Float32Array>,
  ): Promise<Loaded> {
    const key = this.keyOf(of);
    if (key === "") return stored;
    const found = loads.get(of, key) ?? (await this.#make(running, of, stored, control, raw));
    loads.set(of, key, found);
    for (const { name, inputs, tensor } of found.weights) {
      this.#inputs.set(name, inputs);
      const own = { ...tensor, side: this.side };
      this.tensors.push(own);
      give(own);
    }
    return found.loaded;
  }

  async #make(
    { network }: RunningModel,
    of: Of,
    stored: Loaded,
    control: JobControl,
    raw?: ReadonlyMap<string, Float32Array>,
  ): Promise<SideLoad> {
    const { model, weights, calibration } = this.#makings;
    const made: SideLoad["weights"] = [];
    const values = await model.weights(of, control.signal, async (matrix, read) => {
      if (weights.recipeOf(this.recipe, matrix) === null) return null;
      const known = raw?.get(matrix.tensor);
      const one = await weights.quantized(matrix, this.recipe, calibration, known ? async () => known : read, control);
      if (one.outputBias) {
        throw new UserError(
          `${matrix.tensor}: ${one.tensor.recipe} adds a bias to the outputs, which this network has no place for.`,
        );
      }
      made.push({ name: matrix.tensor, inputs: one.inputs, tensor: one.tensor });
      return one.values;
    });
    return { loaded: await network.load(of, values, stored), weights: made };
  }

  /** What stands beside its figures, when all of its tensors were made. */
  answer(): SideAnswer {
    const { weights } = this.#makings;
    const made = new Map(this.tensors.map((tensor) => [tensor.name, tensor]));
    const all = weights.tensors.map(({ bound: { stored } }) => ({
      elements: stored.rows * stored.cols,
      bits: made.get(stored.tensor)?.bitsPerWeight ?? stored.bitsPerWeight,
    }));
    const elements = all.reduce((sum, one) => sum + one.elements, 0);
    const notes = new Map<string, string[]>();
    for (const { name, notes: own } of made.values()) {
      for (const note of own) notes.set(note, [...(notes.get(note) ?? []), name]);
    }
    return {
      recipe: this.recipe.text,
      bitsPerWeight: all.reduce((sum, one) => sum + one.bits * one.elements, 0) / elements,
      touched: made.size,
      weights: all.length,
      notes: [...notes].map(
        ([note, [first, ...more]]) => `${first}${more.length > 0 ? ` and ${more.length} more` : ""}: ${note}`,
      ),
    };
  }
}

/** Bits a weight of the model as it is stored. */
export function storedBits({ tensors }: QuantizedWeights): number {
  const all = tensors.map(({ bound: { stored } }) => stored);
  const elements = all.reduce((sum, { rows, cols }) => sum + rows * cols, 0);
  return all.reduce((sum, { rows, cols, bitsPerWeight }) => sum + rows * cols * bitsPerWeight, 0) / elements;
}
