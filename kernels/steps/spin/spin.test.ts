import { describe, expect, it } from "vitest";
import { dense, multiply } from "../../linalg/index.ts";
import { normalValues, planOf } from "../../testing/matrix.ts";
import { randomisedHadamard } from "../learning/hadamard.ts";
import { calibrationOf, solve } from "../solving/recipes-for-test.ts";
import { cayley, skewOf } from "./cayley.ts";

const [rows, cols, tokens] = [24, 64, 96];
const heavy = (n: number, seed: number) => normalValues(n, seed).map((x) => x ** 3);
const w = heavy(rows * cols, 2);
const known = calibrationOf(
  heavy(tokens * cols, 3).map((x, i) => (i % cols < 3 ? 10 * x : x)),
  cols,
);
const of = (recipe: string, checkpoint?: () => Promise<void>) => solve(recipe, w, cols, known, checkpoint);

describe("steps along rotations", () => {
  const n = 32;
  const square = (seed: number) => dense(n, n, Float64Array.from(normalValues(n * n, seed)));

  it("stay orthogonal to 1e-12, and lessen what they are to lessen", async () => {
    // The nearest rotation to a matrix: <R, A> grows.
    const target = square(1);
    let now = dense(n, n, randomisedHadamard(n, 5));
    const gain = () => now.values.reduce((sum, v, i) => sum + v * target.values[i], 0);
    const gradient = dense(
      n,
      n,
      target.values.map((v) => -v),
    );
    let before = gain();
    for (let step = 0; step < 6; step++) {
      now = await cayley(now, await skewOf(gradient, now, {}), 0.2, {});
      expect(gain()).toBeGreaterThan(before);
      before = gain();
    }
    const one = await multiply(now, now, { transposeA: true });
    one.values.forEach((v, i) => {
      expect(Math.abs(v - (i % (n + 1) === 0 ? 1 : 0))).toBeLessThan(1e-12);
    });
  });

  it("go nowhere where nothing is to be gained", async () => {
    const now = dense(n, n, randomisedHadamard(n, 5));
    expect(await cayley(now, dense(n, n), 0.2, {})).toBe(now);
  });
});

describe("spin", () => {
  const recipe = "spin(32,30,seed=0)+int4/32";

  it("is below the randomised Hadamard rotation that it starts from, and below nothing at all", async () => {
    const { report } = await of(recipe);
    const start = await of("spin(32,0,seed=0)+int4/32");
    expect(report.metrics.outputNmse!).toBeLessThan(0.9 * start.report.metrics.outputNmse!);
    expect(report.metrics.outputNmse!).toBeLessThan((await of("int4/32")).report.metrics.outputNmse!);
    expect(start.report.notes.join()).toMatch(/spin found nothing better/);
    expect(report.notes.join()).toMatch(/spin took the outputs' error .*, 96, from/);
    expect(report.metrics.bitsPerWeight).toBeCloseTo(5 + (32 * 32 * 32) / (rows * cols), 10);
  });

  it("comes back where nothing is rounded, and is the same a second time", async () => {
    const { report } = await of("spin(32,3,seed=0)+f32");
    expect(report.metrics.nmse!).toBeLessThan(1e-12);
    expect((await of("spin(32,5,seed=0)+int4/32")).codes).toEqual((await of("spin(32,5,seed=0)+int4/32")).codes);
  });

  it("is refused for blocks that do not divide the rows, and stops when asked", async () => {
    expect(() => planOf("spin(48,seed=0)+int4/32", rows, cols)).toThrow(/does not divide/);
    let asked = 0;
    const stop = async () => {
      if (++asked > 40) throw new DOMException("stop", "AbortError");
    };
    await expect(of(recipe, stop)).rejects.toThrow("stop");
  });
});
