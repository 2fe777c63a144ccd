/** Techniques from beside quantization: what they do on made-up data, where their figures are no metric of a report. */
import { describe, expect, it } from "vitest";
import { svd } from "../linalg/index.ts";
import { normalValues, quantizeText } from "../testing/matrix.ts";
import { tilesAsRows } from "./kron/work.ts";

const ALONE = "prune(1)+f16";
const report = async (recipe: string, values: Float32Array, rows: number, cols: number) =>
  (await quantizeText(recipe, values, rows, cols)).report;
const nmse = async (...of: Parameters<typeof report>) => (await report(...of)).metrics.nmse!;

/** A sum of r products of Gaussian columns and rows, of variance one. */
function ofRank(rows: number, cols: number, r: number, seed: number): Float32Array {
  const [u, v] = [normalValues(rows * r, seed), normalValues(r * cols, seed + 1)];
  return Float32Array.from({ length: rows * cols }, (_, i) => {
    let sum = 0;
    for (let k = 0; k < r; k++) sum += u[Math.floor(i / cols) * r + k] * v[k * cols + (i % cols)];
    return sum / Math.sqrt(r);
  });
}

describe("LIFT (arXiv 2506.00772): low rank and noise", () => {
  it("the largest of the part of low rank find the signal's largest better than the largest of all", async () => {
    const n = 128;
    const signal = ofRank(n, n, 4, 3);
    const noise = normalValues(n * n, 9);
    const values = signal.map((s, i) => s + 1.5 * noise[i]);
    const planted = new Set(
      Array.from(signal.keys())
        .sort((a, b) => Math.abs(signal[b]) - Math.abs(signal[a]))
        .slice(0, 819),
    );
    const found = async (by: string) => {
      const quantized = await quantizeText(`densesparse(0.05,sensitive=0,by=${by},values=f32)+${ALONE}`, values, n, n);
      const { result } = await quantized.rows(0, n);
      const kept = Array.from(result.keys()).filter((i) => result[i] !== 0);
      expect(kept).toHaveLength(819);
      return kept.filter((i) => planted.has(i)).length / kept.length;
    };
    const [own, lift] = [await found("magnitude"), await found("lowrank,r=4")];
    expect(lift).toBeGreaterThan(0.65);
    expect(own).toBeLessThan(0.5);
  });
});

describe("SoKA (arXiv 2506.15251): a Kronecker product and a hundredth of noise", () => {
  it("has one singular value of 498 and then 0.47", async () => {
    const [a, b, e] = [normalValues(16 * 16, 1), normalValues(32 * 32, 2), normalValues(512 * 512, 3)];
    const values = Float64Array.from(e, (noise, i) => {
      const [r, c] = [Math.floor(i / 512), i % 512];
      return a[(r >> 5) * 16 + (c >> 5)] * b[(r & 31) * 32 + (c & 31)] + 0.01 * noise;
    });
    const { singular } = await svd(tilesAsRows({ rows: 512, cols: 512, values }, 32, 32));
    // The first is the product of both norms, which varies by some per cent from draw to draw.
    expect(Math.abs(singular[0] / 498 - 1)).toBeLessThan(0.14);
    expect(Math.abs(singular[1] / 0.47 - 1)).toBeLessThan(0.04);
  });
});

describe("Monarch (arXiv 2204.00595)", () => {
  it.each([256, 1024])("holds the Hadamard matrix of order %i without error", async (n) => {
    const hadamard = Float32Array.from({ length: n * n }, (_, at) => {
      let bits = Math.floor(at / n) & (at % n);
      let odd = 0;
      for (; bits; bits >>= 1) odd ^= bits & 1;
      return odd ? -1 : 1;
    });
    expect(await nmse(`monarchpart(factors=f32)+${ALONE}`, hadamard, n, n)).toBeLessThanOrEqual(1e-30);
  });
});

describe("stacked tensors (arXiv 2310.00120)", () => {
  const [count, m, n, rank] = [8, 32, 32, 4];
  /** Error and bits of all tensors together, jointly or one by one. */
  const joint = (values: Float32Array) =>
    report(`tucker(${count},${rank},${rank},n=${count},of=stack,core=f32,factors=f32)+${ALONE}`, values, count * m, n);

  it("share a core where they share their spaces, and a tensor of its own each does not pay", async () => {
    // W_l = U C_l V: one U and V for all.
    const [u, v] = [normalValues(m * rank, 1), normalValues(rank * n, 2)];
    const values = new Float32Array(count * m * n);
    for (let l = 0; l < count; l++) {
      const core = normalValues(rank * rank, 10 + l);
      for (let i = 0; i < m; i++)
        for (let j = 0; j < n; j++) {
          let sum = 0;
          for (let p = 0; p < rank; p++)
            for (let q = 0; q < rank; q++) sum += u[i * rank + p] * core[p * rank + q] * v[q * n + j];
          values[(l * m + i) * n + j] = sum;
        }
    }
    const together = (await joint(values)).metrics;
    expect(together.nmse!).toBeLessThan(1e-12);
    // One by one a part of the same rank takes as many numbers as are there for each: nearly three times as many.
    const alone = (await report(`principal(${rank},factors=f32)+${ALONE}`, values.slice(0, m * n), m, n)).metrics;
    expect(alone.nmse!).toBeLessThan(1e-12);
    expect(alone.bitsPerWeight).toBeGreaterThan(2 * together.bitsPerWeight);
  });

  it("gain nothing where they are independent", async () => {
    const values = normalValues(count * m * n, 5);
    const together = (await joint(values)).metrics;
    let error = 0;
    for (let l = 0; l < count; l++)
      error +=
        (await nmse(`principal(1,factors=f32)+${ALONE}`, values.slice(l * m * n, (l + 1) * m * n), m, n)) / count;
    const bits = (32 * (m + n)) / (m * n);
    // At no more bits than one direction of each takes, the joint one leaves no less.
    expect(together.bitsPerWeight).toBeLessThan(1.01 * bits);
    expect(together.nmse!).toBeGreaterThan(error);
  });
});

describe("HUT (arXiv 2409.13501) beside LoRC, at as many numbers", () => {
  it("mends least where most codes are zero: what became zero stays", async () => {
    const [rows, cols] = [96, 128];
    const values = normalValues(rows * cols, 6);
    const quantized = await quantizeText("int2/64", values, rows, cols);
    const { result } = await quantized.rows(0, rows);
    let [zeros, all] = [0, 0];
    values.forEach((v, i) => {
      all += v * v;
      if (result[i] === 0) zeros += v * v;
    });
    for (const r of [1, 8, 24]) {
      expect(await nmse(`int2/64+hut(${r},factors=f32)`, values, rows, cols)).toBeGreaterThan(zeros / all);
    }
  });
});
