/** Claims of the catalogue's third section, rounding, that are about tensors or sums of numbers. Learned rounding has tests of its own. */
import { describe, expect, it } from "vitest";
import { makeEncoder } from "../../codes/scalar/encoder.ts";
import { near, nmseOf } from "../../testing/claims.ts";
import { normalValues, planOf, quantizeText } from "../../testing/matrix.ts";

const n = 2 ** 18;
const gaussian = normalValues(n, 1);

describe("3.1 climate modelling: the sum of 1/k for k below 5,000, each partial sum rounded", () => {
  /** The sum through a direct cast; `draws` gives each rounding a random word of its own. */
  const sumUnder = (recipe: string, draws = 0): number => {
    const encoder = makeEncoder(planOf(recipe, 1, 1).element);
    const [input, result] = [new Float32Array(1), new Float32Array(1)];
    const block = { scale: 1, reciprocal: 1, zeroPoint: 0 };
    const round = (x: number, index: number) => {
      input[0] = x;
      encoder.run(input, 0, 1, block, index, result, null);
      return result[0];
    };
    let sum = 0;
    for (let k = 1; k < 5000; k++) sum = round(sum + round(1 / k, 10000 * draws + 2 * k), 10000 * draws + 2 * k + 1);
    return sum;
  };

  it("to nearest float16 it stalls at 7.086", () => near(sumUnder("f16"), 7.086, 0.001, "nearest"));

  it("with random rounding it is 9.096 on average, with a deviation of 0.11", () => {
    const sums = Array.from({ length: 16 }, (_, k) => sumUnder("f16@sr(seed=5)", k));
    const mean = sums.reduce((a, b) => a + b, 0) / sums.length;
    const deviation = Math.sqrt(sums.reduce((a, s) => a + (s - mean) ** 2, 0) / (sums.length - 1));
    expect(Math.abs(mean - 9.094)).toBeLessThan((4 * deviation) / Math.sqrt(sums.length));
    near(deviation, 0.11, 0.4, "deviation");
  });
});

describe("3.2 nearly lossless bit switching: 8-bit codes rounded a second time", () => {
  /** Steps that suit the low width (`mse_optimal_clip`). */
  const steps = { 2: 1.0484, 4: 0.3386 } as const;
  const codesOf = async (recipe: string, values = gaussian) =>
    (await (await quantizeText(recipe, values, 256, 1024)).rows(0, 256)).result;

  it.each([
    [2, 0.1492, 0.1492, 0.384, 0.993],
    [4, 0.01183, 0.01194, 0.0363, 0.969],
  ] as const)("%i bits: directly, twice, and cut off", async (bits, direct, twice, cut, agree) => {
    const s = steps[bits];
    const fine = s / 2 ** (8 - bits);
    const own = await codesOf(`int${bits}(full)/tensor~expr(${s})`);
    near(await nmseOf(`int${bits}(full)/tensor~expr(${s})`, gaussian), direct, 0.02, "direct");
    const eight = await codesOf(`int8(full)/tensor~expr(${fine})`);
    const again = await codesOf(`int${bits}(full)/tensor~expr(${s})`, eight);
    const floor = await codesOf(`int${bits}(full)@down/tensor~expr(${s})`, eight);
    const errorOf = (y: Float32Array) =>
      gaussian.reduce((sum, x, i) => sum + (x - y[i]) ** 2, 0) / gaussian.reduce((sum, x) => sum + x * x, 0);
    near(errorOf(again), twice, 0.02, "twice");
    near(errorOf(floor), cut, 0.05, "cut off");
    const same = own.reduce((count, y, i) => count + (y === again[i] ? 1 : 0), 0) / n;
    expect(Math.abs(same - agree)).toBeLessThan(0.004);
  });

  it("with the scale of 8 bits, 4 bits err by 0.0285 and 2 by 0.437", async () => {
    const amax = gaussian.reduce((m, x) => Math.max(m, Math.abs(x)), 0);
    const s8 = amax / 127;
    // The largest of the draws sets the scale.
    near(await nmseOf(`int4(full)/tensor~expr(${s8 * 16})`, gaussian), 0.0285, 0.15, "4 bits");
    near(await nmseOf(`int2(full)/tensor~expr(${s8 * 64})`, gaussian), 0.437, 0.15, "2 bits");
  });
});
