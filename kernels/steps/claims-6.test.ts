/**
 * Low rank: what PiSSA, LoftQ, Q-GaLore and QVGen do on made-up data, where their figures are no metric of a report. They were worked out
 * apart from this project, in float64, on data of the same making.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { eigh, multiply, qr, svd } from "../linalg/index.ts";
import { normalValues, quantizeText } from "../testing/matrix.ts";

const ALONE = "prune(1)+f16";

async function results(recipe: string, values: Float32Array, rows: number, cols: number): Promise<Float32Array> {
  const quantized = await quantizeText(recipe, values, rows, cols);
  return (await quantized.rows(0, rows)).result;
}

/** Singular values i^-alpha between random bases. */
async function decaying(n: number, alpha: number): Promise<Float32Array> {
  if (alpha === 0) return normalValues(n * n, 4);
  const basis = async (seed: number) =>
    (await qr({ rows: n, cols: n, values: Float64Array.from(normalValues(n * n, seed)) })).q;
  const [left, right] = [await basis(1), await basis(2)];
  const values = left.values.map((u, i) => u * ((i % n) + 1) ** -alpha);
  return Float32Array.from((await multiply({ ...left, values }, right, { transposeB: true })).values);
}

// PiSSA (arXiv 2404.02948): the nuclear norm of the error, as a share of the norm of NF4's alone that is taken off.
describe("512 x 512 in NF4 by 64, of rank 32", () => {
  const n = 512;
  /** The sum of the singular values: the roots of the eigenvalues of E E^T. */
  const nuclear = async (w: Float32Array, q: Float32Array) => {
    const error = { rows: n, cols: n, values: Float64Array.from(w, (v, i) => v - q[i]) };
    const { values } = await eigh(await multiply(error, error, { transposeB: true }));
    return values.reduce((sum, square) => sum + Math.sqrt(Math.max(0, square)), 0);
  };
  /** Of a weight: what a recipe takes off. */
  const offOf = async (w: Float32Array) => {
    const plain = await nuclear(w, await results("nf4/64", w, n, n));
    return async (recipe: string) => 100 * (1 - (await nuclear(w, await results(recipe, w, n, n))) / plain);
  };
  it.each([
    ["a white spectrum", 0, 11, 29, 13.5],
    ["a spectrum of i^-0.5", 0.5, 36, 49, 14],
  ])("%s", { timeout: 60_000 }, async (_, alpha, once, five, lorc) => {
    const off = await offOf(await decaying(n, alpha));
    for (const [recipe, wanted] of [
      ["principal(32)+nf4/64", once],
      ["principal(32,iters=5)+nf4/64", five],
      ["nf4/64+lowrank(32)", lorc],
    ] as const) {
      const found = await off(recipe);
      expect(Math.abs(found - wanted), `${recipe}: ${found} %, not ${wanted} %`).toBeLessThan(1);
    }
  });

  it("a spectrum of i^-1: 86 % in one round", { timeout: 60_000 }, async () => {
    const found = await (await offOf(await decaying(n, 1)))("principal(32)+nf4/64");
    expect(Math.abs(found - 86)).toBeLessThan(1.5);
  });
});

// Q-GaLore (arXiv 2407.08296): the basis of a gradient in few bits, by groups of 256.
describe("a gradient on a quantized basis", () => {
  const n = 512;
  const gradient = normalValues(n * n, 8);
  let exact: Float32Array;
  beforeAll(async () => {
    exact = await results(`principal(32,factors=f32,basis=f32)+${ALONE}`, gradient, n, n);
  });
  it.each([
    [8, 0.99998, 2e-5],
    [4, 0.993, 2e-3],
    [3, 0.97, 0.01],
    [2, 0.86, 0.03],
  ])("in %i bits has a cosine of %d with that of the exact one", async (bits, wanted, within) => {
    const own = await results(`principal(32,factors=f32,basis=(int${bits}(asym)/flat(256)))+${ALONE}`, gradient, n, n);
    let [dot, a, b] = [0, 0, 0];
    own.forEach((y, i) => {
      dot += y * exact[i];
      a += y * y;
      b += exact[i] ** 2;
    });
    expect(Math.abs(dot / Math.sqrt(a * b) - wanted)).toBeLessThan(within);
  });

  it("moves weights by 200 steps of a twentieth of a code where they are rounded at random, and by none to nearest", async () => {
    const moved = async (rounding: (step: number) => string) => {
      let w = new Float32Array(1024).fill(20);
      for (let step = 0; step < 200; step++)
        w = new Float32Array(
          await results(
            `int8${rounding(step)}`,
            w.map((v) => v - 0.05),
            1,
            1024,
          ),
        );
      return 20 - w.reduce((sum, v) => sum + v, 0) / w.length;
    };
    expect(Math.abs((await moved((step) => `@sr(seed=${step})`)) / 9.97 - 1)).toBeLessThan(0.03);
    expect(await moved(() => "")).toBe(0);
  });
});

// QVGen (arXiv 2505.11497): the schedule of ranks, replayed on a weight that stays.
describe("a correction that fades", () => {
  const [rows, cols] = [48, 64];
  const w = normalValues(rows * cols, 3);
  const quantizer = "int4(asym)/row~shrink(p=2.4)";
  const mse = async (recipe: string) => (await quantizeText(recipe, w, rows, cols)).report.metrics.mse!;

  it("leaves the tail of the error's singular values, at every rank of the schedule", async () => {
    const q = await results(quantizer, w, rows, cols);
    const { singular } = await svd({ rows, cols, values: Float64Array.from(w, (v, i) => v - q[i]) });
    for (const rank of [32, 16, 8, 4, 2, 1]) {
      const tail = singular.slice(rank).reduce((sum, s) => sum + s * s, 0) / w.length;
      expect((await mse(`${quantizer}+lowrank(${rank},factors=f32)`)) / tail).toBeCloseTo(1, 4);
    }
    expect((await mse(quantizer)) / (singular.reduce((sum, s) => sum + s * s, 0) / w.length)).toBeCloseTo(1, 6);
  });

  it("does not jump where the rank is halved", async () => {
    for (const rank of [32, 16, 8, 2]) {
      const faded = await mse(`${quantizer}+lowrank(${rank},factors=f32,fade=1)`);
      const halved = await mse(`${quantizer}+lowrank(${rank / 2},factors=f32)`);
      expect(faded / halved).toBeCloseTo(1, 5);
      const half = await mse(`${quantizer}+lowrank(${rank},factors=f32,fade=0.5)`);
      expect(half).toBeGreaterThan(await mse(`${quantizer}+lowrank(${rank},factors=f32)`));
      expect(half).toBeLessThan(faded);
    }
  });
});
