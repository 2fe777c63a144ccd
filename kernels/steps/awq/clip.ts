import type { Dense } from "../../linalg/index.ts";
import { scaledRows } from "../channels.ts";
import type { Matrix, Rows, StepJob } from "../step.ts";

/** Ends of the range of each group of columns in each row: values beyond are cut. */
export interface Clips {
  group: number;
  /** rows x cols / group. */
  ends: Float32Array;
}

/** Shares of a group's largest magnitude that are tried: 1, 0.95 ... 0.55, as in AWQ's code (a grid of 20, shrunk by half at most). */
const SHARES = Array.from({ length: 10 }, (_, i) => 1 - i / 20);

/** Cuts values to the ends of their groups. */
export function clipped({ row0, cols, values }: Rows, { group, ends }: Clips): Float32Array {
  const groups = cols / group;
  return values.map((x, i) => {
    const end = ends[(row0 + Math.floor(i / cols)) * groups + Math.floor((i % cols) / group)];
    return x > end ? end : Math.max(x, -end);
  });
}

/** The largest finite magnitude of each group. */
function endsOf({ rows, cols, values }: Matrix, group: number): Float32Array {
  const groups = cols / group;
  const ends = new Float32Array(rows * groups);
  for (let i = 0; i < values.length; i++) {
    const at = Math.floor(i / cols) * groups + Math.floor((i % cols) / group);
    const a = Math.abs(values[i]);
    if (a > ends[at] && a < Infinity) ends[at] = a;
  }
  return ends;
}

/** X^T X of each group's columns, one after the other: group x group each. */
function groupGrams({ rows, cols, values }: Dense, group: number): Float64Array {
  const out = new Float64Array(cols * group);
  for (let t = 0; t < rows; t++) {
    for (let g = 0; g < cols; g += group) {
      for (let i = 0; i < group; i++) {
        const x = values[t * cols + g + i];
        for (let j = i; j < group; j++) out[(g + i) * group + j] += x * values[t * cols + g + j];
      }
    }
  }
  return out;
}

/** d^T G d from the upper triangle of G, which begins at `at`. */
function quadratic(d: Float64Array, grams: Float64Array, at: number, group: number): number {
  let sum = 0;
  for (let i = 0; i < group; i++) {
    if (d[i] === 0) continue;
    let across = 0;
    for (let j = i + 1; j < group; j++) across += d[j] * grams[at + i * group + j];
    sum += d[i] * (d[i] * grams[at + i * group + i] + 2 * across);
  }
  return sum;
}

/**
 * For each group of columns in each row the share of its range at which the group's own part of the outputs is nearest to what it was,
 * over the inputs given; of equal errors the larger share. Both the weight and what comes back are divided by the factors again.
 */
export async function findClips(
  operand: Matrix,
  factors: Float32Array,
  inputs: Dense,
  group: number,
  job: StepJob,
): Promise<Clips> {
  const { rows, cols, values } = operand;
  const groups = cols / group;
  const whole: Rows = { row0: 0, rows, cols, values };
  const scaled = scaledRows(whole, factors, false);
  const full = endsOf({ rows, cols, values: scaled }, group);
  const grams = groupGrams(inputs, group);
  const ends = full.slice();
  const least = new Float64Array(rows * groups).fill(Infinity);
  const apart = new Float64Array(group);
  for (const [k, share] of SHARES.entries()) {
    const tried = full.map((end) => end * share);
    const cut = clipped({ ...whole, values: scaled }, { group, ends: tried });
    const { values: result } = await job.rest({ rows, cols, values: cut });
    const back = scaledRows({ ...whole, values: result }, factors, true);
    for (let r = 0; r < rows; r++) {
      if (r % 64 === 0) await job.checkpoint(k, SHARES.length, "ranges");
      for (let g = 0; g < groups; g++) {
        for (let i = 0; i < group; i++) {
          const at = r * cols + g * group + i;
          const e = values[at] - back[at];
          apart[i] = e - e === 0 ? e : 0;
        }
        const error = quadratic(apart, grams, g * group * group, group);
        const at = r * groups + g;
        if (error < least[at]) {
          least[at] = error;
          ends[at] = tried[at];
        }
      }
    }
  }
  return { group, ends };
}
