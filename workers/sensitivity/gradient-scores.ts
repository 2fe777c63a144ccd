/** What scores that are made of gradients share: which are lacking, changes of tensors, and sums of a layer's gradients. */
import type { GradientTaps } from "../../kernels/network/index.ts";
import type { Estimate } from "../lm/figures/estimate.ts";
import { batchesOf, type ChangeSums, GradientSums, noSums } from "./batches.ts";
import { type Changed, changedBy } from "./changed.ts";
import { reasonOf } from "./divergence.ts";
import type { Ground, Scored } from "./ground.ts";
import type { ModelSignal } from "./request.ts";
import type { MakerTools } from "./signals.ts";

/** Windows of each batch, and the predictions that are judged in them. */
export const countsOf = ({ work }: Ground, batches: number): Float64Array => {
  const counts = new Float64Array(batches);
  for (const [w, { targets }] of work.cut.windows.entries()) counts[w % batches] += targets.length;
  return counts;
};

/** Tensors of a layer of which a signal lacks a score. */
export function lacking({ ground, sheet }: MakerTools, layer: number, signals: readonly ModelSignal[]): Scored[] {
  const { tensors, recipes } = ground;
  return tensors.filter(
    ({ of, tensor }) =>
      of === layer && signals.some((signal) => recipes.some((recipe) => !sheet.has(signal, tensor, recipe))),
  );
}

/** The first layer that has something to be scored; the number of layers where there is none. What has no gradients says so. */
export function firstLacking(tools: MakerTools, signals: readonly ModelSignal[]): number {
  const { ground, sheet } = tools;
  const { layers } = ground.setup.model.architecture;
  for (const { tensor } of ground.tensors.filter(({ of }) => of === "ends")) {
    for (const recipe of ground.recipes) {
      for (const signal of signals) {
        const refused = "no gradients are taken of what stands before the layers and behind them";
        if (!sheet.has(signal, tensor, recipe))
          sheet.put({ signal, tensor, recipe, value: null, error: null, refused });
      }
    }
  }
  for (let layer = 0; layer < layers; layer++) if (lacking(tools, layer, signals).length > 0) return layer;
  return layers;
}

/** The change of a tensor under a recipe; null where the recipe does not fit, which is told. */
export async function changeOr(
  tools: MakerTools,
  scored: Scored,
  recipe: string,
  signals: readonly ModelSignal[],
): Promise<Changed | null> {
  try {
    return await changedBy(tools.ground, scored, recipe);
  } catch (error) {
    const refused = reasonOf(error);
    for (const signal of signals)
      tools.sheet.put({ signal, tensor: scored.tensor, recipe, value: null, error: null, refused });
    return null;
  }
}

export const put = (
  { sheet }: MakerTools,
  signal: ModelSignal,
  tensor: string,
  recipe: string,
  found: Estimate,
): void => {
  const finite = found.value !== null && Number.isFinite(found.value);
  const refused = "the gradients are not finite";
  sheet.put({
    ...{ signal, tensor, recipe, value: finite ? found.value : null, error: finite ? found.stderr : null },
    ...(!finite && { refused }),
  });
};

/** Sums of the gradients of a layer's parts, which are begun when they are first met. */
export class LayerSums {
  readonly batches: number;
  readonly #sums = new Map<string, GradientSums>();
  readonly #parts: ReadonlySet<string>;

  constructor({ setup, work }: Ground, scored: readonly Scored[]) {
    const tensors = new Set(scored.map(({ tensor }) => tensor));
    const parts = [...setup.model.parts.values()].filter(({ stored }) => tensors.has(stored.tensor));
    this.#parts = new Set(parts.map(({ part }) => part.name));
    const elements = parts.reduce((sum, { part }) => sum + part.shape.reduce((product, n) => product * n, 1), 0);
    this.batches = batchesOf(work.cut.windows.length, elements);
  }

  taps(window: number, signal: AbortSignal): GradientTaps {
    return {
      wants: ({ name }) => ({ weight: this.#parts.has(name) }),
      weight: async ({ name }, values) => {
        signal.throwIfAborted();
        const sums = this.#sums.get(name) ?? new GradientSums(this.batches);
        this.#sums.set(name, sums);
        sums.add(window, values);
      },
    };
  }

  /** Sums over all parts of a tensor; null where one of them had no gradient. */
  against(changed: Changed): ChangeSums | null {
    const out = noSums(this.batches);
    for (const [name, change] of changed) {
      const found = this.#sums.get(name)?.against(change);
      if (!found) return null;
      for (let b = 0; b < this.batches; b++) {
        out.signed[b] += found.signed[b];
        out.magnitude[b] += found.magnitude[b];
        out.square[b] += found.square[b];
      }
    }
    return out;
  }
}
