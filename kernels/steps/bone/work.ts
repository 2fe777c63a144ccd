import { type Dense, dense, multiply, svd, transposed } from "../../linalg/index.ts";
import type { Correction, Matrix, Rows, SideTensor, StepJob } from "../step.ts";
import { finiteOf, paceOf, residual } from "../thin/fit.ts";
import { solveRidged } from "../thin/small.ts";
import type { BoneParams } from "./index.ts";

interface Blocks {
  params: BoneParams;
  /** bat: the blocks below each other, rows x r; bone: rows x r, the value of an output for each of r inputs. */
  side: SideTensor;
  notes: string[];
}

/** A map whose least singular value is below this share of its largest, or of one, has no inverse to speak of in float32. */
const SINGULAR = 1e-6;

/** Rows [row0, row0 + r) as tiles below each other, cols / r of them: the tile's own rows and columns kept. */
function stacked({ cols, values }: Dense, row0: number, r: number): Dense {
  const tiles = cols / r;
  const out = dense(tiles * r, r);
  for (let t = 0; t < tiles; t++)
    for (let i = 0; i < r; i++)
      for (let j = 0; j < r; j++) out.values[(t * r + i) * r + j] = values[(row0 + i) * cols + t * r + j];
  return out;
}

/** The B with the least sum over tiles T of |E - (T + I) B|^2: the normal equations, column by column. */
async function blockOf(error: Dense, result: Dense, row0: number, r: number, job: StepJob): Promise<Float64Array> {
  const run = paceOf(job);
  const tiles = stacked(result, row0, r);
  for (let i = 0; i < tiles.rows; i++) tiles.values[i * r + (i % r)] += 1;
  const system = await multiply(tiles, tiles, { transposeA: true }, run);
  const wanted = transposed(await multiply(tiles, stacked(error, row0, r), { transposeA: true }, run));
  const block = new Float64Array(r * r);
  for (let j = 0; j < r; j++) {
    const column = wanted.values.slice(j * r, (j + 1) * r);
    solveRidged(system.values.slice(), column, r);
    for (let i = 0; i < r; i++) block[i * r + j] = column[i];
  }
  return block;
}

/** Of output and place among r inputs: the mean error over the groups of inputs. */
function meanBlock({ rows, cols, values }: Dense, r: number): Float32Array {
  const out = new Float64Array(rows * r);
  for (let i = 0; i < rows; i++) for (let c = 0; c < cols; c++) out[i * r + (c % r)] += values[i * cols + c];
  return Float32Array.from(out, (sum) => (sum * r) / cols);
}

/** Rows of tiles whose map I + B has no inverse. */
async function singularMaps({ values }: SideTensor, r: number, job: StepJob): Promise<number[]> {
  const found: number[] = [];
  for (let at = 0; at < values.length; at += r * r) {
    const map = dense(r, r, Float64Array.from(values.subarray(at, at + r * r)));
    for (let i = 0; i < r; i++) map.values[i * r + i] += 1;
    const { singular } = await svd(map, paceOf(job));
    if (!(singular[r - 1] > SINGULAR * Math.max(1, singular[0]))) found.push(at / (r * r));
  }
  return found;
}

/** T B + B, or B alone, added to rows of tiles. A row of a tile needs itself and B alone. */
export function mended(
  { params: { r, by }, side }: Pick<Blocks, "params" | "side">,
  { row0, rows, cols, values }: Rows,
): Float32Array {
  const out = values.slice();
  const sum = new Float64Array(r);
  for (let i = 0; i < rows; i++) {
    const row = row0 + i;
    const own = side.values.subarray(row * r, (row + 1) * r);
    for (let c = 0; c < cols; c += r) {
      sum.set(own);
      if (by === "bat") {
        const block = side.values.subarray((row - (row % r)) * r, (row - (row % r) + r) * r);
        for (let p = 0; p < r; p++) {
          const x = values[i * cols + c + p];
          if (x !== 0 && x - x === 0) for (let j = 0; j < r; j++) sum[j] += x * block[p * r + j];
        }
      }
      for (let j = 0; j < r; j++) out[i * cols + c + j] = values[i * cols + c + j] + sum[j];
    }
  }
  return out;
}

async function blocksOf({ r, by }: BoneParams, original: Matrix, result: Matrix, job: StepJob): Promise<Float32Array> {
  const error = residual(original, result);
  if (by === "bone") return meanBlock(error, r);
  const finite = finiteOf(result);
  const out = new Float32Array(original.rows * r);
  for (let row = 0; row < original.rows; row += r) {
    await job.checkpoint(row, original.rows, "rows");
    const quiet: StepJob = { ...job, checkpoint: () => job.checkpoint(row, original.rows, "rows") };
    out.set(Float32Array.from(await blockOf(error, finite, row, r, quiet)), row * r);
  }
  return out;
}

export const work: Correction<BoneParams, Blocks> = {
  kind: "correction",
  async fit(params, original, result, job) {
    const { r, by } = params;
    const values = await blocksOf(params, original, result, job);
    const side = await job.store("blocks", { rows: original.rows, cols: r, values }, params.values);
    const singular = by === "bat" ? await singularMaps(side, r, job) : [];
    const notes = singular.length
      ? [
          `bone: the maps of ${singular.length} rows of tiles have no inverse, the first of them ${singular[0]}: they cannot be taken off again`,
        ]
      : [];
    return { params, side, notes };
  },
  correct: mended,
  bits: ({ side }, { rows, cols }) => [
    { what: `blocks of ${side.cols} columns (${side.recipe})`, bitsPerWeight: side.bits / (rows * cols) },
  ],
  side: ({ side }) => [side],
  notes: ({ notes }) => notes,
};
