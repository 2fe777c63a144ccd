import type { Tile } from "../backend.ts";
import type { MatrixSource, Quantized, QuantizeOptions } from "../engine.ts";
import type { Plan } from "../plan/plan.ts";
import { makeAccumulator } from "../report/accumulator.ts";
import { valueRangeExponent } from "../report/bins.ts";
import { buildReport, poisonedBlocks } from "../report/build.ts";
import { resolveScales } from "../scales/resolve.ts";
import { searchBlocks, searchesLater } from "../scales/search.ts";
import { addStatistics, makeStatistics } from "../scales/statistics.ts";
import { summaryOf } from "../scales/summary.ts";
import { keepAmax, knownAmax, largest } from "./amax.ts";
import { quantizeAtOnce } from "./at-once.ts";
import { inspectElement } from "./inspect.ts";
import { quantizeRows } from "./rows.ts";
import { eachTile } from "./tiles.ts";
import { trialsFor } from "./trials.ts";

/**
 * Sends a matrix through a plan: one pass of statistics (where there are scales, or the tensor's amax is not known yet),
 * the scales from the outermost in, one quantizing pass.
 */
export async function quantizeMatrix(source: MatrixSource, plan: Plan, options: QuantizeOptions): Promise<Quantized> {
  const start = options.now();
  const atOnce = options.scalesLater ? await quantizeAtOnce(source, plan, options) : null;
  if (atOnce) return { ...atOnce, complete: () => quantizeMatrix(source, plan, { ...options, scalesLater: false }) };
  const { backend } = options;
  const elements = plan.rows * plan.cols;
  const statistics = makeStatistics(plan);
  const scaled = plan.levels.length > 0;
  const known = knownAmax(source);
  let amax = known ?? 0;
  const later = searchesLater(plan);
  const passes = later ? 3 : scaled || known === undefined ? 2 : 1;
  const trials = await trialsFor(plan, backend.name);
  if (passes > 1) {
    const visit = async (tile: Tile) => {
      if (known === undefined) amax = largest(tile.original, amax);
      if (!scaled) return;
      if (!plan.wholeBlocks) return backend.statistics(plan, tile, statistics);
      addStatistics(plan, tile.input, tile.row0, tile.rows, statistics);
      if (!later) searchBlocks(plan, tile.input, tile.row0, tile.rows, statistics, trials);
    };
    await eachTile(source, plan, options, "statistics", 0, passes * elements, visit, plan.wholeBlocks);
    keepAmax(source, amax);
  }
  if (later) {
    const visit = async (tile: Tile) => searchBlocks(plan, tile.input, tile.row0, tile.rows, statistics, trials);
    await eachTile(source, plan, options, "searching", elements, passes * elements, visit, true);
  }
  const scales = resolveScales(plan, statistics);
  const into = makeAccumulator(plan, valueRangeExponent(amax));
  await eachTile(source, plan, options, "quantizing", (passes - 1) * elements, passes * elements, (tile) =>
    backend.quantize(plan, tile, scales, into),
  );
  await options.checkpoint(passes * elements, passes * elements, "quantizing");
  const seconds = (options.now() - start) / 1000;
  const poisoned = poisonedBlocks(plan, statistics);
  const report = buildReport(source, plan, summaryOf(scales), poisoned, into, backend.name, seconds);
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
