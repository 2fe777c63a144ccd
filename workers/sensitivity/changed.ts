/** What a recipe changes in a tensor, as the network has it. */
import type { Ground, Scored } from "./ground.ts";
import { sideOf } from "./ground.ts";

/** By the part's name: values under the recipe less those as they are, outputs x inputs. */
export type Changed = ReadonlyMap<string, Float32Array>;

/**
 * The change of a tensor under a recipe, for each part of the network that is made of it. Rejects with RecipeError or UserError where the
 * recipe does not fit, or with AbortError.
 */
export async function changedBy(ground: Ground, { tensor, of }: Scored, recipe: string): Promise<Changed> {
  const { setup, work, makings, control } = ground;
  const { recipe: read } = sideOf(ground, [{ tensor, recipe }]);
  const stored = await partsOf(ground, { tensor, of });
  const quantized = await setup.model.weights(of, control.signal, async (matrix, values) => {
    if (matrix.tensor !== tensor) return null;
    const quiet = { ...control, progress() {} };
    return (await work.bench.weights.quantized(matrix, read, makings.calibration, values, quiet)).values;
  });
  const out = new Map<string, Float32Array>();
  for (const [name, values] of quantized) {
    const before = stored.get(name)!;
    out.set(
      name,
      values.map((x, i) => x - before[i]),
    );
  }
  return out;
}

/** The parts that are made of a tensor, as they are stored. */
export function partsOf(
  { setup, control }: Ground,
  { tensor, of }: Pick<Scored, "tensor" | "of">,
): Promise<Map<string, Float32Array>> {
  return setup.model.weights(of, control.signal, async (matrix, read) => (matrix.tensor === tensor ? read() : null));
}
