import { type Dense, dense, identity } from "./dense.ts";
import { NotConverged } from "./errors.ts";
import type { Run } from "./run.ts";
import { withTeam } from "./team.ts";

/** Sweeps of Jacobi's rotations; some ten suffice. */
const MOST_SWEEPS = 60;
/** Operations of a command, about: 20 ms of one thread. */
const COMMAND = 6e7;

/**
 * One-sided Jacobi: `orthogonal` has orthogonal rows and is `turns` (orthogonal, too) times b. On one machine: a row waits
 * for the one before it. Throws NotConverged.
 */
export async function jacobiRows(b: Dense, run: Run = {}): Promise<{ orthogonal: Dense; turns: Dense }> {
  const { rows, cols } = b;
  if (rows === 0 || cols === 0) return { orthogonal: b, turns: identity(rows) };
  return withTeam({ ...run, pool: null }, 0, MOST_SWEEPS, async (team) => {
    await team.send(0, { do: "put", id: 0, rows, cols, values: b.values });
    await team.send(0, { do: "zeros", id: 1, rows, cols: rows, identity: true });
    const step = Math.max(1, Math.floor(COMMAND / (6 * rows * (2 * cols + rows))));
    for (let sweep = 0; ; sweep++) {
      if (sweep === MOST_SWEEPS) throw new NotConverged(`Singular values did not come out in ${MOST_SWEEPS} sweeps.`);
      let turned = 0;
      for (let from = 0; from < rows; from += step) {
        const to = Math.min(rows, from + step);
        const answer = await team.send(0, { do: "jacobi", id: 0, turns: 1, from, to }, (to - from) / rows);
        turned += (answer as Float64Array)[0];
      }
      if (turned === 0) break;
    }
    return { orthogonal: dense(rows, cols, await team.get(0, 0)), turns: dense(rows, rows, await team.get(0, 1)) };
  });
}

export function rowNorms({ rows, cols, values }: Dense): Float64Array<ArrayBuffer> {
  return Float64Array.from({ length: rows }, (_, i) => {
    let sum = 0;
    for (let k = 0; k < cols; k++) {
      const x = values[i * cols + k];
      sum += x * x;
    }
    return Math.sqrt(sum);
  });
}
