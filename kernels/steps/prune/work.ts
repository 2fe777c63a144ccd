import { partOf } from "../../calibration/index.ts";
import { uniformDraw } from "../../random/normal.ts";
import { indexBits } from "../columns.ts";
import { countOf, largestPlaces } from "../places.ts";
import type { Matrix, Rows, Split, StepJob } from "../step.ts";
import type { PruneParams } from "./index.ts";

interface Pruned {
  params: PruneParams;
  /** 1 where a value stays. What is not finite always does. */
  stays: Uint8Array;
  kept: number;
}

const PACED_ROWS = 512;
const TILE_BITS = 16;
/** Keeps these draws apart from others under an equal seed. */
const STREAM = 0x6472746d;

/** What values go by, in float32: the largest stay. */
function scores({ by, seed }: PruneParams, { cols, values }: Matrix, { calibration }: StepJob): Float32Array {
  if (by === "magnitude") return values;
  if (by === "random") return values.map((x, i) => (x - x === 0 ? uniformDraw(seed, STREAM, i) : x));
  const norms = partOf(calibration, "meanSquare", "prune").map(Math.sqrt);
  return values.map((x, i) => x * norms[i % cols]);
}

/** The rows of the largest norms, by what values go by. */
function wholeRows(frac: number, score: Float32Array, { rows, cols }: Matrix): Uint32Array {
  const norms = new Float32Array(rows);
  for (let r = 0; r < rows; r++) {
    let sum = 0;
    for (let i = r * cols; i < (r + 1) * cols; i++) if (score[i] - score[i] === 0) sum += score[i] ** 2;
    norms[r] = Math.sqrt(sum);
  }
  return largestPlaces(norms, rows - Math.round(frac * rows));
}

/** Marks the n largest of a group; the earlier one of equals. */
function markLargest(score: Float32Array, from: number, to: number, n: number, stays: Uint8Array): void {
  const group = Array.from({ length: to - from }, (_, i) => from + i).filter((i) => score[i] - score[i] === 0);
  group.sort((a, b) => Math.abs(score[b]) - Math.abs(score[a]) || a - b);
  for (const i of group.slice(0, n)) stays[i] = 1;
}

async function mark(params: PruneParams, operand: Matrix, job: StepJob): Promise<Uint8Array> {
  const { rows, cols, values } = operand;
  const { frac, pattern, by, of } = params;
  const stays = new Uint8Array(values.length);
  const score = scores(params, operand, job);
  if (of === "rows") {
    for (const r of wholeRows(frac, score, operand)) stays.fill(1, r * cols, (r + 1) * cols);
    return stays;
  }
  if (!pattern && by !== "inputs") {
    const finite = countOf(operand, 1);
    for (const i of largestPlaces(score, finite - Math.round(frac * finite))) stays[i] = 1;
  } else {
    const group = pattern?.m ?? cols;
    for (let r = 0; r < rows; r++) {
      if (r % PACED_ROWS === 0) await job.checkpoint(r, rows, "rows");
      for (let c = 0; c < cols; c += group) {
        const to = Math.min(cols, c + group);
        const count = pattern ? Math.min(pattern.n, to - c) : cols - Math.round(frac * cols);
        markLargest(score, r * cols + c, r * cols + to, count, stays);
      }
    }
  }
  for (let i = 0; i < values.length; i++) if (values[i] - values[i] !== 0) stays[i] = 1;
  return stays;
}

const masked = ({ stays }: Pruned, { row0, cols, values }: Rows, factor: number): Float32Array => {
  const from = row0 * cols;
  const out = new Float32Array(values.length);
  for (let i = 0; i < out.length; i++) if (stays[from + i]) out[i] = values[i] * factor;
  return out;
};

export const work: Split<PruneParams, Pruned> = {
  kind: "split",
  async fit(params, operand, job) {
    const stays = await mark(params, operand, job);
    let kept = 0;
    for (const one of stays) kept += one;
    return { params, stays, kept };
  },
  rest: (pruned, rows) => masked(pruned, rows, pruned.params.factor),
  /** What is pruned stays zero, also where the format has no zero: it has no code. */
  add: (pruned, rows) => masked(pruned, rows, 1),
  bits({ params: { pattern, of, places }, kept }, { rows, cols }) {
    const n = rows * cols;
    // Nothing stays, and there are no places: what was kept apart before is all.
    if (kept === 0) return [];
    const entry = (what: string, bits: number) => [{ what, bitsPerWeight: bits / n }];
    if (of === "rows") return entry(`places of ${kept / cols} rows`, (kept / cols) * indexBits(rows));
    if (pattern) return entry(`places of ${kept} values among ${pattern.m}`, kept * indexBits(pattern.m));
    if (places === "tile") return entry(`places of ${kept} values in their tiles`, kept * TILE_BITS);
    return entry("mask", n);
  },
  stored: ({ stays, kept }) => kept / stays.length,
};
