/**
 * Codes of quantizers that find scales or codes in a way of their own: choices among elements, rules that set codes themselves, and rules
 * that fit scales to the whole matrix. On the reference, whatever the backend: it measures what comes out.
 */
import type { Tile } from "../backends/backend.ts";
import type { QuantizeOptions } from "../backends/options.ts";
import { referenceBackend } from "../backends/reference/backend.ts";
import { eachTile } from "../backends/tiles.ts";
import type { Calibration } from "../calibration/types.ts";
import { largest } from "../exact/largest.ts";
import type { MatrixSource } from "../matrix/source.ts";
import { makeAccumulator } from "../measure/accumulator.ts";
import { poisonedBlocks } from "../measure/build.ts";
import { blockSize, eachRun } from "../plan/blocks.ts";
import type { Plan } from "../plan/plan.ts";
import { prepareRecipe } from "../prepare/prepare.ts";
import { valueRangeExponent } from "../report/bins.ts";
import { loadFit } from "../scales/fits/index.ts";
import { gather } from "../scales/gather.ts";
import type { Scales } from "../scales/resolve.ts";
import { addStatistics, makeStatistics } from "../scales/statistics.ts";
import { summaryOf } from "../scales/summary.ts";
import type { Matrix } from "../steps/step.ts";
import { codeChoices } from "./choices.ts";
import type { Coded } from "./coded.ts";
import { importanceOf } from "./importance.ts";
import { chosenBy } from "./inspect.ts";
import { findScales, quantizedOf, runQuantizer } from "./run.ts";

/** Blocks between two looks at whoever may cancel. */
const BLOCKS = 1024;

export async function codeItsWay(
  inner: MatrixSource,
  operand: Matrix,
  core: Plan,
  calibration: Calibration | null,
  options: QuantizeOptions,
): Promise<Coded> {
  if (core.choice) return codeChoices(inner, operand, core, importanceOf(core, calibration), options);
  const own = { ...options, calibration, backend: referenceBackend };
  const { finding } = core.levels[0].rule;
  if (finding.kind === "fit") return codeFitted(inner, operand, core, finding.by, own);
  const ranks = finding.kind === "clip" && finding.ranks;
  if (!ranks) throw new Error("a plan that codes as all do was taken for one that codes its own way");
  return codeByRanks(inner, operand, core, ranks, own);
}

/** Scales as the rule finds them, and codes as it says, a block at a time. */
async function codeByRanks(
  inner: MatrixSource,
  operand: Matrix,
  core: Plan,
  ranks: (values: Float32Array) => (x: number) => number,
  options: QuantizeOptions,
): Promise<Coded> {
  const { scales, statistics } = await findScales(inner, core, options);
  const { grid, element } = core;
  const { levels, codes: codeOf } = element.ladder!;
  const { values, rows, cols } = operand;
  const room = new Float32Array(blockSize(grid, 0));
  // One chooser a block, and blocks of any shape lie over the rows in turn.
  const choosers: ((x: number) => number)[] = [];
  for (let block = 0; block < statistics.amax.length; block++) {
    if (block % BLOCKS === 0) await options.checkpoint(0, rows, "quantizing");
    choosers.push(ranks(room.slice(0, gather(grid, values, 0, block, room))));
  }
  const quantized = new Float32Array(values.length);
  const codes = new Uint32Array(values.length);
  const counts = new Uint32Array(2 ** element.format.bits);
  let flushed = 0;
  for (let r = 0; r < rows; r++) {
    if (r % 64 === 0) await options.checkpoint(r, rows, "quantizing");
    eachRun(grid, r, (from, to, block) => {
      for (let i = r * cols + from; i < r * cols + to; i++) {
        const x = values[i];
        const finite = x - x === 0;
        const rank = choosers[block](finite ? x : x > 0 ? Infinity : -Infinity);
        codes[i] = codeOf[rank];
        quantized[i] = Number.isNaN(x) ? x : levels[rank] * scales.effective[block];
        if (!finite) continue;
        counts[codes[i]]++;
        if (x !== 0 && quantized[i] === 0) flushed++;
      }
    });
  }
  return {
    quantized,
    counts: { codes: counts, saturated: 0, flushed },
    summary: summaryOf(scales),
    poisoned: poisonedBlocks(core, statistics),
    bits: [],
    look(report) {
      const nearest = quantizedOf(inner, core, referenceBackend, { scales, statistics }, report);
      const name = `~${core.levels[0].rule.name}`;
      return {
        ...nearest,
        async rows(row0, row1) {
          const rowsOf = await nearest.rows(row0, row1);
          return { ...rowsOf, codes: codes.slice(row0 * cols, row1 * cols) };
        },
        async inspect(row, col) {
          const at = row * cols + col;
          return chosenBy(name, core, await nearest.inspect(row, col), codes[at], quantized[at]);
        },
      };
    },
  };
}

/** Scales, blocks or zero points that a rule fits to the whole matrix; codes are then the nearest ones. */
async function codeFitted(
  inner: MatrixSource,
  operand: Matrix,
  core: Plan,
  by: "fine" | "dgq",
  options: QuantizeOptions,
): Promise<Coded> {
  const fitScales = await loadFit(by);
  const { quantizer, scales, notes } = await fitScales(core, operand, () => options.checkpoint(0, 1, "fitting"));
  const recipe = { before: [], quantizer: quantizer ?? core.recipe.quantizer, after: [] };
  // Definitions were resolved when the recipe was read.
  const settled: Plan = quantizer
    ? { ...prepareRecipe(recipe, [], core.rows, core.cols), recipe: core.recipe, text: core.text, steps: core.steps }
    : core;
  const plan: Plan = { ...settled, steps: [], transforms: [], ...(core.origin && { origin: core.origin }) };
  const run = scales
    ? await withScales(inner, operand, plan, scales, options)
    : await runQuantizer(inner, plan, options);
  const quantized = new Float32Array(operand.values.length);
  const done = operand.values.length;
  await eachTile(inner, plan, options, "quantizing", 0, done, async (tile) => {
    const { result } = await referenceBackend.encode(plan, tile, run.scales);
    quantized.set(result, tile.row0 * tile.cols);
  });
  return {
    quantized,
    counts: run.into,
    summary: summaryOf(run.scales),
    poisoned: run.poisoned,
    bits: [],
    notes,
    settled,
    look: (report) => quantizedOf(inner, plan, referenceBackend, run, report),
  };
}

/** A run under scales that a rule fitted. */
async function withScales(inner: MatrixSource, operand: Matrix, plan: Plan, scales: Scales, options: QuantizeOptions) {
  const { rows, cols, values } = operand;
  const statistics = makeStatistics(plan);
  addStatistics(plan, values, 0, rows, statistics);
  const into = makeAccumulator(plan, valueRangeExponent(largest(values, 0)));
  const quantize = (tile: Tile) => referenceBackend.quantize(plan, tile, scales, into);
  await eachTile(inner, plan, options, "quantizing", 0, rows * cols, quantize);
  return { scales, statistics, into, poisoned: poisonedBlocks(plan, statistics) };
}
