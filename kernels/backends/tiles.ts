import { RecipeError } from "../grammar/errors.ts";
import type { MatrixSource } from "../matrix/source.ts";
import { rowPeriod } from "../plan/blocks.ts";
import type { Plan } from "../plan/plan.ts";
import type { Backend, Tile } from "./backend.ts";
import type { QuantizeOptions } from "./options.ts";
import { applyTransforms } from "./transforms.ts";

const DEFAULT_TILE = 2 ** 20;
/** Elements of a tile whose blocks are searched: IQ2_XS takes a microsecond for one, and whoever cancels waits for a tile. */
const BLOCKS_TILE = 2 ** 14;
/** The most elements that a rule may ask to see at once: 2 GiB of float32. */
const MAX_WHOLE = 2 ** 29;

/** Whether a rule tries so much of each block, without wasm's help, that a large tile takes seconds. */
function triesLong({ levels }: Plan): boolean {
  const finding = levels[0]?.rule.finding;
  return finding?.kind === "learned" || (finding?.kind === "shrink" && finding.factors !== undefined);
}

/** Whether values may go to a backend before the plan's transforms: it does them, or there are none. */
export const leavesTransforms = (plan: Plan, backend?: Pick<Backend, "rotates">): boolean =>
  plan.transforms.length === 0 || (backend?.rotates?.(plan) ?? false);

/**
 * Rows a tile: as many as fit `tileElements`, and a multiple of whole blocks where the rule needs those at once.
 * Throws RecipeError where one block alone would not fit in memory.
 */
export function rowsPerTile(
  plan: Plan,
  options: Pick<QuantizeOptions, "tileElements"> & { backend?: Pick<Backend, "tileElements" | "rotates"> },
): number {
  // What runs here whatever the backend, searches and transforms, keeps to small tiles between two checkpoints.
  const here = plan.wholeBlocks || !leavesTransforms(plan, options.backend);
  const usual = here ? DEFAULT_TILE : (options.backend?.tileElements ?? DEFAULT_TILE);
  const most = Math.min(options.tileElements ?? usual, plan.codec || triesLong(plan) ? BLOCKS_TILE : Infinity);
  const fitting = Math.max(1, Math.floor(most / plan.cols));
  if (!plan.wholeBlocks) return Math.min(plan.rows, fitting);
  const period = rowPeriod(plan.grid);
  if (period * plan.cols > MAX_WHOLE) {
    throw new RecipeError(
      `~${plan.levels[0].rule.name} needs a whole block of ${period * plan.cols} elements in memory, ${MAX_WHOLE} are possible`,
    );
  }
  return Math.min(plan.rows, Math.max(1, Math.floor(fitting / period)) * period);
}

/** Reads rows and sends them through the transforms, unless they are left to the backend that gets the tile. */
export async function readTile(
  source: MatrixSource,
  plan: Plan,
  row0: number,
  row1: number,
  backend?: Pick<Backend, "rotates">,
): Promise<Tile> {
  const original = await source.read(row0, row1);
  const rows = row1 - row0;
  const input = leavesTransforms(plan, backend) ? original : applyTransforms(plan, original, rows);
  return { row0, rows, cols: plan.cols, original, input, source };
}

/**
 * Visits the matrix tile by tile, with a checkpoint before each. `done` counts elements. `here` where the processor needs
 * the values after the transforms, whatever the backend does.
 */
export async function eachTile(
  source: MatrixSource,
  plan: Plan,
  options: QuantizeOptions,
  phase: string,
  before: number,
  total: number,
  visit: (tile: Tile) => Promise<void>,
  here = false,
): Promise<void> {
  const step = rowsPerTile(plan, options);
  for (let row = 0; row < plan.rows; row += step) {
    await options.checkpoint(before + row * plan.cols, total, phase);
    const end = Math.min(plan.rows, row + step);
    await visit(await readTile(source, plan, row, end, here ? undefined : options.backend));
  }
}
