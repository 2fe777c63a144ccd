import { RecipeError } from "../../grammar/errors.ts";
import { rangeOf } from "../ideal.ts";
import type { Scales } from "../resolve.ts";
import { product, roundScale } from "../round.ts";
import type { Fit } from "./fit.ts";

/** Ratios that are tried for a group's range, and for a row's scale: 1.009 down to 0.80, and 1.01 down to 0.20. */
const GROUP = Array.from({ length: 20 }, (_, i) => 1.02 - (0.22 * (i + 1)) / 20);
const ROW = Array.from({ length: 80 }, (_, i) => 1.02 - (0.82 * (i + 1)) / 80);

/** What codes times the group's scale must not exceed, so that rows go on in INT8. */
const MOST = 127;

interface Group {
  from: number;
  to: number;
  scale: number;
  zero: number;
}

function errorOf(values: Float32Array, { from, to, zero }: Group, scale: number, most: number, limit: number): number {
  let sum = 0;
  const [low, high] = [Math.max(-zero, -limit), Math.min(most - zero, limit)];
  for (let i = from; i < to; i++) {
    const x = values[i];
    if (x - x !== 0) continue;
    const e = x - Math.min(high, Math.max(low, Math.round(x / scale))) * scale;
    sum += e * e;
  }
  return sum;
}

/**
 * Dual grained quantization (arXiv 2310.04836), on the weights' own error: affine groups whose range is shrunk for the least error, then
 * a scale a row and whole numbers a group, at least 1, with codes kept where a whole number times code less zero point fits INT8.
 */
export const dgq: Fit = async (plan, { rows, cols, values }, pace) => {
  const { element, levels, grid } = plan;
  const [inner, outer] = levels;
  const whole = inner.format.kind === "integer" && inner.format.min === 0 && inner.format.frac === 0;
  const oneRow = outer?.grid.blockRows === 1 && outer.grid.gridCols === 1;
  if (!whole || !oneRow || levels.length !== 2 || grid.blockRows !== 1 || grid.flat) {
    throw new RecipeError(
      "~dgq has groups of a row with whole numbers and a scale a row: int4(asym)/128~dgq:uint8/row:f16",
    );
  }
  const most = element.integer!.max;
  const top = inner.ladder!.maxAbs;
  const blocks = grid.gridRows * grid.gridCols;
  const stored = { codes: new Uint32Array(blocks), values: new Float32Array(blocks), ideal: new Float64Array(blocks) };
  const perRow = {
    codes: outer.ladder && new Uint32Array(rows),
    values: new Float32Array(rows),
    ideal: new Float64Array(rows),
  };
  const effective = new Float32Array(blocks);
  const zeroPoints = new Int32Array(blocks);
  const limits = new Int32Array(blocks);
  let dead = 0;
  for (let r = 0; r < rows; r++) {
    if (r % 16 === 0) await pace();
    const groups: Group[] = [];
    let amax = 0;
    for (let k = 0; k < grid.gridCols; k++) {
      const [from, to] = [r * cols + k * grid.blockCols, r * cols + Math.min(cols, (k + 1) * grid.blockCols)];
      let [min, max] = [0, 0];
      for (let i = from; i < to; i++) {
        const x = values[i];
        if (x - x !== 0) continue;
        if (x < min) min = x;
        if (x > max) max = x;
      }
      amax = Math.max(amax, max, -min);
      groups.push(bestGroup(values, from, to, min, max, most));
    }
    let [least, best] = [Infinity, { code: 0, value: 0, ideal: 0 }];
    for (const ratio of amax === 0 ? [] : ROW) {
      const ideal = (ratio * amax) / MOST;
      const { code, value } = roundScale(outer, ideal, 0, 1, 1, r);
      if (value === 0) continue;
      let sum = 0;
      for (const group of groups) {
        const times = wholeOf(group.scale / value, top);
        sum += errorOf(values, group, product(times, value), most, Math.floor(MOST / times));
        if (sum >= least) break;
      }
      if (sum < least) [least, best] = [sum, { code, value, ideal }];
    }
    perRow.values[r] = best.value;
    perRow.ideal[r] = best.ideal;
    if (perRow.codes) perRow.codes[r] = best.code;
    groups.forEach((group, k) => {
      const b = r * grid.gridCols + k;
      const times = best.value === 0 ? 0 : wholeOf(group.scale / best.value, top);
      stored.codes[b] = times;
      stored.values[b] = times;
      stored.ideal[b] = best.value === 0 ? 0 : group.scale / best.value;
      effective[b] = product(times, best.value);
      zeroPoints[b] = group.zero;
      limits[b] = times === 0 ? MOST : Math.floor(MOST / times);
      if (effective[b] === 0 && group.scale > 0) dead++;
    });
  }
  const scales: Scales = {
    ...{ levels: [stored, perRow], effective, zeroPoints, dead, limits },
    reciprocal: new Float32Array(0),
  };
  return { scales, notes: [] };
};

const wholeOf = (q: number, top: number): number => Math.min(top, Math.max(1, Math.round(q)));

function bestGroup(values: Float32Array, from: number, to: number, min: number, max: number, most: number): Group {
  const { hi, lo } = rangeOf(min, max);
  const range = hi + lo;
  let best: Group = { from, to, scale: 0, zero: 0 };
  let least = Infinity;
  for (const ratio of range === 0 ? [] : GROUP) {
    const scale = (range * ratio) / most;
    const group = { from, to, scale, zero: Math.min(most, Math.max(0, Math.round((-min * ratio) / scale))) };
    const sum = errorOf(values, group, scale, most, Infinity);
    if (sum < least) [least, best] = [sum, group];
  }
  return best;
}
