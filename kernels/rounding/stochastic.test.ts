import { describe, expect, it } from "vitest";
import { threefryWord } from "../testing/levels.ts";
import { quantizeText } from "../testing/matrix.ts";

const n = 1 << 16;
const constant = (x: number) => new Float32Array(n).fill(x);
const meanOf = async (recipe: string, x: number) => {
  const { result } = await (await quantizeText(recipe, constant(x), 256, n / 256)).rows(0, 256);
  return result.reduce((s, v) => s + v, 0) / n;
};

describe("stochastic rounding", () => {
  it.each([
    ["int4(frac=0)@sr(seed=1)", 2.3],
    ["int4@sr(seed=2)", -0.05],
    ["e2m1@sr(seed=3)", 4.7],
    ["e2m1@sr(seed=4)", -1.01],
    ["e4m3@sr(seed=5)", 101],
    ["codebook(-1,0.1,2)@sr(seed=6)", 0.9],
    ["int8@sr(bits=8,seed=7)", 5.25],
  ])("%s has the mean %f", async (recipe, x) => {
    // A step of 8 (E4M3 at 101) has a standard deviation of at most 4.
    const step = recipe.startsWith("e4m3") ? 8 : recipe.startsWith("e2m1") ? 2 : recipe.startsWith("codebook") ? 2 : 1;
    expect(Math.abs((await meanOf(recipe, x)) - x)).toBeLessThan((5 * step) / 2 / Math.sqrt(n));
  });

  it("keeps what is a level", async () => {
    expect(await meanOf("e2m1@sr(seed=3)", 1.5)).toBe(1.5);
    expect(await meanOf("int4@coin(seed=3)", -3)).toBe(-3);
  });

  it("with 50/50 takes either neighbour, wherever the value lies", async () => {
    expect(Math.abs((await meanOf("int4@coin(seed=9)", 2.01)) - 2.5)).toBeLessThan(5 / 2 / Math.sqrt(n));
  });

  it("rounds up when floor(fraction * 2^bits) + r reaches 2^bits", async () => {
    for (const bits of [1, 2, 5, 24, 32]) {
      const quantized = await quantizeText(`int4@sr(bits=${bits},seed=77)`, constant(2.3), 256, n / 256);
      const { result } = await quantized.rows(0, 256);
      const k = BigInt(Math.floor((Math.fround(2.3) - 2) * 2 ** bits));
      for (let i = 0; i < 500; i++) {
        const r = BigInt(threefryWord([77, 0], [i, 0])) >> BigInt(32 - bits);
        expect(result[i]).toBe(k + r >= 1n << BigInt(bits) ? 3 : 2);
      }
    }
  });

  it("draws by the place in the matrix and by the seed", async () => {
    const run = async (seed: number, tile?: number) => {
      const q = await quantizeText(`int4@sr(seed=${seed})/16`, constant(0.3).fill(1, 0, 1), 256, n / 256, tile);
      return (await q.rows(0, 256)).codes;
    };
    expect(await run(1, 1)).toEqual(await run(1));
    expect(await run(2)).not.toEqual(await run(1));
  });
});
