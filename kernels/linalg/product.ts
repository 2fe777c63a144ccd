import { costs } from "./costs.ts";
import { type Dense, dense } from "./dense.ts";
import { ShapeError } from "./errors.ts";
import { lengthOf, part, place, rangesOf } from "./panels.ts";
import { mustFit, type Run } from "./run.ts";
import { withTeam } from "./team.ts";

export interface ProductForm {
  transposeA?: boolean;
  transposeB?: boolean;
}

/** Operations of a command, about: 5 ms of one thread. */
const COMMAND = 2 ** 27;

/**
 * op(a) op(b), where op is the matrix or its transpose (GEMM). Every element is the sum of its products in the order of
 * the inner index, each product and each sum rounded: the bits of the plain triple loop. Throws ShapeError, MemoryBudgetError.
 */
export async function multiply(a: Dense, b: Dense, form: ProductForm = {}, run: Run = {}): Promise<Dense> {
  const { transposeA = false, transposeB = false } = form;
  const [m, inner] = transposeA ? [a.cols, a.rows] : [a.rows, a.cols];
  const [innerB, n] = transposeB ? [b.cols, b.rows] : [b.rows, b.cols];
  if (inner !== innerB) {
    throw new ShapeError(`A matrix of ${m} x ${inner} cannot be multiplied by one of ${innerB} x ${n}.`);
  }
  const { bytes, operations } = costs.multiply(m, inner, n);
  mustFit("The product", bytes, run);
  const out = dense(m, n);
  if (out.values.length === 0 || inner === 0) return out;
  const panels = rangesOf(m);
  const all = { from: 0, to: n };
  const depth = Math.max(1, Math.floor(COMMAND / (2 * lengthOf(panels[0]) * n) / 64)) * 64;
  const chunks = rangesOf(inner, depth);
  await withTeam(run, operations, panels.length * chunks.length, (team) =>
    team.all(async (host) => {
      const own = team.ownedBy(host, panels.length);
      const [left, right] = [panels.length, panels.length + 1];
      for (const i of own) await team.send(host, { do: "zeros", id: i, rows: lengthOf(panels[i]), cols: n });
      for (const chunk of chunks) {
        const k = lengthOf(chunk);
        await team.send(host, { do: "put", id: right, rows: k, cols: n, values: part(b, chunk, all, transposeB) });
        for (const i of own) {
          const values = part(a, panels[i], chunk, transposeA);
          await team.send(host, { do: "put", id: left, rows: lengthOf(panels[i]), cols: k, values });
          await team.send(host, { do: "update", form: "nn", c: i, cCol: 0, a: left, aCol: 0, b: right, bCol: 0, n }, 1);
        }
      }
      for (const i of own) place(await team.get(host, i), out, panels[i], all);
    }),
  );
  return out;
}
