/** Heads of attention out of tensors of tokens x (heads x values), as projections and caches hold them. */
import type { AttentionHead } from "../../kernels/attention/index.ts";
import type { MatrixSource } from "../../kernels/matrix/source.ts";
import { UserError } from "../errors/user-error.ts";

/** Queries, keys and values of all heads: one token a row, heads side by side. */
export interface AttentionTriple {
  queries: MatrixSource;
  keys: MatrixSource;
  values: MatrixSource;
}

/** How many heads lie side by side in a row of queries, and in one of keys and values: fewer where heads share them. */
export interface HeadCounts {
  heads: number;
  keyHeads: number;
}

/** Checks that they fit. Throws UserError. */
export function checkHeads({ queries, keys, values }: AttentionTriple, { heads, keyHeads }: HeadCounts): void {
  const divides = (source: MatrixSource, count: number, what: string) => {
    if (source.cols % count !== 0) {
      throw new UserError(`${source.name} has ${source.cols} columns, which are not ${count} ${what} of one width.`);
    }
  };
  divides(queries, heads, "heads");
  divides(keys, keyHeads, "heads of keys");
  divides(values, keyHeads, "heads of values");
  if (heads % keyHeads !== 0) {
    throw new UserError(`${heads} heads cannot share ${keyHeads} heads of keys and values evenly.`);
  }
  if (queries.cols / heads !== keys.cols / keyHeads) {
    throw new UserError(
      `A query has ${queries.cols / heads} values and a key ${keys.cols / keyHeads}: of ${heads} and ${keyHeads} heads these do not fit each other.`,
    );
  }
  if (keys.rows !== values.rows) {
    throw new UserError(`${keys.name} has ${keys.rows} tokens and ${values.name} ${values.rows}.`);
  }
  if (queries.rows > keys.rows) {
    throw new UserError(`${queries.name} has ${queries.rows} tokens, more than the ${keys.rows} of ${keys.name}.`);
  }
}

/** Columns [from, from + width) of row-major rows of `cols`. */
function columnsOf(all: Float32Array, cols: number, from: number, width: number): Float32Array {
  const rows = all.length / cols;
  const out = new Float32Array(rows * width);
  for (let r = 0; r < rows; r++) out.set(all.subarray(r * cols + from, r * cols + from + width), r * width);
  return out;
}

/** Each head in its turn; the three tensors are held. Rejects with UserError where they do not fit, and as reading does. */
export async function* headsOf(triple: AttentionTriple, counts: HeadCounts): AsyncGenerator<AttentionHead> {
  checkHeads(triple, counts);
  const { queries, keys, values } = triple;
  const { heads, keyHeads } = counts;
  const [q, k, v] = await Promise.all([queries, keys, values].map((source) => source.read(0, source.rows)));
  const [dim, valueDim] = [queries.cols / heads, values.cols / keyHeads];
  for (let h = 0; h < heads; h++) {
    const shared = Math.floor(h / (heads / keyHeads));
    yield {
      ...{ tokens: queries.rows, keyTokens: keys.rows, dim, valueDim },
      queries: columnsOf(q, queries.cols, h * dim, dim),
      keys: columnsOf(k, keys.cols, shared * dim, dim),
      values: columnsOf(v, values.cols, shared * valueDim, valueDim),
    };
  }
}
