import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import {
  apart,
  definite,
  largest,
  plainCholesky,
  plainForward,
  plainInvertUpper,
  product,
  random,
  same,
} from "./for-test.ts";
import {
  cholesky,
  costs,
  type Dense,
  dense,
  eigh,
  gram,
  identity,
  inverse,
  inverseFactor,
  invertUpper,
  matrixBytes,
  mirrorUpper,
  multiply,
  providePool,
  qr,
  reverseCholesky,
  reversed,
  solveCholesky,
  solveUpper,
  startCross,
  startGram,
  svd,
  transposed,
} from "./index.ts";

const EPS = 2 ** -52;
const sizes = fc.oneof(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 10, max: 70 }));
const seeds = fc.integer({ min: 1, max: 1e6 });
const cases = { numRuns: 25 };

const near = (a: Dense, b: Dense, tolerance: number) => expect(apart(a, b)).toBeLessThanOrEqual(tolerance);
/** What lies below the diagonal is zero. */
const upper = (a: Dense) =>
  a.values.every((x, i) => x === 0 || Math.floor(i / Math.max(1, a.cols)) <= i % Math.max(1, a.cols));
const scaledRows = (a: Dense, by: Float64Array) =>
  dense(
    a.rows,
    a.cols,
    a.values.map((x, i) => x * by[Math.floor(i / a.cols)]),
  );
const orthonormalColumns = (q: Dense) => near(product(transposed(q), q), identity(q.cols), 200 * EPS);

describe("products", () => {
  it("have the bits of three loops, in every form", () =>
    fc.assert(
      fc.asyncProperty(sizes, sizes, sizes, seeds, async (m, k, n, seed) => {
        const [a, b] = [random(m, k, seed), random(k, n, seed + 1)];
        const wanted = product(a, b);
        for (const transposeA of [false, true]) {
          for (const transposeB of [false, true]) {
            const left = transposeA ? transposed(a) : a;
            const right = transposeB ? transposed(b) : b;
            expect(same(await multiply(left, right, { transposeA, transposeB }), wanted)).toBe(true);
          }
        }
      }),
      cases,
    ));

  it("refuse shapes that do not go together", async () => {
    await expect(multiply(random(2, 3, 1), random(2, 3, 1))).rejects.toThrow(
      "2 x 3 cannot be multiplied by one of 2 x 3",
    );
  });
});

describe("the cross moment", () => {
  it("has the bits of sums over tokens in order, however the tokens are cut", () =>
    fc.assert(
      fc.asyncProperty(sizes, sizes, fc.integer({ min: 1, max: 40 }), seeds, async (tokens, cols, cut, seed) => {
        const [before, now] = [seed, seed + 1].map((s) => Float32Array.from(random(tokens, cols, s).values));
        const exact = [before, now].map((x) => dense(tokens, cols, Float64Array.from(x)));
        const wanted = product(transposed(exact[0]), exact[1]);
        const sum = await startCross(cols);
        for (let t = 0; t < tokens; t += cut) {
          const [from, to] = [t * cols, Math.min(tokens, t + cut) * cols];
          await sum.add(before.subarray(from, to), now.subarray(from, to));
        }
        expect(same(await sum.finish(), wanted)).toBe(true);
      }),
      cases,
    ));

  it("names rows that are not as many, and values that are not finite", async () => {
    const sum = await startCross(2);
    await expect(sum.add(new Float32Array(2), new Float32Array(4))).rejects.toThrow(
      "2 and 4 values are not equally many whole rows of 2 columns",
    );
    await sum.add(Float32Array.of(1, Number.NaN), Float32Array.of(1, 1));
    await expect(sum.finish()).rejects.toThrow("The cross moment holds NaN");
  });
});

describe("the Gram matrix", () => {
  it("has the bits of sums over tokens in order, however the tokens are cut", () =>
    fc.assert(
      fc.asyncProperty(sizes, sizes, fc.integer({ min: 1, max: 40 }), seeds, async (tokens, cols, cut, seed) => {
        const x = random(tokens, cols, seed);
        const floats = Float32Array.from(x.values);
        const exact = dense(tokens, cols, Float64Array.from(floats));
        const wanted = product(transposed(exact), exact);
        expect(same(await gram(floats, cols), wanted)).toBe(true);
        const sum = await startGram(cols);
        for (let t = 0; t < tokens; t += cut) {
          await sum.add(floats.subarray(t * cols, Math.min(tokens, t + cut) * cols));
        }
        expect(same(await sum.finish(), wanted)).toBe(true);
      }),
      cases,
    ));

  it("names tokens that are not finite, and rows that are not whole", async () => {
    await expect(gram(new Float32Array([1, Number.NaN]), 2)).rejects.toThrow(
      "The Gram matrix holds NaN in row 0, column 1",
    );
    await expect(gram(new Float32Array(5), 2)).rejects.toThrow("5 values are no whole rows of 2 columns");
  });
});

describe("Cholesky factors", () => {
  it("give the matrix back, from both ends", () =>
    fc.assert(
      fc.asyncProperty(sizes, seeds, async (n, seed) => {
        const a = definite(n, seed);
        const tolerance = 4 * (n + 1) * EPS * largest(a);
        const u = await cholesky(a);
        expect(upper(u)).toBe(true);
        near(product(transposed(u), u), a, tolerance);
        const r = await reverseCholesky(a);
        expect(upper(r)).toBe(true);
        near(product(r, transposed(r)), a, tolerance);
      }),
      cases,
    ));

  it("give the inverse and its factor", () =>
    fc.assert(
      fc.asyncProperty(sizes, seeds, async (n, seed) => {
        const a = definite(n, seed);
        const inv = await inverse(a);
        // The condition number is below 1e4.
        near(product(a, inv), identity(n), 1e4 * (n + 1) * EPS);
        expect(same(inv, transposed(inv))).toBe(true);
        const u = await inverseFactor(a);
        expect(upper(u)).toBe(true);
        near(product(transposed(u), u), inv, 1e4 * (n + 1) * EPS * largest(inv));
      }),
      cases,
    ));

  it("say which pivot is not positive", async () => {
    const a = identity(5);
    a.values[3 * 5 + 3] = -2;
    await expect(cholesky(a)).rejects.toMatchObject({ name: "NotPositiveDefinite", pivot: 3, value: -2 });
    await expect(inverse(a)).rejects.toMatchObject({ pivot: 3 });
    await expect(inverseFactor(a)).rejects.toMatchObject({ pivot: 3 });
    await expect(reverseCholesky(a)).rejects.toThrow("the pivot of column 3 is -2. More damping makes it so.");
    // Of rank one: nothing is left of the second.
    await expect(cholesky(dense(2, 2, new Float64Array([1, 1, 1, 1])))).rejects.toMatchObject({ pivot: 1, value: 0 });
  });

  it("read the upper triangle alone, and leave it", async () => {
    const a = definite(40, 3);
    const half = dense(
      40,
      40,
      a.values.map((x, i) => (Math.floor(i / 40) <= i % 40 ? x : Number.MAX_VALUE)),
    );
    const before = half.values.slice();
    expect(same(await cholesky(half), await cholesky(a))).toBe(true);
    expect(same(await inverseFactor(half), await inverseFactor(a))).toBe(true);
    expect(same(await inverse(half), await inverse(a))).toBe(true);
    expect(half.values).toEqual(before);
  });
});

/** One panel, a little more, several, and a last one that is short or not in fours. */
describe.each([1, 16, 17, 127, 128, 129, 256, 300, 387])("of %i rows, in panels", (n) => {
  const a = definite(n, n);

  it("factors and inverses have the bits of the plain loops", async () => {
    const u = await cholesky(a);
    const plain = plainCholesky(a);
    expect(same(u, plain)).toBe(true);
    expect(same(await invertUpper(u), plainInvertUpper(plain))).toBe(true);
    const w = plainInvertUpper(plain);
    const square = product(w, transposed(w));
    mirrorUpper(square);
    expect(same(await inverse(a), square)).toBe(true);
    const back = plainInvertUpper(plainCholesky(reversed(a)));
    expect(same(await inverseFactor(a), reversed(transposed(back)))).toBe(true);
    const b = random(n, 7, 1);
    expect(same(await solveUpper(u, b, true), plainForward(plain, b))).toBe(true);
    near(product(u, await solveUpper(u, b)), b, 1e4 * n * EPS);
  });

  it("reflections give matrices back that are tall and wide", async () => {
    const tall = random(390, n, 3);
    for (const matrix of [tall, transposed(tall)]) {
      const { q, r } = await qr(matrix);
      expect(upper(r)).toBe(true);
      orthonormalColumns(q);
      near(product(q, r), matrix, 1000 * EPS * largest(matrix));
    }
  });

  it("eigenvectors and singular vectors are orthonormal and give matrices back", async () => {
    const { values, vectors } = await eigh(a);
    orthonormalColumns(vectors);
    near(product(vectors, scaledRows(transposed(vectors), values)), a, 1000 * EPS * largest(a));
    const wide = random(n, 150, 5);
    const { singular, left, right } = await svd(wide);
    orthonormalColumns(left);
    orthonormalColumns(transposed(right));
    near(product(left, scaledRows(right, singular)), wide, 1000 * EPS * singular[0]);
  });

  it("products and Gram matrices have the bits of the plain loops", async () => {
    const b = random(n, 390, 2);
    expect(same(await multiply(a, b), product(a, b))).toBe(true);
    expect(same(await multiply(b, a, { transposeA: true }), product(transposed(b), a))).toBe(true);
    const floats = Float32Array.from(b.values);
    const exact = dense(390, n, Float64Array.from(floats));
    expect(same(await gram(floats, n), product(transposed(exact), exact))).toBe(true);
  });
});

describe("triangular systems", () => {
  it("are solved, transposed or not, and inverted", () =>
    fc.assert(
      fc.asyncProperty(sizes, sizes, seeds, async (n, m, seed) => {
        const u = await cholesky(definite(n, seed));
        const b = random(n, m, seed + 1);
        const tolerance = 1e5 * (n + 1) * EPS * (1 + largest(b));
        near(product(u, await solveUpper(u, b)), b, tolerance);
        near(product(transposed(u), await solveUpper(u, b, true)), b, tolerance);
        near(product(product(transposed(u), u), await solveCholesky(u, b)), b, tolerance);
        const w = await invertUpper(u);
        expect(upper(w)).toBe(true);
        near(product(w, u), identity(n), tolerance);
      }),
      cases,
    ));

  it("without a solution are refused", async () => {
    const u = identity(3);
    u.values[4] = 0;
    await expect(solveUpper(u, random(3, 1, 1))).rejects.toMatchObject({ name: "Singular", pivot: 1 });
    await expect(invertUpper(u)).rejects.toThrow("singular: the diagonal is zero in column 1");
    await expect(solveUpper(u, random(4, 1, 1))).rejects.toThrow("right sides of 3 rows, not 4");
  });
});

/** Any matrix, of full rank or less. */
const any = fc
  .record({ rows: sizes, cols: sizes, rank: fc.integer({ min: 0, max: 80 }), seed: seeds })
  .map(({ rows, cols, rank, seed }) =>
    rank >= Math.min(rows, cols)
      ? random(rows, cols, seed)
      : product(random(rows, rank, seed), random(rank, cols, seed + 1)),
  );

describe("QR", () => {
  it("has orthonormal columns and a triangle, and gives the matrix back, whatever its rank", () =>
    fc.assert(
      fc.asyncProperty(any, async (a) => {
        const { q, r } = await qr(a);
        expect([q.rows, q.cols, r.cols]).toEqual([a.rows, Math.min(a.rows, a.cols), a.cols]);
        expect(upper(r)).toBe(true);
        orthonormalColumns(q);
        near(product(q, r), a, 200 * EPS * (1 + largest(a)) * Math.sqrt(a.rows + 1));
      }),
      cases,
    ));

  it("keeps magnitudes whose squares overflow or vanish", async () => {
    for (const size of [1e300, 1e-300]) {
      const a = random(8, 5, 1);
      const big = dense(
        8,
        5,
        a.values.map((x) => x * size),
      );
      const { q, r } = await qr(big);
      orthonormalColumns(q);
      near(product(q, r), big, 100 * EPS * largest(big));
    }
  });
});

describe("eigenvalues", () => {
  it("and vectors give a symmetric matrix back", () =>
    fc.assert(
      fc.asyncProperty(sizes, fc.integer({ min: 0, max: 80 }), seeds, async (n, rank, seed) => {
        const half = random(n, Math.min(n, rank), seed);
        const signs = dense(
          half.rows,
          half.cols,
          half.values.map((x, i) => (i % 3 === 0 ? -x : x)),
        );
        const a = product(half, transposed(signs));
        mirrorUpper(a);
        const { values, vectors } = await eigh(a);
        orthonormalColumns(vectors);
        expect(values).toEqual(values.slice().sort());
        near(product(vectors, scaledRows(transposed(vectors), values)), a, 300 * EPS * (n + 1) * (1 + largest(a)));
      }),
      cases,
    ));

  it("come out where many are equal beside large ones, as with fewer tokens than columns", async () => {
    const a = definite(150, 3, 30);
    const { values, vectors } = await eigh(a);
    for (const x of values.subarray(0, 120)) expect(Math.abs(x - 0.01)).toBeLessThan(100 * EPS * largest(a));
    orthonormalColumns(vectors);
  });

  it("of what is diagonal are its diagonal", async () => {
    const a = dense(3, 3, new Float64Array([2, 0, 0, 0, -1, 0, 0, 0, 2]));
    expect(Array.from((await eigh(a)).values)).toEqual([-1, 2, 2]);
  });
});

describe("singular values", () => {
  it("and vectors give a matrix back, whatever its rank", () =>
    fc.assert(
      fc.asyncProperty(any, async (a) => {
        const { singular, left, right } = await svd(a);
        orthonormalColumns(left);
        orthonormalColumns(transposed(right));
        expect(singular).toEqual(singular.slice().sort().reverse());
        near(product(left, scaledRows(right, singular)), a, 300 * EPS * (1 + singular[0] || 1));
      }),
      cases,
    ));
});

describe("threads that were provided", () => {
  afterEach(() => providePool(null));
  const large = random(1300, 1300, 1);

  it("are asked where a computation is large, unless it is told not to", async () => {
    let asked = 0;
    providePool(async () => {
      asked++;
      return null;
    });
    await multiply(large, dense(1300, 2));
    await multiply(large, large, {}, { pool: null });
    expect(asked).toBe(0);
    await multiply(large, large);
    expect(asked).toBe(1);
  });

  it("are missed without harm where they cannot be had", async () => {
    const alone = await multiply(large, large, {}, { pool: null });
    providePool(() => Promise.reject(new Error("no threads here")));
    expect(same(await multiply(large, large), alone)).toBe(true);
  });
});

describe("what a computation costs", () => {
  it("is told by the names of the functions", () => {
    expect(costs.gram(14_336, 1000)).toEqual({ bytes: 1.5 * 8 * 14_336 ** 2, operations: 1000 * 14_336 ** 2 });
    expect(matrixBytes(14_336)).toBeCloseTo(1.64e9, -7);
  });

  it("is what a budget is compared with", async () => {
    const a = definite(30, 1);
    const { bytes } = costs.inverse(30);
    await expect(inverse(a, { budget: bytes - 1 })).rejects.toMatchObject({
      name: "MemoryBudgetError",
      bytes,
      budget: bytes - 1,
    });
    await inverse(a, { budget: bytes });
  });
});

describe("every function", () => {
  const functions: [string, (a: Dense, run: { pace?: () => Promise<void>; budget?: number }) => Promise<unknown>][] = [
    ["multiply", (a, run) => multiply(a, a, {}, run)],
    ["gram", (a, run) => gram(Float32Array.from(a.values), a.cols, run)],
    ["cholesky", cholesky],
    ["reverseCholesky", reverseCholesky],
    ["inverseFactor", inverseFactor],
    ["inverse", inverse],
    ["invertUpper", invertUpper],
    ["solveUpper", (a, run) => solveUpper(a, a, false, run)],
    ["qr", qr],
    ["eigh", eigh],
    ["svd", svd],
  ];
  it.each(functions)("%s ends when it is cancelled, and where memory is short", async (_, call) => {
    const stop = async () => {
      throw new DOMException("cancelled", "AbortError");
    };
    await expect(call(definite(20, 1), { pace: stop })).rejects.toThrow("cancelled");
    await expect(call(definite(20, 1), { budget: 1000 })).rejects.toThrow(
      /takes .* of memory; the budget is 1000 bytes/,
    );
  });

  it.each(functions.filter(([name]) => !/solve|invertUpper|multiply|gram/.test(name)))(
    "%s refuses what is not finite",
    async (_, call) => {
      const a = identity(4);
      a.values[6] = Number.NaN;
      await expect(call(a, {})).rejects.toMatchObject({ name: "NotFinite", row: 1, col: 2 });
    },
  );
});
