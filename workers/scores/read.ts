/** The rows of a matrix that are read, as a matrix of their own. */
import type { MatrixSource } from "../../kernels/matrix/source.ts";
import { mapAtOnce } from "../bytes/at-once.ts";
import type { OpenSource } from "../sources/open.ts";
import { type RowSample, rowsIn, runsOf } from "./sample.ts";
import type { ScoredMatrix } from "./tensors.ts";

/** Elements of a whole matrix that are held at once; larger ones are read again in each pass. */
const MOST_HELD = 2 ** 24;
/** Runs that are asked for at a time: the way to a server is long. */
const AT_ONCE = 6;

/** Rows [from, to) of a scored matrix, straight from where they lie: nothing beside them is decoded or kept. */
function rowsOf(source: OpenSource, matrix: ScoredMatrix, signal: AbortSignal) {
  const { tensor, view, row0, cols } = matrix;
  if (view.transpose) {
    const whole = source.matrix(tensor, view);
    return (from: number, to: number) => whole.read(row0 + from, row0 + to);
  }
  const stored = source.tensor(tensor);
  return (from: number, to: number) => stored.read((row0 + from) * cols, (row0 + to) * cols, signal);
}

/** The sampled rows one after the other. Rejects with UserError where they cannot be read, and with AbortError. */
export async function readSample(
  source: OpenSource,
  matrix: ScoredMatrix,
  sample: RowSample,
  signal: AbortSignal,
): Promise<MatrixSource> {
  const { name, cols } = matrix;
  const rows = rowsIn(sample);
  const read = rowsOf(source, matrix, signal);
  const { notes: said, info } = source.tensor(matrix.tensor);
  // What a weight is decoded from is told of the source, once.
  const notes = info.stored ? [] : said;
  const facts = { name, shape: [rows, cols], view: { split: 1, transpose: false }, rows, cols, notes };
  if (sample.whole && rows * cols > MOST_HELD) return { ...facts, read };
  const values = new Float32Array(rows * cols);
  let at = 0;
  const places = runsOf(sample)
    .flatMap(([from, to]) => pieces(from, to, cols))
    .map(([from, to]) => {
      const place = { from, to, at };
      at += (to - from) * cols;
      return place;
    });
  await mapAtOnce(places, AT_ONCE, async ({ from, to, at: begin }) => values.set(await read(from, to), begin));
  return held(facts, values);
}

/** A run in parts that are decoded at a time. */
function pieces(from: number, to: number, cols: number): [number, number][] {
  const step = Math.max(1, Math.floor(2 ** 20 / cols));
  const out: [number, number][] = [];
  for (let row = from; row < to; row += step) out.push([row, Math.min(to, row + step)]);
  return out;
}

/** A matrix in memory, whose rows nobody writes to. */
function held(facts: Omit<MatrixSource, "read">, values: Float32Array): MatrixSource {
  return { ...facts, read: async (from, to) => values.subarray(from * facts.cols, to * facts.cols) };
}

/** Greatest and least value of each column over all rows, as two rows: what scales of the whole tensor follow from. */
export async function readExtremes(
  source: OpenSource,
  matrix: ScoredMatrix,
  signal: AbortSignal,
  pace: () => Promise<void>,
): Promise<Float32Array> {
  const { rows, cols } = matrix;
  const read = rowsOf(source, matrix, signal);
  const extremes = new Float32Array(2 * cols);
  for (const [from, to] of pieces(0, rows, cols)) {
    const values = await read(from, to);
    for (let i = 0, c = 0; i < values.length; i++, c = c + 1 === cols ? 0 : c + 1) {
      const x = values[i];
      if (x - x !== 0) continue;
      if (x > extremes[c]) extremes[c] = x;
      if (x < extremes[cols + c]) extremes[cols + c] = x;
    }
    await pace();
  }
  return extremes;
}

/** A matrix with rows behind it. */
export function withRows(matrix: MatrixSource, more: Float32Array): MatrixSource {
  const { rows, cols } = matrix;
  const all = rows + more.length / cols;
  return {
    ...matrix,
    ...{ rows: all, shape: [all, cols] },
    async read(from, to) {
      if (to <= rows) return matrix.read(from, to);
      const out = new Float32Array((to - from) * cols);
      if (from < rows) out.set(await matrix.read(from, rows));
      const begin = Math.max(from, rows);
      out.set(more.subarray((begin - rows) * cols, (to - rows) * cols), (begin - from) * cols);
      return out;
    },
  };
}
