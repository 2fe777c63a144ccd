import type { Backend } from "../backend.ts";
import type { MatrixSource, Quantized, QuantizedRows, QuantizeOptions } from "../engine.ts";
import type { Plan } from "../plan/plan.ts";
import { makeAccumulator } from "../report/accumulator.ts";
import { valueRangeExponent } from "../report/bins.ts";
import { buildReport } from "../report/build.ts";
import { resolveScales, type Scales } from "../scales/resolve.ts";
import { searchClips } from "../scales/search.ts";
import { addStatistics, makeStatistics } from "../scales/statistics.ts";
import { inspectElement } from "./inspect.ts";
import { eachTile, readTile } from "./tiles.ts";

/** The largest finite magnitude of a source, kept once it is known. */
const knownAmax = new WeakMap<MatrixSource, number>();

function largest(values: Float32Array, so: number): number {
  let m = so;
  for (let i = 0; i < values.length; i++) {
    const a = values[i] < 0 ? -values[i] : values[i];
    if (a > m && a !== Infinity) m = a;
  }
  return m;
}

/**
 * Sends a matrix through a plan: one pass of statistics (where there are scales, or the tensor's amax is not known yet),
 * the scales from the outermost in, one quantizing pass.
 */
export async function quantizeMatrix(source: MatrixSource, plan: Plan, options: QuantizeOptions): Promise<Quantized> {
  const start = options.now();
  const { backend } = options;
  const elements = plan.rows * plan.cols;
  const statistics = makeStatistics(plan);
  const scaled = plan.levels.length > 0;
  const known = knownAmax.get(source);
  let amax = known ?? 0;
  const passes = scaled || known === undefined ? 2 : 1;
  if (passes === 2) {
    await eachTile(source, plan, options, "statistics", 0, 2 * elements, async (tile) => {
      if (known === undefined) amax = largest(tile.original, amax);
      if (!scaled) return;
      if (!plan.wholeBlocks) return backend.statistics(plan, tile, statistics);
      addStatistics(plan, tile.input, tile.row0, tile.rows, statistics);
      searchClips(plan, tile.input, tile.row0, tile.rows, statistics);
    });
    knownAmax.set(source, amax);
  }
  const scales = resolveScales(plan, statistics);
  const into = makeAccumulator(plan, valueRangeExponent(amax));
  await eachTile(source, plan, options, "quantizing", (passes - 1) * elements, passes * elements, (tile) =>
    backend.quantize(plan, tile, scales, into),
  );
  await options.checkpoint(passes * elements, passes * elements, "quantizing");
  const seconds = (options.now() - start) / 1000;
  const report = buildReport(source, plan, scales, statistics, into, backend.name, seconds);
  return {
    report,
    plan,
    rows: (row0, row1) => quantizeRows(source, plan, scales, backend, row0, row1),
    inspect: (row, col) => inspectElement(source, plan, scales, statistics, row, col),
    scales: scales.levels.map((level, i) => ({
      gridRows: plan.levels[i].grid.gridRows,
      gridCols: plan.levels[i].grid.gridCols,
      codes: level.codes,
      values: level.values,
    })),
    zeroPoints: plan.element.affine ? scales.zeroPoints : null,
  };
}

async function quantizeRows(
  source: MatrixSource,
  plan: Plan,
  scales: Scales,
  backend: Backend,
  row0: number,
  row1: number,
): Promise<QuantizedRows> {
  const tile = await readTile(source, plan, row0, row1);
  const { result, codes } = await backend.encode(plan, tile, scales);
  return { row0, row1, input: tile.original, result, codes };
}
