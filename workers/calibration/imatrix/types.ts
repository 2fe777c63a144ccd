/**
 * llama.cpp's importance matrix: for each weight, the sums over tokens of the squares of its inputs, column by column. A file is read
 * by its directory alone; an entry's numbers are read when its weight is asked for.
 *
 * From tools/imatrix/imatrix.cpp (the writer) and common/imatrix-loader.cpp of https://github.com/ggml-org/llama.cpp.
 */
import { UserError } from "../../errors/user-error.ts";

/** What an entry's numbers are, as they stand in the file. */
export interface ImatrixSums {
  /** Sums of squares: columns of the first matrix, then of the next; a weight with experts has a matrix for each. */
  sums: Float32Array;
  /**
   * What the sums are divided by, each for an equal share of them. In the GGUF form the tokens that were met, one for each expert (one
   * for all in a dense weight); in the older form one number of chunks, by which the file's writer multiplied the means.
   */
  counts: Float64Array;
  /** Sums of the inputs themselves, where the file has them, in the order of `sums`. */
  plain?: Float32Array;
}

export interface ImatrixEntry {
  /** The weight's name as GGUF files spell it: `blk.0.attn_q.weight`. */
  name: string;
  /** How many sums there are, as the directory says. */
  length: number;
  /** Rejects with UserError where the numbers are none that sums of squares and counts can be, and with AbortError. */
  read(signal?: AbortSignal): Promise<ImatrixSums>;
}

export interface Imatrix {
  /** `gguf`, or `dat`: the form before it, which names no magic number. */
  form: "gguf" | "dat";
  /** In the order of the file; names are unique. */
  entries: ImatrixEntry[];
  /** What the file says of its making; null where it does not. */
  chunks: number | null;
  chunkTokens: number | null;
  datasets: string[];
  notes: string[];
}

/** Throws UserError unless all are finite and none is negative: sums of squares. */
export function checkSums(file: string, entry: string, sums: Float32Array): void {
  const bad = sums.findIndex((sum) => !(sum >= 0 && sum < Infinity));
  if (bad < 0) return;
  throw new UserError(
    `${file}: the sum of squares of column ${bad} of ${entry} is ${sums[bad]}, which no sum of squares is. The file is damaged, or the model gave NaN or Inf.`,
  );
}

/** Throws UserError unless all are finite: sums of inputs. */
export function checkPlain(file: string, entry: string, sums: Float32Array): void {
  const bad = sums.findIndex((sum) => sum - sum !== 0);
  if (bad >= 0)
    throw new UserError(
      `${file}: the sum of inputs of column ${bad} of ${entry} is ${sums[bad]}. The file is damaged.`,
    );
}

/** What divides the sums of a share. */
export function checkCounts(file: string, entry: string, counts: ArrayLike<number>): void {
  const bad = Array.from(counts).findIndex((count) => !(count >= 0 && count <= Number.MAX_SAFE_INTEGER));
  if (bad < 0) return;
  throw new UserError(`${file}: count ${bad} of ${entry} is ${counts[bad]}, and tokens are counted from 0 on.`);
}

/**
 * Mean squares as llama-quantize takes them, one for each sum: the sum over its count, in float32. Columns of an expert that met no
 * token count 1 each; `idle` is how many such counts there are. Sums of the older form without chunks are taken as they are.
 */
export function meanSquares(
  { sums, counts }: ImatrixSums,
  form: Imatrix["form"],
): { values: Float32Array; idle: number } {
  const share = sums.length / counts.length;
  const values = new Float32Array(sums.length);
  let idle = 0;
  counts.forEach((count, c) => {
    if (count === 0) idle++;
    const of = Math.fround(count);
    for (let i = c * share; i < (c + 1) * share; i++) {
      if (count > 0) values[i] = sums[i] / of;
      else values[i] = form === "gguf" ? 1 : sums[i];
    }
  });
  return { values, idle: form === "gguf" ? idle : 0 };
}
