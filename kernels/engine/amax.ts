import type { QuantizeOptions } from "../backends/options.ts";
import { eachTile } from "../backends/tiles.ts";
import { transformsKey } from "../backends/transforms.ts";
import { largest } from "../exact/largest.ts";
import type { MatrixSource } from "../matrix/source.ts";
import type { Plan } from "../plan/plan.ts";

/** The largest finite magnitude of a source, kept once it is known. */
const known = new WeakMap<MatrixSource, number>();

export const knownAmax = (source: MatrixSource): number | undefined => known.get(source);
export const keepAmax = (source: MatrixSource, amax: number): void => void known.set(source, amax);

/** The same after transforms, by what those are. */
const knownTurned = new WeakMap<MatrixSource, Map<string, number>>();

export const knownTurnedAmax = (source: MatrixSource, plan: Plan): number | undefined =>
  plan.transforms.length === 0 ? known.get(source) : knownTurned.get(source)?.get(transformsKey(plan));

/**
 * The largest finite magnitude after the plan's transforms, asked of the backend where it is not known yet; null where
 * that does not do them.
 */
export async function turnedAmaxOf(source: MatrixSource, plan: Plan, options: QuantizeOptions): Promise<number | null> {
  const before = knownTurnedAmax(source, plan);
  if (before !== undefined) return before;
  let amax: number | null = 0;
  await eachTile(source, plan, options, "statistics", 0, 2 * plan.rows * plan.cols, async (tile) => {
    if (amax === null) return;
    const largest = (await options.backend.largest?.(plan, tile)) ?? null;
    amax = largest === null ? null : Math.max(amax, largest);
  });
  if (amax === null) return null;
  const byTransforms = knownTurned.get(source) ?? new Map<string, number>();
  knownTurned.set(source, byTransforms.set(transformsKey(plan), amax));
  return amax;
}

/** The largest finite magnitude of a source, read where it is not known yet. */
export async function amaxOf(source: MatrixSource, plan: Plan, options: QuantizeOptions): Promise<number> {
  const before = known.get(source);
  if (before !== undefined) return before;
  let amax = 0;
  const plain = { ...plan, transforms: [] };
  await eachTile(source, plan, options, "statistics", 0, 2 * plan.rows * plan.cols, async (tile) => {
    // Asked of a GPU its values are there for what comes next, too.
    const found = await options.backend.largest?.(plain, { ...tile, input: tile.original });
    amax = typeof found === "number" ? Math.max(amax, found) : largest(tile.original, amax);
  });
  keepAmax(source, amax);
  return amax;
}
