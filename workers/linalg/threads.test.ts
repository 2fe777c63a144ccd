import { afterAll, afterEach, describe, expect, it } from "vitest";
import { bookOf } from "../../kernels/codes/trellis/books.ts";
import { provideWalks } from "../../kernels/codes/trellis/pool.ts";
import { Walks } from "../../kernels/codes/trellis/walks.ts";
import { same } from "../../kernels/linalg/for-test.ts";
import {
  cholesky,
  type Dense,
  dense,
  eigh,
  gram,
  inverse,
  inverseFactor,
  invertUpper,
  multiply,
  qr,
  type Run,
  solveUpper,
  svd,
  truncatedSvd,
} from "../../kernels/linalg/index.ts";
import { lcgValues, normalValues } from "../../kernels/testing/matrix.ts";
import { nodePool } from "./node.ts";

const N = 700;
const floats = lcgValues(N * 2 * N);
const wide = dense(N, N, Float64Array.from(floats.subarray(0, N * N)));
const narrow = dense(N, 150, Float64Array.from(floats.subarray(0, N * 150)));
const damped = await gram(floats, N);
for (let i = 0; i < N; i++) damped.values[i * N + i] += 10;
const upper = await cholesky(damped);

/** The functions on inputs of six panels, the last one short. */
const functions: Record<string, (run: Run) => Promise<Dense>> = {
  gram: (run) => gram(floats, N, run),
  cholesky: (run) => cholesky(damped, run),
  inverse: (run) => inverse(damped, run),
  inverseFactor: (run) => inverseFactor(damped, run),
  invertUpper: (run) => invertUpper(upper, run),
  multiply: (run) => multiply(wide, damped, { transposeA: true }, run),
  solveUpper: (run) => solveUpper(upper, wide, false, run),
  "qr, q": async (run) => (await qr(wide, run)).q,
  "qr, r": async (run) => (await qr(wide, run)).r,
  "eigh, vectors": async (run) => (await eigh(damped, run)).vectors,
  "eigh, values": async (run) => dense(1, N, (await eigh(damped, run)).values),
  "svd, left": async (run) => (await svd(narrow, run)).left,
  "truncatedSvd, right": async (run) => (await truncatedSvd(wide, 20, { ...run, rounds: 3 })).right,
  "truncatedSvd, left, more than a panel": async (run) => (await truncatedSvd(wide, 140, { ...run, rounds: 2 })).left,
  "solveUpper, transposed": (run) => solveUpper(upper, wide, true, run),
};

const pools = [1, 2, 5].map((size) => nodePool(size));
afterAll(() => {
  for (const pool of pools) pool.dispose();
});

describe("on 1, 2 and 5 threads", () => {
  it.each(Object.keys(functions))("%s gives the same bytes as on none", async (name) => {
    const bytes = ({ values }: Dense) => Buffer.from(values.buffer, values.byteOffset, values.byteLength);
    const alone = bytes(await functions[name]({ pool: null }));
    for (const pool of pools) expect(bytes(await functions[name]({ pool })).equals(alone)).toBe(true);
  });
});

describe("a pool", () => {
  const pool = nodePool(2);
  afterAll(() => pool.dispose());

  it("tells how far a computation is, to the end", async () => {
    const told: number[] = [];
    let total = 0;
    await inverse(damped, {
      pool,
      pace: async (done, of) => {
        told.push(done);
        total = of;
      },
    });
    expect(told).toEqual(told.slice().sort((a, b) => a - b));
    expect(told[0]).toBe(0);
    // The last parts are fetched when nothing is left to do.
    expect(told.at(-1)! / total).toBeCloseTo(1, 9);
  });

  it("ends within 100 ms when a computation is cancelled, and computes the next one right", async () => {
    let cancelled = 0;
    let calls = 0;
    const pace = async () => {
      if (++calls < 20) return;
      cancelled ||= performance.now();
      throw new DOMException("cancelled", "AbortError");
    };
    await expect(inverse(damped, { pool, pace })).rejects.toThrow("cancelled");
    expect(performance.now() - cancelled).toBeLessThan(100);
    expect(same(await inverse(damped, { pool }), await inverse(damped, { pool: null }))).toBe(true);
  });

  it("hands on what kept a computation from its result", async () => {
    const indefinite = dense(N, N, damped.values.slice());
    indefinite.values[600 * N + 600] = -1;
    await expect(inverse(indefinite, { pool })).rejects.toMatchObject({ name: "NotPositiveDefinite", pivot: 600 });
  });

  it("serves two computations at a time", async () => {
    const [a, b] = await Promise.all([cholesky(damped, { pool }), inverse(damped, { pool })]);
    expect(same(a, upper)).toBe(true);
    expect(same(b, await inverse(damped, { pool: null }))).toBe(true);
  });

  it("says when a thread ends, and starts another for the next computation", async () => {
    const running = inverse(damped, { pool, pace: async () => pool.dispose() });
    await expect(running).rejects.toThrow("A thread of the linear algebra stopped (it was closed).");
    expect(same(await cholesky(damped, { pool }), upper)).toBe(true);
  });
});

describe("walks through trellises", () => {
  const x = normalValues(24 * 256, 3);
  const spread = async (pace: (done: number) => Promise<void> = async () => {}) => {
    const walks = await Walks.open({ bits: 2, width: 1, book: await bookOf("inst3") }, 24);
    const states = await walks.all(x, pace);
    walks.close();
    return states;
  };
  afterEach(() => provideWalks(null));

  it("are the same on 1, 2 and 5 threads as on none, and are told as they are done", async () => {
    const alone = await spread();
    for (const pool of pools) {
      provideWalks(async () => pool.walks);
      const told: number[] = [];
      const states = await spread(async (done) => {
        told.push(done);
      });
      expect(Buffer.compare(Buffer.from(states.buffer), Buffer.from(alone.buffer))).toBe(0);
      expect(told).toEqual(told.slice().sort((a, b) => a - b));
    }
  });

  it("end within 100 ms when they are cancelled", async () => {
    provideWalks(async () => pools[1].walks);
    let cancelled = 0;
    let calls = 0;
    const pace = async () => {
      if (++calls < 6) return;
      cancelled ||= performance.now();
      throw new DOMException("cancelled", "AbortError");
    };
    await expect(spread(pace)).rejects.toThrow("cancelled");
    expect(performance.now() - cancelled).toBeLessThan(100);
  });
});
