/** Stored matrices quantized by a model recipe, as the network takes them. What was quantized once is kept for a while. */
import type { CalibrationUse } from "../../kernels/calibration/index.ts";
import type { Quantized } from "../../kernels/engine/types.ts";
import { RecipeError } from "../../kernels/grammar/errors.ts";
import { prepareRecipe } from "../../kernels/index.ts";
import { heldMatrix } from "../../kernels/matrix/held.ts";
import { parseDefinition, parseRecipe } from "../../kernels/notation/index.ts";
import { inputsAmongMany } from "../calibration/inputs.ts";
import type { OpenCalibration } from "../calibration/open.ts";
import { UserError } from "../errors/user-error.ts";
import type { BoundPart, Model, StoredMatrix } from "../models/model.ts";
import type { Of } from "../models/running.ts";
import type { JobControl } from "../pace/pace.ts";
import { pacer } from "../pace/pace.ts";
import { Lru } from "../runs/lru.ts";
import type { Runs } from "../runs/runs.ts";
import type { ReadModelRecipe } from "./recipe.ts";
import type { LmTensor } from "./request.ts";

/** A stored matrix under a recipe. */
export interface QuantizedWeight {
  /** rows x cols, as stored. */
  values: Float32Array;
  tensor: Omit<LmTensor, "side">;
  /** What its transforms do to the inputs that it meets. */
  inputs: Pick<Quantized, "duals" | "plan">;
  /** What is added to each output beside what the values give. */
  outputBias: Float64Array | null;
}

/** What is known of inputs, and its name among all there may be. */
export interface KnownInputs {
  key: string;
  open: OpenCalibration;
}

const KEPT = 4096;
const KEPT_BYTES = 2 ** 27;
/** Elements of a result that are made between two looks at the message queue. */
const PIECE = 2 ** 18;

export class QuantizedWeights {
  readonly #runs: Runs;
  readonly #known = new Lru<QuantizedWeight>(KEPT, KEPT_BYTES, ({ values }) => values.byteLength);
  readonly #bound = new Map<string, { bound: BoundPart; of: Of }>();

  constructor(model: Model, runs: Runs) {
    this.#runs = runs;
    const { architecture } = model;
    for (const of of [...Array(architecture.layers).keys(), "ends" as const]) {
      for (const { name } of architecture.parts(of)) {
        const bound = model.parts.get(name);
        if (bound && !this.#bound.has(bound.stored.tensor)) this.#bound.set(bound.stored.tensor, { bound, of });
      }
    }
  }

  /** Every stored tensor of the network, with the first part that is made of it. */
  get tensors(): { bound: BoundPart; of: Of }[] {
    return [...this.#bound.values()];
  }

  /** The recipe of a stored tensor, canonical; null where it stays as it is. */
  recipeOf(recipe: ReadModelRecipe, { tensor }: StoredMatrix): string | null {
    return recipe.weight(this.#bound.get(tensor)!.bound);
  }

  /** Names what a recipe makes of a layer's weights: texts that are equal for equal weights. "" where they stay as they are. */
  keyOf(recipe: ReadModelRecipe, of: Of, calibration: KnownInputs | null): string {
    const rules = this.touched(recipe, of).map(({ stored }) => [stored.tensor, this.recipeOf(recipe, stored)]);
    return rules.length === 0 ? "" : JSON.stringify([rules, recipe.definitions, calibration?.key ?? null]);
  }

  /** The first part of each stored tensor of a layer that a rule names. */
  touched(recipe: ReadModelRecipe, of: Of): BoundPart[] {
    return this.tensors.flatMap((one) => (one.of === of && recipe.weight(one.bound) !== null ? [one.bound] : []));
  }

  /** A stored tensor under its rule, from what is kept or anew. Rejects with RecipeError or UserError that name the tensor, or with AbortError. */
  async quantized(
    stored: StoredMatrix,
    recipe: ReadModelRecipe,
    calibration: KnownInputs | null,
    read: () => Promise<Float32Array>,
    control: JobControl,
  ): Promise<QuantizedWeight> {
    const text = this.recipeOf(recipe, stored)!;
    const { definitions } = recipe;
    try {
      const inputs = usesInputs(text, definitions, stored) ? calibration : null;
      const key = JSON.stringify([stored.tensor, text, definitions, inputs?.key ?? null]);
      const known = this.#known.get(key);
      if (known) return known;
      const made = await this.#quantize(stored, text, definitions, inputs, read, control);
      this.#known.set(key, made);
      return made;
    } catch (error) {
      throw named(stored.tensor, text, error);
    }
  }

  async #quantize(
    stored: StoredMatrix,
    recipe: string,
    definitions: readonly string[],
    calibration: KnownInputs | null,
    read: () => Promise<Float32Array>,
    control: JobControl,
  ): Promise<QuantizedWeight> {
    const { tensor, rows, cols } = stored;
    const matrix = heldMatrix(await read(), rows, cols, tensor);
    // Kept here and not among the results of other jobs.
    const key = `lm ${JSON.stringify([tensor, calibration?.key ?? null])}`;
    const quantized = await this.#runs.quantized(
      {
        ...{ key, matrix, recipe, definitions, backend: null },
        ...(calibration && {
          calibration: {
            key: calibration.key,
            open: (own) => inputsAmongMany(calibration.open, { name: tensor, cols }, own),
          },
        }),
      },
      { ...control, progress: () => {} },
    );
    try {
      return { ...(await resultOf(quantized, rows, cols, control)), tensor: this.#tensor(stored, quantized) };
    } finally {
      this.#runs.forget(key);
    }
  }

  #tensor(stored: StoredMatrix, { report }: Quantized): QuantizedWeight["tensor"] {
    const { metrics, recipe, backend, notes, calibration } = report;
    return {
      name: stored.tensor,
      layer: this.#bound.get(stored.tensor)!.of,
      elements: stored.rows * stored.cols,
      recipe,
      bitsPerWeight: metrics.bitsPerWeight,
      nmse: metrics.nmse,
      broken: metrics.broken,
      backend,
      ...(calibration && ({ calibration } satisfies { calibration: CalibrationUse })),
      notes,
    };
  }
}

/** Whether a recipe makes anything of what is known of inputs: else it need not be read, nor outputs be measured. */
function usesInputs(recipe: string, definitions: readonly string[], { rows, cols }: StoredMatrix): boolean {
  const known = definitions.map((text) => parseDefinition(text));
  const { steps, uses } = prepareRecipe(parseRecipe(recipe, { definitions: known }), known, rows, cols);
  return uses !== undefined || steps.some(({ needs }) => needs.calibration !== "none");
}

async function resultOf(
  quantized: Quantized,
  rows: number,
  cols: number,
  { signal }: JobControl,
): Promise<Omit<QuantizedWeight, "tensor">> {
  const pace = pacer(signal);
  const values = new Float32Array(rows * cols);
  const step = Math.max(1, Math.floor(PIECE / cols));
  for (let row = 0; row < rows; row += step) {
    values.set((await quantized.rows(row, Math.min(rows, row + step))).result, row * cols);
    await pace();
  }
  const { plan, duals, outputBias } = quantized;
  return { values, inputs: { plan, duals }, outputBias: outputBias ?? null };
}

/** Says which tensor a rule does not fit. */
function named(tensor: string, recipe: string, error: unknown): unknown {
  if (error instanceof RecipeError) return new RecipeError(`${tensor}: ${recipe}: ${error.message}`);
  if (error instanceof UserError) return new UserError(`${tensor}: ${error.message}`);
  return error;
}
