import { describe, expect, it } from "vitest";
import { normalValues, quantizeText } from "../testing/matrix.ts";

const f = Math.fround;
const [rows, cols, block] = [6, 64, 16];
const x = normalValues(rows * cols, 21);
for (let i = 5; i < x.length; i += 40) x[i] *= 6;
const blocks = Array.from({ length: x.length / block }, (_, b) => x.subarray(b * block, (b + 1) * block));
const scalesOf = async (recipe: string) => (await quantizeText(recipe, x, rows, cols)).scales[0].values;
const amax = (v: Float32Array) => v.reduce((m, a) => Math.max(m, Math.abs(a)), 0);

/** Sum of |x - fl32(round(x/s) * s)|^p with codes of INT4. */
function cost(values: Float32Array, s: number, p: number): number {
  return values.reduce((sum, v) => {
    const q = v / s;
    const low = Math.floor(q);
    const nearest = q - low > 0.5 || (q - low === 0.5 && low % 2 !== 0) ? low + 1 : low;
    return sum + Math.abs(f(v - f(Math.max(-7, Math.min(7, nearest)) * s))) ** p;
  }, 0);
}

describe("scale rules that look at whole blocks", () => {
  it("~rms(k) is k root mean squares over the largest level", async () => {
    const scales = await scalesOf(`int4/${block}~rms(2.5)`);
    blocks.forEach((v, b) => {
      const rms = Math.sqrt(v.reduce((s, a) => s + a * a, 0) / block);
      expect(Math.abs(scales[b] / ((2.5 * rms) / 7) - 1)).toBeLessThan(2 ** -23);
    });
  });

  it("~absmean(k) is k mean magnitudes", async () => {
    const scales = await scalesOf(`ternary/${block}~absmean(1.25)`);
    blocks.forEach((v, b) => {
      const mean = v.reduce((s, a) => s + Math.abs(a), 0) / block;
      expect(Math.abs(scales[b] / (1.25 * mean) - 1)).toBeLessThan(2 ** -23);
    });
  });

  it.each([
    [2, 100, 0.2],
    [2.4, 40, 0.2],
    [1, 25, 0.5],
    [3.5, 80, 0],
  ])("~shrink(p=%f,grid=%i,least=%f) has the least cost on its grid", async (p, grid, least) => {
    const scales = await scalesOf(`int4/${block}~shrink(p=${p},grid=${grid},least=${least})`);
    blocks.forEach((v, b) => {
      const candidates = Array.from({ length: grid + 1 }, (_, i) => f((amax(v) * (1 - (i * (1 - least)) / grid)) / 7));
      const costs = candidates.filter((s) => s > 0).map((s) => cost(v, s, p));
      expect(candidates.some((s) => Math.abs(s / scales[b] - 1) < 2 ** -22)).toBe(true);
      expect(cost(v, scales[b], p)).toBeLessThanOrEqual(Math.min(...costs) * (1 + 1e-9));
    });
    expect(blocks.some((v, b) => scales[b] < (0.99 * amax(v)) / 7)).toBe(true);
  });

  it("~std(k) is k standard deviations about the mean of the block, over the largest level", async () => {
    const moved = x.map((v) => v + 3);
    const { scales } = await quantizeText(`int4/${block}~std(2.5)`, moved, rows, cols);
    for (let b = 0; b < moved.length / block; b++) {
      const v = moved.subarray(b * block, (b + 1) * block);
      const center = v.reduce((s, a) => s + a, 0) / block;
      const std = Math.sqrt(v.reduce((s, a) => s + (a - center) ** 2, 0) / block);
      expect(Math.abs(scales[0].values[b] / ((2.5 * std) / 7) - 1)).toBeLessThan(2 ** -23);
    }
  });

  it("~std without a factor clips where ~rms does for values about zero", async () => {
    const { report } = await quantizeText("int4/row~std", x, rows, cols);
    const rms = await quantizeText("int4/row~rms", x, rows, cols);
    expect(Math.abs(report.metrics.sqnrDb! - rms.report.metrics.sqnrDb!)).toBeLessThan(0.2);
  });

  it("~shrink is no worse than absmax, whatever the format", async () => {
    for (const element of ["int4(half)", "int4(signmax)", "int3(asym)", "e2m1", "nf4", "e2m1@inward", "ternary"]) {
      const mse = async (rule: string) => {
        const { report } = await quantizeText(`${element}/${block}${rule}:f16`, x, rows, cols);
        return report.metrics.mse!;
      };
      expect(await mse("~shrink")).toBeLessThanOrEqual((await mse("")) * (1 + 1e-12));
    }
  });

  it("~pct(p) is the least magnitude with p percent at or below it", async () => {
    const scales = await scalesOf(`e2m1/${block}~pct(90)`);
    blocks.forEach((v, b) => {
      const sorted = v.map(Math.abs).sort();
      expect(scales[b]).toBe(f(sorted[Math.ceil(0.9 * block) - 1] / 6));
    });
  });

  it("a block of zeros has no clip to search", async () => {
    const zeros = new Float32Array(32);
    for (const rule of ["~mse", "~shrink", "~rms", "~std", "~absmean", "~pct(50)"]) {
      const { scales, report } = await quantizeText(`int4/16${rule}`, zeros, 1, 32);
      expect([Array.from(scales[0].values), report.metrics.dead]).toEqual([[0, 0], 0]);
    }
  });
});

it("~shrink finds the same factors of values far below one: no sum is lost beside another", async () => {
  const factors = async (size: number) => {
    const values = x.map((v) => v * size);
    const { scales } = await quantizeText(`int4/${block}~shrink(grid=20)`, values, rows, cols);
    return Array.from(scales[0].values, (s) => s / size);
  };
  const usual = await factors(1);
  expect(await factors(2 ** -40)).toEqual(usual);
  expect(usual.some((s, b) => s < (0.99 * amax(blocks[b])) / 7)).toBe(true);
});
