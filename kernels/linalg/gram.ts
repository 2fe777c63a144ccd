import { type Dense, dense, mirrorUpper, mustBeFinite } from "./dense.ts";
import { ShapeError } from "./errors.ts";
import { matrixBytes, mustFit, noPace, type Run } from "./run.ts";

/** Rows between two looks at whoever may cancel, at a thousand columns. */
const PACED = 2 ** 24;

/** X^T X of token rows that come in pieces. Every element is the sum over tokens in their order, however they are cut. */
export interface GramSum {
  /** Adds whole rows of float32, row-major tokens x cols; each product is exact in float64. Throws ShapeError. */
  add(rows: Float32Array): Promise<void>;
  /** The sum, symmetric; nothing is to be added afterwards. Throws NotFinite where a token was not finite. */
  finish(): Promise<Dense>;
  /** Gives memory back where `finish` is not called. */
  close(): void;
}

/** Starts the Gram matrix of `cols` columns. Throws MemoryBudgetError: it takes 8 cols^2 bytes. */
export async function startGram(cols: number, run: Run = {}): Promise<GramSum> {
  mustFit(`The Gram matrix of ${cols} columns`, matrixBytes(cols), run);
  const { pace = noPace } = run;
  const sum = dense(cols, cols);
  return {
    async add(rows) {
      const tokens = tokensIn(rows, cols);
      const step = Math.max(1, Math.floor(PACED / Math.max(1, cols * cols)));
      for (let t = 0; t < tokens; t++) {
        if (t % step === 0) await pace(t, tokens);
        const row = rows.subarray(t * cols, (t + 1) * cols);
        for (let i = 0; i < cols; i++) {
          const x = row[i];
          for (let j = i; j < cols; j++) sum.values[i * cols + j] += x * row[j];
        }
      }
    },
    async finish() {
      mirrorUpper(sum);
      mustBeFinite(sum, "The Gram matrix");
      return sum;
    },
    close() {},
  };
}

/** The number of rows in these values. Throws ShapeError where the last one is short. */
export function tokensIn(rows: Float32Array, cols: number): number {
  if (cols === 0 ? rows.length > 0 : rows.length % cols !== 0) {
    throw new ShapeError(`${rows.length} values are no whole rows of ${cols} columns.`);
  }
  return cols === 0 ? 0 : rows.length / cols;
}

/** X^T X of token rows at hand, in float64. */
export async function gram(rows: Float32Array, cols: number, run: Run = {}): Promise<Dense> {
  const sum = await startGram(cols, run);
  try {
    await sum.add(rows);
    return await sum.finish();
  } finally {
    sum.close();
  }
}
