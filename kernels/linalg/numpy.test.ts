/** Against NumPy, where there is a python3 that has it: on matrices that are well and ill conditioned, and short of rank. */
import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { hasNumpy } from "../python/run-for-test.ts";
import { definite, product, random } from "./for-test.ts";
import {
  cholesky,
  type Dense,
  dense,
  eigh,
  inverse,
  inverseFactor,
  multiply,
  qr,
  solveCholesky,
  svd,
  transposed,
  truncatedSvd,
} from "./index.ts";

const skipped = hasNumpy() ? "" : " (skipped: there is no python3 with NumPy)";

const SCRIPT = `
import json, sys
import numpy as np
out = []
for rows, cols, values in json.load(sys.stdin):
    a = np.array(values).reshape(rows, cols)
    r = {"norm": float(np.linalg.norm(a, 2)), "singular": np.linalg.svd(a, compute_uv=False).tolist()}
    q, t = np.linalg.qr(a)
    r["q"], r["r"] = q.ravel().tolist(), t.ravel().tolist()
    if rows == cols and np.array_equal(a, a.T):
        r["eigenvalues"] = np.linalg.eigvalsh(a).tolist()
        try:
            r["cholesky"] = np.linalg.cholesky(a).T.ravel().tolist()
            r["inverse"] = np.linalg.inv(a).ravel().tolist()
            r["factor"] = np.linalg.cholesky(np.linalg.inv(a)).T.ravel().tolist()
            r["solution"] = np.linalg.solve(a, a[::-1]).ravel().tolist()
        except np.linalg.LinAlgError:
            pass
    out.append(r)
json.dump(out, sys.stdout)
`;

interface Answer {
  norm: number;
  singular: number[];
  q: number[];
  r: number[];
  eigenvalues?: number[];
  cholesky?: number[];
  inverse?: number[];
  factor?: number[];
  solution?: number[];
}

const hilbert = (n: number) =>
  dense(
    n,
    n,
    Float64Array.from({ length: n * n }, (_, i) => 1 / (1 + Math.floor(i / n) + (i % n))),
  );
/** Rows of half the rank. */
const short = product(random(60, 20, 8), random(20, 45, 9));
const graded = random(50, 50, 3);
graded.values.forEach((x, i) => {
  graded.values[i] = x * 2 ** -(i % 50);
});

const matrices: [name: string, a: Dense][] = [
  ["of one element", dense(1, 1, new Float64Array([3]))],
  ["definite, of one panel", definite(40, 1)],
  ["definite, of three", definite(300, 2)],
  ["definite with fewer tokens than columns and damping", definite(150, 3, 30, 0.01)],
  ["Hilbert's of 7", hilbert(7)],
  ["tall", random(200, 30, 4)],
  ["wide", random(30, 200, 5)],
  ["short of rank", short],
  ["with columns of falling size", graded],
];

const answers: Answer[] = hasNumpy()
  ? JSON.parse(
      spawnSync("python3", ["-c", SCRIPT], {
        input: JSON.stringify(matrices.map(([, { rows, cols, values }]) => [rows, cols, Array.from(values)])),
        encoding: "utf8",
        maxBuffer: 2 ** 28,
      }).stdout,
    )
  : [];

/** The largest difference, over the largest value. */
function apart(values: ArrayLike<number>, wanted: number[]): number {
  expect(values.length).toBe(wanted.length);
  let [most, size] = [0, 0];
  for (let i = 0; i < wanted.length; i++) {
    most = Math.max(most, Math.abs(values[i] - wanted[i]));
    size = Math.max(size, Math.abs(wanted[i]));
  }
  return most / (size || 1);
}

describe.skipIf(!hasNumpy()).each(matrices.map(([name, a], i) => ({ name, a, i })))(`$name${skipped}`, ({ a, i }) => {
  const of = () => answers[i];
  /** What conditioning makes of rounding. */
  const lost = () => (1e-14 * of().norm) / Math.max(of().singular.at(-1)!, 1e-9 * of().norm);

  it("has NumPy's singular values", async () => {
    expect(apart((await svd(a)).singular, of().singular)).toBeLessThan(1e-13);
  });

  it("has NumPy's largest singular values by iteration", async () => {
    const { singular } = await truncatedSvd(a, 5);
    // The smallest of them is the last to come out.
    expect(apart(singular, of().singular.slice(0, 5))).toBeLessThan(1e-3);
    expect(Math.abs(singular[0] / of().singular[0] - 1)).toBeLessThan(1e-6);
  });

  it("has NumPy's triangle, and basis where columns do not depend on each other", async () => {
    const { q, r } = await qr(a);
    // Where the rank falls short, rounding alone makes the rest of both.
    if (of().singular.at(-1)! < 1e-12 * of().norm) return;
    expect(apart(r.values, of().r)).toBeLessThan(lost());
    expect(apart(q.values, of().q)).toBeLessThan(10 * lost());
  });

  it("has NumPy's eigenvalues, factors, inverse and solutions where it is symmetric", async () => {
    const { eigenvalues, cholesky: factor, inverse: inverted, factor: half, solution } = of();
    if (!eigenvalues) return;
    expect(apart((await eigh(a)).values, eigenvalues)).toBeLessThan(1e-13);
    if (!factor) return;
    const u = await cholesky(a);
    expect(apart(u.values, factor)).toBeLessThan(lost());
    expect(apart((await inverse(a)).values, inverted!)).toBeLessThan(100 * lost());
    expect(apart((await inverseFactor(a)).values, half!)).toBeLessThan(100 * lost());
    const flipped = dense(a.rows, a.cols);
    for (let r = 0; r < a.rows; r++) {
      flipped.values.set(a.values.subarray((a.rows - 1 - r) * a.cols, (a.rows - r) * a.cols), r * a.cols);
    }
    expect(apart((await solveCholesky(u, flipped)).values, solution!)).toBeLessThan(100 * lost());
  });

  it("has small residuals in every decomposition", async () => {
    const { left, right, singular } = await svd(a);
    const scaled = dense(
      right.rows,
      right.cols,
      right.values.map((x, k) => x * singular[Math.floor(k / right.cols)]),
    );
    const back = await multiply(left, scaled);
    expect(apart(back.values, Array.from(a.values))).toBeLessThan(1e-13);
    expect(
      apart((await multiply(right, right, { transposeB: true })).values, Array.from(identityOf(right.rows))),
    ).toBeLessThan(1e-13);
    expect(transposed(left).rows).toBe(singular.length);
  });
});

const identityOf = (n: number) => Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));
