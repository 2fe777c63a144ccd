import type { Backend, Tile } from "../backends/backend.ts";
import type { QuantizeOptions } from "../backends/options.ts";
import { eachTile } from "../backends/tiles.ts";
import { trialsFor } from "../backends/wasm/trials-for.ts";
import { largest } from "../exact/largest.ts";
import type { MatrixSource } from "../matrix/source.ts";
import { type Accumulator, makeAccumulator } from "../measure/accumulator.ts";
import { poisonedBlocks } from "../measure/build.ts";
import type { Report } from "../measure/report.ts";
import type { Plan } from "../plan/plan.ts";
import { valueRangeExponent } from "../report/bins.ts";
import { loadSearch } from "../scales/load.ts";
import { resolveScales, type Scales } from "../scales/resolve.ts";
import { searchesLater } from "../scales/searches.ts";
import { addStatistics, type BlockStatistics, makeStatistics } from "../scales/statistics.ts";
import { keepAmax, knownAmax } from "./amax.ts";
import { importanceOf } from "./importance.ts";
import { quantizeRows } from "./rows.ts";
import type { Quantized } from "./types.ts";

/** What a quantizer did to a matrix, before anybody put a report together. */
export interface QuantizerRun {
  scales: Scales;
  statistics: BlockStatistics;
  into: Accumulator;
  /** Blocks that became NaN. */
  poisoned: number;
}

/** The scales of a matrix, with what they were found by. */
interface ScalesRun extends Pick<QuantizerRun, "scales" | "statistics"> {
  /** The largest finite magnitude. */
  amax: number;
  /** Passes over the matrix in all, with the one that quantizes. */
  passes: number;
}

/** One pass of statistics (where there are scales, or the tensor's amax is not known yet), then the scales from the outermost in. */
export async function findScales(source: MatrixSource, plan: Plan, options: QuantizeOptions): Promise<ScalesRun> {
  const { backend } = options;
  const elements = plan.rows * plan.cols;
  const statistics = makeStatistics(plan, importanceOf(plan, options.calibration ?? null));
  const scaled = plan.levels.length > 0;
  const known = knownAmax(source);
  let amax = known ?? 0;
  const later = searchesLater(plan);
  const search = plan.wholeBlocks ? await loadSearch() : null;
  const passes = later ? 3 : scaled || known === undefined ? 2 : 1;
  const trials = await trialsFor(plan, backend.name);
  await plan.codec?.load?.();
  if (passes > 1) {
    const visit = async (tile: Tile) => {
      if (known === undefined) amax = largest(tile.original, amax);
      if (!scaled) return;
      if (!plan.wholeBlocks) return backend.statistics(plan, tile, statistics);
      addStatistics(plan, tile.input, tile.row0, tile.rows, statistics);
      if (!later) search!.searchBlocks(plan, tile.input, tile.row0, tile.rows, statistics, trials);
    };
    await eachTile(source, plan, options, "statistics", 0, passes * elements, visit, plan.wholeBlocks);
    keepAmax(source, amax);
  }
  if (later) {
    const visit = async (tile: Tile) =>
      search!.searchBlocks(plan, tile.input, tile.row0, tile.rows, statistics, trials);
    await eachTile(source, plan, options, "searching", elements, passes * elements, visit, true);
  }
  return { scales: resolveScales(plan, statistics), statistics, amax, passes };
}

/** The scales, and one quantizing pass. */
export async function runQuantizer(source: MatrixSource, plan: Plan, options: QuantizeOptions): Promise<QuantizerRun> {
  const { backend } = options;
  const elements = plan.rows * plan.cols;
  const { scales, statistics, amax, passes } = await findScales(source, plan, options);
  const into = makeAccumulator(plan, valueRangeExponent(amax));
  await eachTile(source, plan, options, "quantizing", (passes - 1) * elements, passes * elements, (tile) =>
    backend.quantize(plan, tile, scales, into),
  );
  await options.checkpoint(passes * elements, passes * elements, "quantizing");
  return { scales, statistics, into, poisoned: poisonedBlocks(plan, statistics) };
}

/** A finished run with its report, and the means to look at any part of it again. */
export function quantizedOf(
  source: MatrixSource,
  plan: Plan,
  backend: Backend,
  { scales, statistics }: Pick<QuantizerRun, "scales" | "statistics">,
  report: Report,
): Quantized {
  return {
    report,
    plan,
    duals: plan.transforms.map(({ dual }) => dual),
    rows: (row0, row1) => quantizeRows(source, plan, scales, backend, row0, row1),
    async inspect(row, col) {
      const { inspectElement } = await import("./inspect.ts");
      return inspectElement(source, plan, scales, statistics, row, col);
    },
    scales: scales.levels.map((level, i) => ({
      gridRows: plan.levels[i].grid.gridRows,
      gridCols: plan.levels[i].grid.gridCols,
      codes: level.codes,
      values: level.values,
    })),
    zeroPoints: plan.element.affine ? scales.zeroPoints : null,
  };
}
