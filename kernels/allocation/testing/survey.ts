/** What the claims of a survey of mixed precision need: hulls, grains, and bits that say which value is an outlier. */
import { normalDraw } from "../../random/normal.ts";
import { frontier } from "../frontier.ts";
import { groupItems } from "../groups.ts";
import { hullOf, relaxedLoss } from "../hull.ts";
import { within } from "../types.ts";
import { indexBits, splitTable, tiedBy } from "../units.ts";
import { free, modelTable, still, tableOf } from "./tables.ts";

/** By how much the price's path differs at the most from the lower convex hull of the exact frontier, as a share of the loss there. */
export async function hullDifference(): Promise<number> {
  const table = modelTable(24, 9, 5);
  const exact = await frontier(table, free, still);
  if (exact.gap !== 0) return Number.NaN;
  const path = await hullOf(await groupItems(table, free, still), still);
  const { bits, loss } = exact;
  let most = 0;
  // Lower hull of the frontier's points, from left to right.
  const hull: number[] = [];
  for (let p = 0; p < bits.length; p++) {
    const slope = (a: number, b: number) => (loss[b] - loss[a]) / (bits[b] - bits[a]);
    while (hull.length > 1 && slope(hull[hull.length - 2], hull[hull.length - 1]) >= slope(hull[hull.length - 1], p))
      hull.pop();
    hull.push(p);
  }
  for (const p of hull) most = Math.max(most, Math.abs(relaxedLoss(path, bits[p]) / loss[p] - 1));
  for (let k = 0; k < path.bits.length; k++) {
    most = Math.max(most, Math.abs(path.loss[k] / loss[within(exact, path.bits[k])] - 1));
  }
  return most;
}

const [TENSORS, ROWS, COLS] = [6, 32, 64];
const WIDTHS = [2, 3, 4, 5, 6, 8];

/** Squared error of rows under symmetric integers with a scale each: [tensor][row][width]. Gains of rows differ. */
const rowErrors = Array.from({ length: TENSORS }, (_, tensor) =>
  Array.from({ length: ROWS }, (_, row) => {
    const gain = Math.exp(normalDraw(11, 0, tensor * ROWS + row));
    const x = Float64Array.from({ length: COLS }, (_, c) => gain * normalDraw(11, 1, (tensor * ROWS + row) * COLS + c));
    const most = x.reduce((m, value) => Math.max(m, Math.abs(value)), 0);
    return WIDTHS.map((width) => {
      const step = most / (2 ** (width - 1) - 1);
      return x.reduce((sum, value) => sum + (step * Math.round(value / step) - value) ** 2, 0);
    });
  }),
);

/** Losses at one budget, from the coarsest unit to the finest: layers of two tensors, tensors, runs of 8 rows, rows. */
async function byUnit(metadata: (choices: number) => number): Promise<number[]> {
  const sumOf = (rows: readonly number[][], c: number) => rows.reduce((sum, row) => sum + row[c], 0);
  const tensors = tableOf(
    rowErrors.map((rows, t) => ({
      loss: WIDTHS.map((_, c) => sumOf(rows, c)),
      bits: WIDTHS.map((width) => width * ROWS * COLS),
      of: { layer: t >> 1, elements: ROWS * COLS },
    })),
  );
  const inRuns = (length: number) =>
    splitTable(
      tensors,
      (item) =>
        Array.from({ length: ROWS / length }, (_, run) => {
          const rows = rowErrors[item].slice(run * length, (run + 1) * length);
          return {
            elements: length * COLS,
            loss: WIDTHS.map((_, c) => sumOf(rows, c)),
            bits: WIDTHS.map((width) => width * length * COLS),
          };
        }),
      metadata(WIDTHS.length),
    );
  const budget = 4.02 * TENSORS * ROWS * COLS;
  const losses = [];
  for (const table of [tiedBy(tensors, "layer"), tensors, inRuns(8), inRuns(1)]) {
    const found = await frontier(table, free, still);
    losses.push(found.loss[within(found, budget)]);
  }
  return losses;
}

/** The largest of each unit's loss over the next coarser one's, where it costs nothing to say which width a part has. */
export async function finerOverCoarser(): Promise<number> {
  const losses = await byUnit(() => 0);
  return Math.max(...losses.slice(1).map((loss, i) => loss / losses[i]));
}

/** Loss of widths by row over widths by tensor, where each row's index is counted: of rows whose gains differ it pays. */
export async function rowsOverTensors(): Promise<number> {
  const losses = await byUnit(indexBits);
  return losses[3] / losses[1];
}

/** Bits a value that a share of values in FP16 beside 4-bit codes adds, their places counted at their entropy. */
const outlierBits = (share: number): number => {
  const places = -(share * Math.log2(share) + (1 - share) * Math.log2(1 - share));
  return share * (16 - 4) + places;
};
export const onePercent = (): number => outlierBits(0.01);
export const fivePercent = (): number => outlierBits(0.05);
