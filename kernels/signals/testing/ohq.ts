/** What OHQ claims: a quarter of the values tells what all would, and its integer program finds what trying all finds. */
import { bruteForce } from "../../allocation/brute.ts";
import { assignmentOf, groupItems } from "../../allocation/groups.ts";
import { branch } from "../../allocation/solvers/branch.ts";
import { free, still, tableOf } from "../../allocation/testing/tables.ts";
import { normalDraw, uniformDraw } from "../../random/normal.ts";
import { weighedObjective } from "../latency/objective.ts";
import { rowBytes } from "../latency/packed.ts";
import { maskedTerms } from "../masked/work.ts";
import { spearman } from "../rank.ts";

const LAYERS = 16;

/** A layer of normal weights, and what rounding to a step leaves. */
function layer(seed: number, rows: number, cols: number, step: number) {
  const values = Float32Array.from({ length: rows * cols }, (_, i) => normalDraw(seed, 0, i));
  return { row0: 0, rows, cols, values, results: values.map((x) => Math.round(x / step) * step) };
}
const total = (terms: Float64Array): number => terms.reduce((a, b) => a + b, 0);
const layers = () => Array.from({ length: LAYERS }, (_, i) => layer(i, 24, 32, 0.2 * 1.1 ** i));

/** Spearman's correlation over 16 layers of the masked error with that of all values quantized. */
export function maskedOrder(): number {
  const both = layers().map((one) => [total(maskedTerms(one).error), total(maskedTerms(one, { share: 1 }).error)]);
  const [masked, full] = [0, 1].map((i) => both.map((pair) => pair[i]));
  return spearman(masked, full).value!;
}

/** The masked squared error, before it is divided by the share, over the full one: over 48 draws of masks and inputs. */
export function maskedShare(): number {
  const one = layer(3, 100, 64, 0.5);
  let [masked, full] = [0, 0];
  for (let seed = 0; seed < 48; seed++) {
    masked += 0.25 * total(maskedTerms(one, { seed, share: 0.25 }).error);
    full += total(maskedTerms(one, { seed, share: 1 }).error);
  }
  return masked / full;
}

/** The loss of the integer program's allocation over that of the best of all, of 16 layers in 4 or 8 bits, loss and time half and half. */
export async function programOverBest(): Promise<number> {
  const widths = [4, 8] as const;
  const shapes = Array.from({ length: LAYERS }, (_, i) => [64 << (i % 3), 96 + 32 * (i % 5)]);
  const rows = shapes.map(([r, c], i) => ({
    loss: widths.map((width) => r * c * (0.1 + uniformDraw(5, 0, i)) * 4 ** -width),
    bits: widths.map((width) => 8 * r * rowBytes(c, width)),
  }));
  const table = tableOf(rows);
  // Where memory decides, time goes with bytes.
  const { loss } = weighedObjective(table.loss, table.bits, widths.length, 0.5);
  const groups = await groupItems({ ...table, loss }, free, still);
  const sum = (c: number) => rows.reduce((bits, row) => bits + row.bits[c], 0);
  const budget = Math.floor((sum(0) + sum(1)) / 2);
  const found = await branch.solve(groups, budget, still, { seed: 0 });
  return assignmentOf(groups, found!.at).loss / bruteForce(groups, budget)!.loss;
}
