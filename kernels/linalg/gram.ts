import { costs } from "./costs.ts";
import { type Dense, dense, mustBeFinite } from "./dense.ts";
import { ShapeError } from "./errors.ts";
import { lengthOf, placeUpper, rangesOf } from "./panels.ts";
import { mustFit, noPace, type Run } from "./run.ts";
import { Team } from "./team.ts";

/** Tokens that are added at once. */
const TOKENS = 256;
/** Where the tokens lie beside the panels of the sum. */
const ROWS = -1;

/** X^T X of token rows that come in pieces. Every element is the sum over tokens in their order, however they are cut. */
export interface GramSum {
  /** Adds whole rows of float32, row-major tokens x cols; each product is exact in float64. Throws ShapeError. */
  add(rows: Float32Array): Promise<void>;
  /** The sum, symmetric, and the end of it: memory is given back. Throws NotFinite where a token was not finite. */
  finish(): Promise<Dense>;
  /** Gives memory back where `finish` is not called; harmless afterwards. */
  close(): void;
}

/**
 * Starts the Gram matrix of `cols` columns. Calls of `add` are awaited one by one. `pace` is told the tokens added so far of
 * `expected`. Throws MemoryBudgetError: it takes 8 cols^2 bytes for the sum, half of that while it grows.
 */
export async function startGram(cols: number, run: Run = {}, expected = 0): Promise<GramSum> {
  // Unknown numbers of tokens are taken for as many as there are columns.
  const { bytes, operations } = costs.gram(cols, expected || cols);
  mustFit(`The Gram matrix of ${cols} columns`, bytes, run);
  const { pace = noPace } = run;
  const team = await Team.open(run, operations, expected);
  const panels = rangesOf(cols);
  const owned = team.hosts.map((_, host) => team.ownedBy(host, panels.length));
  const pending = new Float32Array(TOKENS * cols);
  let waiting = 0;
  let started = false;

  const flush = async () => {
    const tokens = waiting;
    waiting = 0;
    if (tokens === 0) return;
    const values = pending.subarray(0, tokens * cols);
    await team.all(async (host) => {
      if (!started) {
        for (const i of owned[host]) {
          await team.send(host, { do: "zeros", id: i, rows: lengthOf(panels[i]), cols: cols - panels[i].from });
        }
      }
      await team.send(host, { do: "put", id: ROWS, rows: tokens, cols, values });
      for (const i of owned[host]) {
        const { from } = panels[i];
        const n = cols - from;
        await team.send(
          host,
          { do: "update", form: "tn", c: i, cCol: 0, a: ROWS, aCol: from, b: ROWS, bCol: from, n },
          tokens / panels.length,
        );
      }
    });
    started = true;
  };

  return {
    async add(rows) {
      const tokens = tokensIn(rows, cols);
      for (let t = 0; t < tokens; ) {
        const taken = Math.min(tokens - t, TOKENS - waiting);
        pending.set(rows.subarray(t * cols, (t + taken) * cols), waiting * cols);
        t += taken;
        waiting += taken;
        if (waiting === TOKENS) await flush();
      }
    },
    async finish() {
      try {
        await flush();
        const sum = dense(cols, cols);
        if (started) {
          await team.all(async (host) => {
            for (const i of owned[host]) {
              placeUpper(await team.get(host, i), sum, panels[i], true);
            }
          });
        }
        await mustBeFinite(sum, "The Gram matrix", () => pace(expected, expected), true);
        return sum;
      } finally {
        team.close();
      }
    },
    close: () => team.close(),
  };
}

/** The number of rows in these values. Throws ShapeError where the last one is short. */
function tokensIn(rows: Float32Array, cols: number): number {
  if (cols === 0 ? rows.length > 0 : rows.length % cols !== 0) {
    throw new ShapeError(`${rows.length} values are no whole rows of ${cols} columns.`);
  }
  return cols === 0 ? 0 : rows.length / cols;
}

/** X^T X of token rows at hand, in float64. */
export async function gram(rows: Float32Array, cols: number, run: Run = {}): Promise<Dense> {
  const sum = await startGram(cols, run, tokensIn(rows, cols));
  try {
    await sum.add(rows);
    return await sum.finish();
  } finally {
    sum.close();
  }
}
