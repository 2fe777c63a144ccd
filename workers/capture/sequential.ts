/** How each layer is quantized before the windows leave it, where inputs are those under already quantized predecessors. */
import { heldMatrix } from "../../kernels/matrix/held.ts";
import { parseDefinition, printRecipe } from "../../kernels/notation/index.ts";
import { isIdentity, type Rules } from "../export/rules.ts";
import type { Model } from "../models/model.ts";
import { pacer } from "../pace/pace.ts";
import type { Runs } from "../runs/runs.ts";
import { tiles } from "../runs/tiles.ts";
import type { Quantize } from "./capture.ts";

/** Quantizes by the rules of a model recipe; one without patterns is for the linear weights of the layers. */
export function quantizeBy(
  rules: Rules,
  definitions: readonly string[],
  model: Pick<Model, "parts">,
  runs: Runs,
  note: (text: string) => void,
): Quantize {
  const layers = new Set<string>();
  for (const { part, stored } of model.parts.values()) {
    if (part.linear && part.role !== "head") layers.add(stored.tensor);
  }
  const known = definitions.map((text) => parseDefinition(text));
  let last = 0;
  return async ({ tensor, rows, cols }, read, inputs, control) => {
    if (!rules.many && !layers.has(tensor)) return null;
    const recipe = rules.recipeOf(tensor);
    if (!recipe || isIdentity(recipe)) return null;
    // What was captured is new each time: no result of before is the same.
    const key = `sequential ${++last} `;
    const order = {
      ...{ key, matrix: heldMatrix(await read(), rows, cols, tensor), backend: null },
      recipe: printRecipe(recipe, { definitions: known }),
      definitions,
      calibration: {
        key,
        open: async () =>
          inputs
            ? ({ calibration: inputs, why: null } as const)
            : ({ calibration: null, why: "its inputs are not captured" } as const),
      },
    };
    try {
      return await runs.look(order, control, async (quantized) => {
        const out = new Float32Array(rows * cols);
        for await (const tile of tiles(quantized, 0, rows, pacer(control.signal)))
          out.set(tile.result, tile.row0 * cols);
        const { broken } = quantized.report.metrics;
        if (broken) note(`${tensor}: ${broken} results of ${order.recipe} are not finite where the weight is`);
        return out;
      });
    } finally {
      runs.forget(key);
    }
  };
}
