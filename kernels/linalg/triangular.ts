import { costs } from "./costs.ts";
import { type Dense, dense, mustBeSquare } from "./dense.ts";
import { eliminate } from "./elimination.ts";
import { ShapeError, Singular } from "./errors.ts";
import { lengthOf, part, place, placeUpper, type Range, rangesOf } from "./panels.ts";
import { mustFit, type Run } from "./run.ts";
import { type Team, withTeam } from "./team.ts";

/** The inverse of an upper triangular matrix; what lies below its diagonal is not read. Throws Singular, ShapeError. */
export async function invertUpper(u: Dense, run: Run = {}): Promise<Dense> {
  mustBeSquare(u, "A triangular inverse");
  mustFit("The inverse", costs.invertUpper(u.rows).bytes, run);
  mustHaveDiagonal(u);
  const n = u.rows;
  const out = dense(n, n);
  await eliminate(
    {
      n,
      factor: false,
      want: "inverse factor",
      rows: (range) => part(u, range, { from: range.from, to: n }),
      keep: (values, range) => placeUpper(values, out, range),
    },
    run,
  );
  return out;
}

/**
 * X with u X = b, or u^T X = b where `transpose` is set; u upper triangular, what lies below its diagonal not read.
 * Throws Singular, ShapeError.
 */
export async function solveUpper(u: Dense, b: Dense, transpose = false, run: Run = {}): Promise<Dense> {
  mustBeSquare(u, "A triangular system");
  if (b.rows !== u.rows) {
    throw new ShapeError(`A system of ${u.rows} equations has right sides of ${u.rows} rows, not ${b.rows}.`);
  }
  const { bytes, operations } = costs.solveUpper(b.rows, b.cols);
  mustFit("The solution", bytes, run);
  mustHaveDiagonal(u);
  const out = dense(b.rows, b.cols);
  if (out.values.length === 0) return out;
  const panels = rangesOf(u.rows);
  const pairs = (panels.length * (panels.length + 1)) / 2;
  await withTeam(run, operations, pairs, (team) => {
    // Every machine has some of the columns, which know nothing of each other.
    const slabs = rangesOf(b.cols, 4 * Math.ceil(b.cols / (4 * team.size)));
    return team.all(async (host) => {
      const cols = slabs[host];
      if (!cols) return;
      for (const [i, rows] of panels.entries()) {
        const shape = { rows: lengthOf(rows), cols: lengthOf(cols) };
        await team.send(host, { do: "put", id: i, ...shape, values: part(b, rows, cols) });
      }
      const solve = transpose ? forward : backward;
      await solve(team, host, u, panels, lengthOf(cols));
      for (const [i, rows] of panels.entries()) place(await team.get(host, i), out, rows, cols);
    });
  });
  return out;
}

/** X with u^T u X = b: a system whose Cholesky factor is at hand. */
export async function solveCholesky(u: Dense, b: Dense, run: Run = {}): Promise<Dense> {
  return solveUpper(u, await solveUpper(u, b, true, run), false, run);
}

/** Sends panel k of u, from the diagonal on, as the panel after the solution's. */
async function sendPanel(team: Team, host: number, u: Dense, panels: Range[], k: number): Promise<void> {
  const right = { from: panels[k].from, to: u.cols };
  const shape = { rows: lengthOf(panels[k]), cols: lengthOf(right) };
  await team.send(host, { do: "put", id: panels.length, ...shape, values: part(u, panels[k], right) });
}

/** From the first panel on; each is taken off all after it. */
async function forward(team: Team, host: number, u: Dense, panels: Range[], n: number): Promise<void> {
  for (const k of panels.keys()) {
    await sendPanel(team, host, u, panels, k);
    await team.send(host, { do: "forward", x: k, u: panels.length }, 1 / team.size);
    for (let i = k + 1; i < panels.length; i++) {
      const operands = { a: panels.length, aCol: panels[i].from - panels[k].from, b: k, bCol: 0 };
      const update = { do: "update", form: "tn", c: i, cCol: 0, ...operands, n, subtract: true } as const;
      await team.send(host, update, 1 / team.size);
    }
  }
}

/** From the last panel on; all after one are taken off it. */
async function backward(team: Team, host: number, u: Dense, panels: Range[], n: number): Promise<void> {
  for (let k = panels.length - 1; k >= 0; k--) {
    await sendPanel(team, host, u, panels, k);
    for (let i = panels.length - 1; i > k; i--) {
      const operands = { a: panels.length, aCol: panels[i].from - panels[k].from, b: i, bCol: 0 };
      const update = { do: "update", form: "nn", c: k, cCol: 0, ...operands, n, subtract: true } as const;
      await team.send(host, update, 1 / team.size);
    }
    await team.send(host, { do: "backward", x: k, u: panels.length }, 1 / team.size);
  }
}

function mustHaveDiagonal({ rows: n, values }: Dense): void {
  for (let k = 0; k < n; k++) if (values[k * n + k] === 0) throw new Singular("The triangular matrix", k);
}
