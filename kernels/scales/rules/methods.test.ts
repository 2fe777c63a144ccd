/** Rules that papers brought: what each is by its definition, said again in a few lines. */
import { describe, expect, it } from "vitest";
import { lcgValues, normalValues, planOf, quantizeText } from "../../testing/matrix.ts";

const rows = 16;
const cols = 256;
const x = normalValues(rows * cols, 21);
const nmse = async (recipe: string, values = x, columns = cols) =>
  (await quantizeText(recipe, values, values.length / columns, columns)).report.metrics.nmse!;
const scalesOf = async (recipe: string, values = x) => (await quantizeText(recipe, values, rows, cols)).scales;

/** Blocks of a row, as plain lists. */
const blocks = (n: number, values = x): number[][] =>
  Array.from({ length: values.length / n }, (_, b) => Array.from(values.subarray(b * n, (b + 1) * n)));

describe("~quest", () => {
  it("is a power of two from the root mean square, floored or rounded in the exponent", async () => {
    for (const how of ["floor", "round"] as const) {
      const [{ values }] = await scalesOf(`e2m1/32~quest(${how},k=2.92247856,by=rms):e8m0`);
      blocks(32).forEach((block, b) => {
        const rms = Math.sqrt(block.reduce((sum, v) => sum + v * v, 0) / 32);
        const exponent = Math.log2((2.92247856 * rms) / 6);
        expect(values[b]).toBe(2 ** (how === "floor" ? Math.floor(exponent) : Math.round(exponent)));
      });
    }
  });

  it("of the deviation about the mean where nothing else is said", async () => {
    const moved = x.map((v) => v + 3);
    const [{ values }] = await scalesOf("e2m1/32~quest(round,k=2.92247856):e8m0", moved);
    blocks(32, moved).forEach((block, b) => {
      const mean = block.reduce((sum, v) => sum + v, 0) / 32;
      const deviation = Math.sqrt(block.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 32);
      expect(values[b]).toBe(2 ** Math.round(Math.log2((2.92247856 * deviation) / 6)));
    });
  });

  it("for divisors on either side of the square root of two", async () => {
    for (const [format, most] of [
      ["int4", 7],
      ["int3", 3],
      ["int2", 1],
      ["e4m3", 448],
      ["int5", 15],
      ["e2m3", 7.5],
    ] as const) {
      const [{ values }] = await scalesOf(`${format}/32~quest(round,k=3,by=rms)`);
      blocks(32).forEach((block, b) => {
        const rms = Math.sqrt(block.reduce((sum, v) => sum + v * v, 0) / 32);
        expect(values[b]).toBe(2 ** Math.round(Math.log2((3 * rms) / most)));
      });
    }
  });

  it("survives the ends of float32", async () => {
    const huge = Float32Array.from({ length: rows * cols }, (_, i) => (i < 32 ? 3.4e38 : i < 64 ? 1e-45 : 0));
    const { report, scales } = await quantizeText("e2m1/32~quest(floor)", huge, rows, cols);
    expect(scales[0].values.slice(0, 3).every((s) => Number.isFinite(s))).toBe(true);
    expect(scales[0].values[2]).toBe(0);
    expect(report.metrics.nonFinite).toBe(0);
  });
});

describe("~fouroversix", () => {
  it("takes the stored scale to 6 or to 4, whichever errs less, the smaller of equals", async () => {
    for (const reach of [448, 256]) {
      const plain = `e2m1/16:e4m3(reach=${reach})/tensor`;
      const [{ values: six }] = await scalesOf(plain);
      const four = await scalesOf(`e2m1/16~expr(amax/4):e4m3(reach=${reach * 1.5})/tensor`);
      const both = await quantizeText(`e2m1/16~fouroversix:e4m3(reach=${reach})/tensor`, x, rows, cols);
      let taken = 0;
      both.scales[0].values.forEach((s, b) => {
        if (s !== six[b]) {
          taken++;
          // The same tensor scale: 448 * 6 and 672 * 4 are one number.
          expect(s).toBe(four[0].values[b]);
        }
      });
      expect(taken).toBeGreaterThan(50);
      expect(both.report.metrics.nmse!).toBeLessThan((await nmse(plain)) * 0.9);
    }
  });

  it("with 448 for the tensor the largest block has no room for four, with 256 it has", async () => {
    const one = Float32Array.from(x);
    // A block that four suits: its largest value, and many at two thirds of it.
    one.fill(50, 0, 16).fill(75, 0, 1);
    const stored = async (reach: string) =>
      (await scalesOf(`e2m1/16~fouroversix:e4m3${reach}/tensor`, one))[0].values[0];
    expect(await stored("")).toBe(448);
    expect(await stored("(reach=256)")).toBe(256);
    one.fill(56.25, 0, 16).fill(75, 0, 1);
    expect(await stored("(reach=256)")).toBe(384);
    expect(await stored("")).toBe(448);
  });
});

describe("~realbias", () => {
  it("finds the best among multiples of the real bias, and never does worse than the plain scale", async () => {
    const y = Float32Array.from(x, (v, i) => v * 0.02 * (i % 97 === 0 ? 8 : 1));
    const plain = await nmse("e2m1/row", y);
    expect(await nmse("e2m1/row~realbias", y)).toBeLessThan(plain);
    const [{ values }] = await scalesOf("e2m1/row~realbias", y);
    const amax = y.subarray(0, cols).reduce((m, v) => Math.max(m, Math.abs(v)), 0);
    const b = 2 ** 2 - 1 + Math.log2(2 - 2 ** -1) - Math.log2(amax);
    const candidates = Array.from({ length: 101 }, (_, i) => 2 ** -((0.01 + (i * 1.19) / 100) * b) * 2 ** (4 - 2 - 1));
    const nearest = Math.min(...candidates.map((c) => Math.abs(c / values[0] - 1)));
    expect(Math.min(nearest, Math.abs(amax / 6 / values[0] - 1))).toBeLessThan(1e-6);
  });

  it("is for floats", () => expect(() => planOf("int4/row~realbias", 4, 64)).toThrow("~realbias is for floats"));
});

describe("learned scales", () => {
  it("LSQ comes near the best scale there is, from the plain rule's", async () => {
    for (const format of ["int4", "int2(full)", "e2m1", "int8"]) {
      const [plain, learned, best] = [
        await nmse(`${format}/row`),
        await nmse(`${format}/row~lsq`),
        await nmse(`${format}/row~mse`),
      ];
      expect(learned, format).toBeLessThan(plain);
      expect(learned, format).toBeLessThan(best + 0.1 * (plain - best) + 0.03 * best);
    }
  });

  it("the same every time, and in blocks of any shape", async () => {
    const twice = [1, 2].map(async () => (await scalesOf("int4/4x32~lsq"))[0].values);
    expect(await twice[0]).toEqual(await twice[1]);
  });

  it("values that the plain scale meets exactly keep it, however the descent goes on", async () => {
    const exact = Float32Array.from({ length: cols }, (_, i) => 0.5 * ((i % 15) - 7));
    const { scales, report } = await quantizeText("int4/row~lsq", exact, 1, cols);
    expect([scales[0].values[0], report.metrics.mse]).toEqual([0.5, 0]);
    exact[3] += 0.125;
    const near = await quantizeText("int4/row~lsq", exact, 1, cols);
    expect(near.report.metrics.mse).toBeLessThanOrEqual(0.125 ** 2 / cols);
    expect(near.report.notes.join()).not.toContain("diverged");
  });

  it("a learned clip never leaves the range, for both ends of affine blocks too", async () => {
    const shifted = lcgValues(rows * cols, 5).map((v) => v + 1.5);
    for (const recipe of ["int3/row", "int3(asym)/row"]) {
      const [plain, learned] = [await nmse(recipe, shifted), await nmse(`${recipe}~lclip`, shifted)];
      expect(learned, recipe).toBeLessThan(plain);
      const [own, clipped] = [await scalesOf(recipe, shifted), await scalesOf(`${recipe}~lclip`, shifted)];
      expect(clipped[0].values.every((s, b) => s <= own[0].values[b])).toBe(true);
    }
  });

  it("a rate that is too high diverges, says so, and does no harm", async () => {
    const wild = await quantizeText("int4/row~lsq(rate=10)", x, rows, cols);
    expect(wild.report.notes.join()).toMatch(/~lsq diverged in \d+ of 16 blocks/);
    expect(wild.report.metrics.nmse!).toBeLessThanOrEqual(await nmse("int4/row"));
    const tame = await quantizeText("int4/row~lsq", x, rows, cols);
    expect(tame.report.notes.join()).not.toContain("diverged");
  });

  it("blocks of zeros, of one value and with NaN keep their way", async () => {
    const y = Float32Array.from(x);
    y.fill(0, 0, cols).fill(3, cols, 2 * cols);
    y[2 * cols] = Number.NaN;
    const { scales, report } = await quantizeText("int4/row~lsq", y, rows, cols);
    expect(scales[0].values[0]).toBe(0);
    expect(Math.fround(scales[0].values[1] * 7)).toBe(3);
    expect(report.metrics.nonFinite).toBe(1);
    expect(scales[0].values[2]).toBeGreaterThan(0);
  });
});

describe("~expr", () => {
  it("amax over the largest level is the plain rule to the bit", async () => {
    for (const rest of ["", ":e4m3/tensor", ":f16", ":e8m0@up"]) {
      const [plain, written] = [await scalesOf(`e2m1/16${rest}`), await scalesOf(`e2m1/16~expr(amax/6)${rest}`)];
      expect(written).toEqual(plain);
      expect(await scalesOf(`e2m1/16~expr(amax/qmax)${rest}`)).toEqual(plain);
    }
  });

  it("knows its variables", async () => {
    const [{ values }] = await scalesOf("int4/32~expr((max-min)/n+mean*mean+rms)");
    blocks(32).forEach((block, b) => {
      const sum = block.reduce((s, v) => s + v, 0) / 32;
      const rms = Math.sqrt(block.reduce((s, v) => s + v * v, 0) / 32);
      expect(values[b]).toBe(Math.fround((Math.max(...block) - Math.min(...block)) / 32 + sum * sum + rms));
    });
  });

  it("what is no scale leaves dead blocks, which are counted", async () => {
    for (const of of ["0-amax", "amax/0", "sqrt(min)", "mean/0*0"]) {
      const { report } = await quantizeText(`int4/32~expr(${of})`, x, rows, cols);
      expect([of, report.metrics.dead]).toEqual([of, (rows * cols) / 32]);
    }
  });
});
