import { describe, expect, it } from "vitest";
import { startReduction } from "../../calibration/index.ts";
import { svd } from "../../linalg/index.ts";
import { normalValues, quantizeText } from "../../testing/matrix.ts";
import { calibrationOf, correlated, solve } from "../solving/recipes-for-test.ts";
import { completed } from "../thin/complete.ts";

const [rows, cols] = [32, 48];
const x = normalValues(rows * cols, 9);
const run = async (recipe: string, values = x) => {
  const quantized = await quantizeText(recipe, values, rows, cols);
  return {
    ...(await quantized.rows(0, rows)),
    metrics: quantized.report.metrics,
    notes: quantized.report.notes,
    quantized,
  };
};
/** A matrix of rank r with entries of about one. */
const ofRank = (m: number, n: number, r: number, seed: number) => {
  const [u, v] = [normalValues(m * r, seed), normalValues(r * n, seed + 1)];
  return Float64Array.from({ length: m * n }, (_, i) => {
    let sum = 0;
    for (let k = 0; k < r; k++) sum += u[Math.floor(i / n) * r + k] * v[k * n + (i % n)];
    return sum / Math.sqrt(r);
  });
};

describe("principal", () => {
  it("quantizes what is left of the largest directions, and adds them again", async () => {
    const { report, ...quantized } = (await run("principal(4,factors=f32)+f32")).quantized;
    expect(report.metrics.nmse!).toBeLessThan(1e-13);
    expect(report.metrics.bitsPerWeight).toBeCloseTo(32 + (32 * 4 * (rows + cols)) / (rows * cols), 10);
    const seen = await quantized.inspect(3, 5);
    expect(seen.steps).toEqual([{ name: "principal", value: seen.result }]);
  });

  it("leaves the tail of the singular values where nothing is stored of the rest", async () => {
    const { singular } = await svd({ rows, cols, values: Float64Array.from(x) });
    const all = singular.reduce((sum, s) => sum + s * s, 0);
    for (const r of [1, 6, 20]) {
      // A threshold above everything prunes the whole rest.
      const { metrics } = await run(`principal(${r},factors=f32)+prune(1)+int2/row`);
      const tail = singular.slice(r).reduce((sum, s) => sum + s * s, 0);
      expect(metrics.nmse! / (tail / all)).toBeCloseTo(1, 4);
    }
  });

  it("leaves less with every round, and as much as lowrank where one round begins with nothing", async () => {
    const plain = (await run("int3/8+lowrank(4,factors=f32)")).metrics.nmse!;
    const once = (await run("principal(4,iters=1,start=none,factors=f32)+int3/8")).metrics.nmse!;
    expect(once / plain).toBeCloseTo(1, 6);
    const five = (await run("principal(4,iters=5,start=none,factors=f32)+int3/8")).metrics.nmse!;
    expect(five).toBeLessThan(0.95 * plain);
    expect((await run("principal(4,iters=5,factors=f32)+int3/8")).metrics.nmse!).toBeLessThan(
      (await run("principal(4,factors=f32)+int3/8")).metrics.nmse!,
    );
  });

  it("is fitted to what a solver made of the rest", async () => {
    const known = calibrationOf(correlated(120, cols, 4), cols);
    const gram = async (recipe: string) => (await solve(recipe, x, cols, known)).report.metrics;
    const [alone, fitted] = [await gram("gptq+int3/8"), await gram("principal(4,iters=2,by=gram)+gptq+int3/8")];
    expect(fitted.outputNmse!).toBeLessThan(alone.outputNmse!);
    const lone = await gram("principal(4,iters=1,start=none,by=gram,factors=f32)+gptq+int3/8");
    const after = await gram("gptq+int3/8+lowrank(4,by=gram,factors=f32)");
    expect(lone.outputNmse! / after.outputNmse!).toBeCloseTo(1, 4);
  });

  it("says which round was best where it was not the last, and keeps that one", async () => {
    // Steps of a coarse grid make the rounds go up and down.
    for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
      const { notes } = await run("principal(1,iters=8)+int2/row", normalValues(rows * cols, seed));
      const told = notes.find((note) => note.startsWith("principal: round"));
      if (told) return expect(told).toMatch(/^principal: round [1-7] of 8 left the least, and is kept$/);
    }
    throw new Error("no draw had a best round before the last");
  });

  it("keeps the rank that a matrix has, and says so", async () => {
    for (const recipe of ["principal(64)+int4/8", "int4/8+lowrank(64)"]) {
      const { notes, metrics } = await run(recipe);
      expect(notes.join()).toContain(`has rank ${rows} at most, which is kept instead of 64`);
      expect(metrics.nmse!).toBeLessThan(1e-6);
    }
  });

  it("refuses rounds that make no sense", async () => {
    await expect(run("principal(4,start=none)+int4/8")).rejects.toThrow("keeps nothing without rounds");
    await expect(run("principal(4,iters=2,basis=f32)+int4/8")).rejects.toThrow("leave out basis or iters");
    await expect(run("principal(4,by=gram)+int4/8")).rejects.toThrow("principal needs a calibration");
    await expect(run("principal(4,by=gram,holes=zeros)+int4/8")).rejects.toThrow("fitted once and without weights");
  });

  it("stores a basis and what it makes of the weight", async () => {
    const [even, basis] = [
      await run("principal(4)+int4/8"),
      await run("principal(4,basis=(int4(asym)/flat(64)))+int4/8"),
    ];
    expect(basis.metrics.bitsBreakdown.map(({ what }) => what)).toContain(
      "left basis, 4 columns (int4(asym)/flat(64))",
    );
    expect(basis.metrics.bitsPerWeight).toBeLessThan(even.metrics.bitsPerWeight);
  });

  it("is not led astray by values that are not finite", async () => {
    const values = x.slice();
    values.set([Number.NaN, Infinity, -Infinity], 60);
    const { metrics } = await run("principal(4,iters=2)+int4/8", values);
    expect([metrics.nonFinite, metrics.broken]).toEqual([3, 0]);
  });
});

describe("weights of errors", () => {
  const inputs = normalValues(400 * cols, 4).map((v, i) => v * (1 + 2 * ((i % cols) % 7)));
  const reduced = startReduction(cols).then(async (reduction) => {
    await reduction.add(Float32Array.from(inputs));
    return reduction.finish({ kind: "activations", name: "inputs", digest: "" });
  });
  const output = async (recipe: string) => (await solve(recipe, x, cols, await reduced)).report.metrics;

  it("the Gram matrix's leave the least at the outputs, and lose to none at that", async () => {
    const [plain, meanabs, rms, gram] = await Promise.all(
      ["plain", "meanabs", "inputs", "gram"].map((by) => output(`int3/8+lowrank(4,by=${by},factors=f32)`)),
    );
    for (const other of [plain, meanabs, rms]) expect(gram.outputNmse!).toBeLessThan(other.outputNmse!);
    for (const other of [meanabs, rms]) expect(other.outputNmse!).toBeLessThan(plain.outputNmse!);
    for (const other of [meanabs, rms, gram]) expect(other.nmse!).toBeGreaterThan(plain.nmse!);
  });

  it("gradients' weigh rows", async () => {
    const square = { rows, cols: rows, values: new Float64Array(rows * rows) };
    for (let r = 0; r < rows; r++) square.values[r * rows + r] = r < 3 ? 1e6 : 1;
    const weighed = await solve("principal(3,by=outputs,factors=f32)+prune(1)+int2/row", x, cols, {
      ...(await reduced),
      output: square,
    });
    const error = (from: number, to: number) =>
      weighed.result.slice(from * cols, to * cols).reduce((sum, y, i) => sum + (y - x[from * cols + i]) ** 2, 0);
    expect(error(0, 3)).toBeLessThan(1e-4 * error(3, 6));
    await expect(output("principal(3,by=outputs)+int4/8")).rejects.toThrow("gradients at the outputs");
  });
});

describe("a matrix with holes (arXiv 2302.11068)", () => {
  const [m, n, r] = [80, 60, 3];
  const whole = ofRank(m, n, r, 5);
  const job = { checkpoint: async () => {} } as never;
  const filled = async (share: number) => {
    const draws = normalValues(m * n, 77);
    // Of a Gaussian draw, that share lies below.
    const bound = Float64Array.from(draws).sort()[Math.floor(share * m * n)] ?? Infinity;
    const values = whole.map((v, i) => (draws[i] < bound ? v : 0));
    const { left, right } = await completed({ rows: m, cols: n, values: new Float64Array(values) }, r, job);
    let error = 0;
    whole.forEach((v, i) => {
      let sum = 0;
      for (let k = 0; k < r; k++) sum += left.values[Math.floor(i / n) * r + k] * right.values[k * n + (i % n)];
      error = Math.max(error, Math.abs(sum - v));
    });
    return error;
  };

  it.each([0.3, 0.5, 1])("is recovered to a millionth from a share of %d of its values", async (share) => {
    expect(await filled(share)).toBeLessThan(1e-6);
  });

  it("is not fitted to outliers that were kept apart before", async () => {
    const values = Float32Array.from(whole, (v, i) => (i % 41 === 3 ? v + 300 : v));
    const quantize = async (recipe: string) => (await quantizeText(recipe, values, m, n)).report.metrics.mse!;
    const [blind, holes] = [
      await quantize("outliers(0.03,values=f32)+principal(3)+int2/row"),
      await quantize("outliers(0.03,values=f32)+principal(3,holes=zeros)+int2/row"),
    ];
    expect(holes).toBeLessThan(0.2 * blind);
  });
});
