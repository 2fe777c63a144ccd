import type { Measuring } from "../backends/backend.ts";
import type { QuantizeOptions } from "../backends/options.ts";
import { leavesTransforms, readTile, rowsPerTile } from "../backends/tiles.ts";
import type { MatrixSource } from "../matrix/source.ts";
import { type Accumulator, makeAccumulator } from "../measure/accumulator.ts";
import { buildReport } from "../measure/build.ts";
import { blockCount } from "../plan/blocks.ts";
import type { Plan } from "../plan/plan.ts";
import { valueRangeExponent } from "../report/bins.ts";
import { resolveScales, type Scales } from "../scales/resolve.ts";
import { addStatistics, type BlockStatistics, makeStatistics } from "../scales/statistics.ts";
import { scalesOf } from "../scales/steps.ts";
import { amaxOf, knownAmax, knownTurnedAmax, turnedAmaxOf } from "./amax.ts";
import { inspectElement } from "./inspect.ts";
import { quantizeRows } from "./rows.ts";
import type { Quantized } from "./types.ts";

/**
 * A report in one pass, where the backend finds scales on its way, or null. Scales of rows that are looked at later are
 * found for those rows alone.
 */
export async function quantizeAtOnce(
  source: MatrixSource,
  plan: Plan,
  options: QuantizeOptions,
): Promise<Quantized | null> {
  const start = options.now();
  const { backend } = options;
  if (!leavesTransforms(plan, backend) || !backend.measure?.(plan, 1)) return null;
  const elements = plan.rows * plan.cols;
  const passes = knownAmax(source) === undefined || knownTurnedAmax(source, plan) === undefined ? 2 : 1;
  const amax = await amaxOf(source, plan, options);
  const turnedAmax = await turnedAmaxOf(source, plan, options);
  const measuring = turnedAmax === null ? null : backend.measure(plan, amax, turnedAmax);
  if (!measuring || turnedAmax === null) return null;
  const into = makeAccumulator(plan, valueRangeExponent(amax));
  const checkpoint = (row: number) =>
    options.checkpoint((passes - 1) * elements + row * plan.cols, passes * elements, "quantizing");
  if (!(await addTiles(source, plan, options, measuring, into, checkpoint))) return null;
  await options.checkpoint(passes * elements, passes * elements, "quantizing");
  const seconds = (options.now() - start) / 1000;
  const report = buildReport(source, plan, measuring.scales(), 0, into, backend.name, seconds);
  return {
    report,
    plan,
    duals: plan.transforms.map(({ dual }) => dual),
    async rows(row0, row1) {
      const { scales } = await knownRows(source, plan, turnedAmax, row0, row1);
      return quantizeRows(source, plan, scales, backend, row0, row1);
    },
    async inspect(row, col) {
      const { scales, statistics } = await knownRows(source, plan, turnedAmax, row, row + 1);
      return inspectElement(source, plan, scales, statistics, row, col);
    },
    scales: [],
    zeroPoints: null,
  };
}

/** Sends a matrix tile by tile; the values of one are read while another is worked on. False where a tile was refused. */
async function addTiles(
  source: MatrixSource,
  plan: Plan,
  options: QuantizeOptions,
  measuring: Measuring,
  into: Accumulator,
  checkpoint: (row: number) => Promise<void>,
): Promise<boolean> {
  const step = rowsPerTile(plan, options);
  const none = new Float32Array(0);
  const valuesAt = (row0: number): Promise<Float32Array> | null => {
    if (row0 >= plan.rows) return null;
    const rows = Math.min(step, plan.rows - row0);
    const values = measuring.wants({ row0, rows, source }) ? source.read(row0, row0 + rows) : Promise.resolve(none);
    // Whoever awaits it hears of a failure; where a tile before it was refused nobody does.
    values.catch(() => {});
    return values;
  };
  for (let row0 = 0, values = valuesAt(0); values; row0 += step) {
    await checkpoint(row0);
    const original = await values;
    const rows = Math.min(step, plan.rows - row0);
    const added = measuring.add({ row0, rows, cols: plan.cols, original, input: original, source }, into);
    values = valuesAt(row0 + step);
    if (!(await added)) return false;
  }
  return true;
}

/** Statistics and scales as of the whole matrix, filled in where blocks of these rows are. */
async function knownRows(
  source: MatrixSource,
  plan: Plan,
  amax: number,
  row0: number,
  row1: number,
): Promise<{ statistics: BlockStatistics; scales: Scales }> {
  const { grid, levels } = plan;
  const statistics = makeStatistics(plan);
  const count = levels.length > 0 ? blockCount(grid) : 0;
  if (count === 0) return { statistics, scales: resolveScales(plan, statistics) };
  if (count === 1) statistics.amax[0] = amax;
  else {
    const tile = await readTile(source, plan, row0, row1);
    addStatistics(plan, tile.input, row0, row1 - row0, statistics);
  }
  const [first, end] = count === 1 ? [0, 1] : [row0 * grid.gridCols, row1 * grid.gridCols];
  const part = scalesOf(plan, statistics.amax.subarray(first, end), amax);
  const own = part.levels[0];
  const whole = {
    codes: own.codes && new Uint32Array(count),
    values: new Float32Array(count),
    ideal: new Float64Array(count),
  };
  const blocks = end - first;
  const effective = new Float32Array(count);
  effective.set(part.effective.subarray(0, blocks), first);
  whole.values.set(own.values.subarray(0, blocks), first);
  whole.ideal.set(own.ideal.subarray(0, blocks), first);
  if (own.codes) whole.codes!.set(own.codes.subarray(0, blocks), first);
  return { statistics, scales: { ...part, effective, levels: [whole, ...part.levels.slice(1)] } };
}
