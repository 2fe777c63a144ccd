import type { Backend } from "../backends/backend.ts";
import { readTile } from "../backends/tiles.ts";
import type { MatrixSource } from "../matrix/source.ts";
import type { Plan } from "../plan/plan.ts";
import type { Scales } from "../scales/resolve.ts";
import type { QuantizedRows } from "./types.ts";

/** Quantizes rows with scales that are known. */
export async function quantizeRows(
  source: MatrixSource,
  plan: Plan,
  scales: Scales,
  backend: Backend,
  row0: number,
  row1: number,
): Promise<QuantizedRows> {
  const tile = await readTile(source, plan, row0, row1, backend);
  const { result, codes } = await backend.encode(plan, tile, scales);
  return { row0, row1, input: tile.original, result, codes };
}
