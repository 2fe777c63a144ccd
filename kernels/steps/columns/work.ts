import { partOf } from "../../calibration/index.ts";
import { columnAmax, indexBits } from "../columns.ts";
import type { Matrix, SideTensor, Split, StepJob } from "../step.ts";
import type { ColumnsParams } from "./index.ts";

interface Kept {
  /** The columns that are kept, ascending. */
  columns: Uint32Array;
  /** rows x columns kept. */
  side: SideTensor;
  /** Columns that are kept together, and how many such blocks are. */
  block: number;
  blocks: number;
  /** Of all columns. */
  share: number;
  notes: string[];
}

/** The largest magnitude of each column, or of its inputs. */
function magnitudes({ by }: ColumnsParams, operand: Matrix, { calibration }: StepJob): Float64Array {
  if (by === "own") return Float64Array.from(columnAmax(operand));
  const [min, max] = [partOf(calibration, "min", "columns"), partOf(calibration, "max", "columns")];
  return max.map((high, c) => Math.max(high, -min[c]));
}

function median(values: Float64Array): number {
  const sorted = values.slice().sort();
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** The blocks that hold a column from the threshold on. */
function blocksOver(params: ColumnsParams, found: Float64Array): number[] {
  const { over, unit, block } = params;
  const threshold = unit === "median" ? over * median(found) : over;
  const blocks = new Set<number>();
  found.forEach((value, c) => {
    if (value >= threshold) blocks.add(Math.floor(c / block));
  });
  return [...blocks].sort((a, b) => a - b);
}

export const work: Split<ColumnsParams, Kept> = {
  kind: "split",
  async fit(params, operand, job) {
    const { rows, cols, values } = operand;
    const { block } = params;
    const blocks = blocksOver(params, magnitudes(params, operand, job));
    await job.checkpoint(1, 1, "columns");
    const columns = Uint32Array.from(
      blocks.flatMap((b) => Array.from({ length: Math.min(block, cols - b * block) }, (_, i) => b * block + i)),
    );
    const kept = new Float32Array(rows * columns.length);
    columns.forEach((c, k) => {
      for (let r = 0; r < rows; r++) kept[r * columns.length + k] = values[r * cols + c];
    });
    const side = await job.store("columns kept", { rows, cols: columns.length, values: kept }, params.values);
    const told =
      columns.length === 0
        ? ["columns: none is large enough to be kept"]
        : columns.length === cols
          ? ["columns: all are kept, and none is quantized"]
          : [];
    return { columns, side, block, blocks: blocks.length, share: columns.length / cols, notes: told };
  },
  rest({ columns }, { cols, rows, values }) {
    const out = values.slice();
    for (let r = 0; r < rows; r++) for (const c of columns) out[r * cols + c] = 0;
    return out;
  },
  /** In the place of whatever stands there: places that are kept have no code. */
  add({ columns, side }, { row0, rows, cols, values }) {
    const out = values.slice();
    for (let r = 0; r < rows; r++)
      columns.forEach((c, k) => {
        out[r * cols + c] = side.values[(row0 + r) * columns.length + k];
      });
    return out;
  },
  bits: ({ columns, side, block, blocks }, { rows, cols }) => [
    { what: `${columns.length} columns kept (${side.recipe})`, bitsPerWeight: side.bits / (rows * cols) },
    {
      what: block === 1 ? `places of ${blocks} columns` : `places of ${blocks} blocks of ${block} columns`,
      bitsPerWeight: (blocks * indexBits(Math.ceil(cols / block))) / (rows * cols),
    },
  ],
  stored: ({ share }) => 1 - share,
  side: ({ side }) => [side],
  notes: ({ notes }) => notes,
};
