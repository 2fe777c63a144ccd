/** Blocks each of which takes the element that errs least, with a scale of its own (`pick`, IF4): on the reference. */
import type { Tile } from "../backends/backend.ts";
import type { QuantizeOptions } from "../backends/options.ts";
import { referenceBackend } from "../backends/reference/backend.ts";
import { eachTile } from "../backends/tiles.ts";
import { trialsFor } from "../backends/wasm/trials-for.ts";
import type { CodebookFormat } from "../formats/types.ts";
import type { Importance } from "../ggml/encode.ts";
import type { MatrixSource } from "../matrix/source.ts";
import { blockCount, blockOf, eachRun } from "../plan/blocks.ts";
import type { Plan } from "../plan/plan.ts";
import { loadSearch } from "../scales/load.ts";
import { outsideOf, resolveScales, type Scales, type StoredLevel } from "../scales/resolve.ts";
import { addStatistics, type BlockStatistics, makeStatistics } from "../scales/statistics.ts";
import { summaryOf } from "../scales/summary.ts";
import type { Matrix } from "../steps/step.ts";
import type { Coded } from "./coded.ts";
import { quantizedOf } from "./run.ts";

/** Elements at a time, which are coded by each element in turn. */
const BAND = 2 ** 16;

interface Candidate {
  plan: Plan;
  scales: Scales;
  statistics: BlockStatistics;
  /** What its codes begin at. */
  first: number;
}

export async function codeChoices(
  inner: MatrixSource,
  operand: Matrix,
  core: Plan,
  importance: Importance | null,
  options: QuantizeOptions,
): Promise<Coded> {
  const { by, plans } = core.choice!;
  const { rows, cols, values } = operand;
  const { candidates, outer } = await candidatesOf(inner, plans, importance, options);
  const { grid } = plans[0];
  const blocks = blockCount(grid);
  const bands = function* () {
    const step = Math.max(1, Math.floor(BAND / cols));
    for (let row0 = 0; row0 < rows; row0 += step) {
      const count = Math.min(step, rows - row0);
      const part = values.subarray(row0 * cols, (row0 + count) * cols);
      yield { row0, rows: count, cols, original: part, input: part };
    }
  };
  // Errors of every block under each element, over the finite values in row-major order.
  const errors = candidates.map(() => new Float64Array(blocks));
  for (const tile of bands()) {
    await options.checkpoint(tile.row0, 2 * rows, "choosing");
    for (const [k, { plan, scales }] of candidates.entries()) {
      const { result } = await referenceBackend.encode(plan, tile, scales);
      for (let r = 0; r < tile.rows; r++) {
        eachRun(grid, tile.row0 + r, (from, to, block) => {
          let sum = errors[k][block];
          for (let i = r * cols + from; i < r * cols + to; i++) {
            const x = tile.input[i];
            if (x - x !== 0) continue;
            const e = Math.fround(x - result[i]);
            sum += by === "mse" ? e * e : Math.abs(e);
          }
          errors[k][block] = sum;
        });
      }
    }
  }
  // The first of equals, and of those that are no numbers.
  const chosen = new Uint8Array(blocks);
  for (let b = 0; b < blocks; b++) {
    for (let k = 1; k < candidates.length; k++) if (errors[k][b] < errors[chosen[b]][b]) chosen[b] = k;
  }
  const quantized = new Float32Array(values.length);
  const codes = new Uint32Array(values.length);
  const counts = new Uint32Array((core.element.format as CodebookFormat).values.length);
  let [saturated, flushed] = [0, 0];
  for (const tile of bands()) {
    await options.checkpoint(rows + tile.row0, 2 * rows, "quantizing");
    for (const [k, { plan, scales, first }] of candidates.entries()) {
      const encoded = await referenceBackend.encode(plan, tile, scales);
      const { low, high } = plan.element.ends;
      for (let r = 0; r < tile.rows; r++) {
        eachRun(grid, tile.row0 + r, (from, to, block) => {
          if (chosen[block] !== k) return;
          const scale = scales.effective[block];
          for (let i = r * cols + from, at = (tile.row0 + r) * cols + from; i < r * cols + to; i++, at++) {
            const x = tile.input[i];
            quantized[at] = encoded.quantized[i];
            codes[at] = first + encoded.codes![i];
            if (x - x !== 0) continue;
            counts[codes[at]]++;
            if (x !== 0 && quantized[at] === 0) flushed++;
            const q = scale === 0 ? 0 : x / scale;
            if (q > high || q < low) saturated++;
          }
        });
      }
    }
  }
  const taken = takenBy(chosen, candidates.length);
  const scales = mergedScales(candidates, chosen, outer);
  const names = plans.map(({ recipe: { quantizer } }) =>
    quantizer.base.name === "codebook" ? "6/7 int4" : quantizer.base.name,
  );
  return {
    quantized,
    counts: { codes: counts, saturated, flushed },
    summary: summaryOf(scales),
    poisoned: 0,
    bits: [],
    notes: [`blocks that took each element: ${names.map((name, k) => `${taken[k]} ${name}`).join(", ")}`],
    look(report) {
      const looks = candidates.map(({ plan, scales: own, statistics }) => {
        const all = { ...own, levels: [own.levels[0], ...outer] };
        return quantizedOf(inner, plan, referenceBackend, { scales: all, statistics }, report);
      });
      return {
        ...looks[0],
        scales: scales.levels.map((level, i) => ({
          gridRows: core.levels[i].grid.gridRows,
          gridCols: core.levels[i].grid.gridCols,
          codes: level.codes,
          values: level.values,
        })),
        async rows(row0, row1) {
          const first = await looks[0].rows(row0, row1);
          return { ...first, codes: codes.slice(row0 * cols, row1 * cols) };
        },
        async inspect(row, col) {
          const k = chosen[blockOf(grid, row, col)];
          const words = [{ what: "element of the block", value: names[k] }];
          return { ...(await looks[k].inspect(row, col)), words };
        },
      };
    },
  };
}

/** Scales for every element. Scales of scales are those of the element that needs the largest, so that none goes beyond them. */
async function candidatesOf(
  inner: MatrixSource,
  plans: readonly Plan[],
  importance: Importance | null,
  options: QuantizeOptions,
): Promise<{ candidates: Candidate[]; outer: StoredLevel[] }> {
  const { rows, cols } = plans[0];
  const searchBlocks = plans.some(({ wholeBlocks }) => wholeBlocks) ? (await loadSearch()).searchBlocks : null;
  const later = plans[0].levels[0].rule.finding.kind === "search";
  const visit = (plan: Plan, phase: string, work: (tile: Tile) => void) =>
    eachTile(inner, plan, options, phase, 0, rows * cols, async (tile) => work(tile), true);
  const found: { plan: Plan; statistics: BlockStatistics }[] = [];
  for (const plan of plans) {
    const statistics = makeStatistics(plan, importance);
    await visit(plan, "statistics", ({ input, row0, rows: count }) => {
      addStatistics(plan, input, row0, count, statistics);
      if (plan.wholeBlocks && !later) searchBlocks!(plan, input, row0, count, statistics);
    });
    found.push({ plan, statistics });
  }
  const widest = found.reduce((a, b) => (b.plan.levels[0].divisor < a.plan.levels[0].divisor ? b : a));
  const outside = outsideOf(widest.plan, widest.statistics);
  const outer = resolveScales(widest.plan, widest.statistics).levels.slice(1);
  let first = 0;
  const candidates: Candidate[] = [];
  for (const { plan, statistics } of found) {
    // Searches are wasm's where it has them: they find the same.
    const trials = later ? await trialsFor(plan, options.backend.name) : undefined;
    if (later) {
      await visit(plan, "searching", ({ input, row0, rows: count }) =>
        searchBlocks!(plan, input, row0, count, statistics, trials, outside),
      );
    }
    candidates.push({ plan, statistics, first, scales: resolveScales(plan, statistics, "all", outside) });
    first += 2 ** plan.element.format.bits;
  }
  return { candidates, outer };
}

function takenBy(chosen: Uint8Array, count: number): number[] {
  const taken = new Array<number>(count).fill(0);
  for (const k of chosen) taken[k]++;
  return taken;
}

function mergedScales(candidates: readonly Candidate[], chosen: Uint8Array, outer: StoredLevel[]): Scales {
  const [{ scales }] = candidates;
  const stored = scales.levels[0];
  const level: StoredLevel = {
    codes: stored.codes?.slice() ?? null,
    values: stored.values.slice(),
    ideal: stored.ideal.slice(),
  };
  const effective = scales.effective.slice();
  let dead = 0;
  chosen.forEach((k, b) => {
    const own = candidates[k];
    const from = own.scales.levels[0];
    level.values[b] = from.values[b];
    level.ideal[b] = from.ideal[b];
    if (level.codes) level.codes[b] = from.codes![b];
    effective[b] = own.scales.effective[b];
    if (effective[b] === 0 && own.statistics.amax[b] > 0) dead++;
  });
  return { ...scales, levels: [level, ...outer], effective, dead };
}
