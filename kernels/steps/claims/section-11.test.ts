/** Claims of the catalogue's section beside quantization that are about numbers rather than a recipe's error; the rest has tests with its steps. */
import { describe, expect, it } from "vitest";
import { weightsOf } from "../../attention/probabilities.ts";
import { gram, identity, multiply, svd, truncatedSvd } from "../../linalg/index.ts";
import { near, reportOf, resultOf, uniformValues } from "../../testing/claims.ts";
import { spectralRoot } from "../../testing/covariances.ts";
import { normalValues } from "../../testing/matrix.ts";

describe("11.7 random matrices: the largest eigenvalue of white inputs' second moment", () => {
  const cols = 512;
  /** Of X^T X / T. */
  const largest = async (tokens: number) => {
    const values = Float64Array.from(normalValues(tokens * cols, 5));
    const { singular } = await truncatedSvd({ rows: tokens, cols, values }, 1, { rounds: 15 });
    return singular[0] ** 2 / tokens;
  };
  it("lies at (1 + sqrt(C / T))^2, 2.25 for 512 channels and 2,048 tokens, and nearer to 1 of more", async () => {
    const [few, more] = [await largest(2048), await largest(4096)];
    near(few, 2.25, 0.03, "2,048 tokens");
    near(more, (1 + Math.sqrt(cols / 4096)) ** 2, 0.03, "4,096 tokens");
    expect(more).toBeLessThan(few);
  });
});

it("11.8 AdamP: errors along the weight and across it add up, and at the best length 1 - cos^2 is left", async () => {
  const w = normalValues(2 ** 16, 1);
  for (const recipe of ["binary/row~absmean", "int3/64", "e2m1/32"]) {
    const { metrics } = await reportOf(recipe, w);
    const y = await resultOf(recipe, w);
    const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + x * b[i], 0);
    const error = y.map((v, i) => v - w[i]);
    const power = dot(w, w);
    const share = dot(error, w) / power;
    const across = error.map((e, i) => e - share * w[i]);
    near(share ** 2 + dot(across, across) / power, metrics.nmse!, 1e-4, `${recipe}, both`);
    const length = dot(w, y) / dot(y, y);
    const rest = y.map((v, i) => length * v - w[i]);
    near(dot(rest, rest) / power, 1 - metrics.cosine! ** 2, 1e-3, `${recipe}, at the best length`);
  }
});

describe("11.15 Bures and Wasserstein's distance of covariances", () => {
  const [tokens, cols] = [4096, 24];
  const gains = Float64Array.from({ length: cols }, (_, c) => 0.5 + c / 8);
  const z = normalValues(tokens * cols, 9);
  // Neighbours follow from each other, so that no two covariances have the same axes.
  const x = z.map((v, i) => gains[i % cols] * (v + (i % cols ? 0.7 * z[i - 1] : 0)));
  const covariance = async (of: Float32Array) => {
    const sums = await gram(of, cols);
    return { ...sums, values: sums.values.map((v) => v / tokens) };
  };
  const trace = (m: { values: Float64Array }) => gains.reduce((sum, _, c) => sum + m.values[c * cols + c], 0);

  it("is the least over rotations of the difference of roots, and none from itself", async () => {
    const [a, b] = [await covariance(x), await covariance(await resultOf("int3/row", x, cols))];
    const [rootA, rootB] = [await spectralRoot(a), await spectralRoot(b)];
    const inner = await multiply(await multiply(rootA, b), rootA);
    const distance = trace(a) + trace(b) - 2 * trace(await spectralRoot(inner));
    // The nuclear norm of A^1/2 B^1/2 is the most that a rotation makes of its trace (Procrustes).
    const { singular } = await svd(await multiply(rootA, rootB));
    const nuclear = trace(a) + trace(b) - 2 * singular.reduce((sum, s) => sum + s, 0);
    near(distance, nuclear, 1e-6, "both ways");
    expect(distance).toBeGreaterThan(0);
    const self = await multiply(await multiply(rootA, a), rootA);
    expect(Math.abs(2 * trace(a) - 2 * trace(await spectralRoot(self)))).toBeLessThan(1e-8 * trace(a));
  });

  it("of noise that goes with nothing: every eigenvalue a becomes a + delta, at a distance of sum (sqrt a - sqrt(a + delta))^2", async () => {
    // A step that is small beside every channel leaves errors that go with nothing, of a twelfth of its square.
    const step = 0.25;
    const rounded = await resultOf(`int12/tensor~expr(${step})`, x, cols);
    const [a, b] = [await covariance(x), await covariance(rounded)];
    const delta = x.reduce((sum, v, i) => sum + (rounded[i] - v) ** 2, 0) / x.length;
    near(delta, step ** 2 / 12, 0.03, "delta");
    const moved = { ...a, values: a.values.map((v, i) => v + delta * identity(cols).values[i]) };
    const off = b.values.reduce((most, v, i) => Math.max(most, Math.abs(v - moved.values[i])), 0);
    // Of 4,096 tokens the moments of errors and inputs are no nearer to none than this.
    expect(off).toBeLessThan(10 * Math.sqrt(delta / tokens) * gains[cols - 1]);
    const { singular } = await svd(a);
    const commuting = singular.reduce((sum, s) => sum + (Math.sqrt(s) - Math.sqrt(s + delta)) ** 2, 0);
    const root = await spectralRoot(a);
    const inner = await multiply(await multiply(root, moved), root);
    near(trace(a) + trace(moved) - 2 * trace(await spectralRoot(inner)), commuting, 1e-6, "commuting");
  });
});

describe("11.23 AutoNumerics-Zero: 2^x in few operations, in units in the last place", () => {
  /** The polynomial of a degree whose largest relative error from 2^x on [0, 1) is least (Remez). */
  function minimax(degree: number): { at: (x: number) => number; worst: number } {
    let nodes = Array.from({ length: degree + 2 }, (_, i) => (1 - Math.cos((Math.PI * i) / (degree + 1))) / 2);
    let coefficients: number[] = [];
    const at = (x: number) => coefficients.reduceRight((sum, c) => sum * x + c, 0);
    const off = (x: number) => at(x) / 2 ** x - 1;
    for (let round = 0; round < 12; round++) {
      // sum_k c_k x^k / 2^x -+ e = 1 at every node, by elimination.
      const n = degree + 2;
      const system = nodes.map((x, i) => [
        ...Array.from({ length: degree + 1 }, (_, k) => x ** k / 2 ** x),
        i % 2 ? -1 : 1,
        1,
      ]);
      for (let p = 0; p < n; p++) {
        for (let r = 0; r < n; r++) {
          if (r === p) continue;
          const factor = system[r][p] / system[p][p];
          for (let k = p; k <= n; k++) system[r][k] -= factor * system[p][k];
        }
      }
      coefficients = Array.from({ length: degree + 1 }, (_, k) => system[k][n] / system[k][k]);
      // The largest error of each sign's stretch is the next node.
      const grid = Array.from({ length: 2001 }, (_, i) => i / 2000);
      const stretches: number[][] = [];
      for (const x of grid) {
        const last = stretches.at(-1);
        if (last && Math.sign(off(last[0])) === Math.sign(off(x))) last.push(x);
        else stretches.push([x]);
      }
      if (stretches.length !== n) break;
      nodes = stretches.map((xs) => xs.reduce((a, b) => (Math.abs(off(b)) > Math.abs(off(a)) ? b : a)));
    }
    return { at, worst: Math.max(...nodes.map((x) => Math.abs(off(x)))) };
  }

  const xs = uniformValues(2 ** 14, 6).map((u) => (u + 1) / 2);
  /** The largest error in units of the format's spacing between 1 and 2, where all of 2^x lies. */
  const ulps = async (format: string, spacing: number, of: (x: number) => number) => {
    const found = await resultOf(format, Float32Array.from(xs, of), 128);
    return xs.reduce((most, x, i) => Math.max(most, Math.abs(found[i] - 2 ** x) / spacing), 0);
  };

  it.each([
    ["bf16", 2 ** -7, 2, 1.7e-3],
    ["e4m3", 2 ** -3, 1, 0.03],
  ])("%s, of spacing %d, needs degree %i, whose largest error is %d", async (format, spacing, degree, claimed) => {
    const { at, worst } = minimax(degree);
    near(worst, claimed, 0.05, "largest relative error");
    expect(await ulps(format, spacing, at)).toBeLessThanOrEqual(1);
    expect(await ulps(format, spacing, (x) => 2 ** x)).toBeLessThanOrEqual(0.5 * (1 + 1e-4));
    expect(await ulps(format, spacing, minimax(degree - 1).at)).toBeGreaterThan(1);
  });
});

describe("11.24 two-pass softmax: exponentials as a significand and an exponent", () => {
  const f = Math.fround;
  /** In float32 throughout, but for the exponential of what is left, between -ln 2 / 2 and ln 2 / 2. */
  const split = (x: number): [number, number] => {
    const n = Math.round(x * Math.LOG2E);
    return [f(Math.exp(x - n * Math.LN2)), n];
  };
  function twoPass(logits: Float32Array): Float32Array {
    let [sum, exponent] = [0, -Infinity];
    for (const x of logits) {
      const [m, n] = split(x);
      if (n > exponent) [sum, exponent] = [f(f(sum * 2 ** (exponent - n)) + m), n];
      else sum = f(sum + f(m * 2 ** (n - exponent)));
    }
    return logits.map((x) => {
      const [m, n] = split(x);
      return f(f(m / sum) * 2 ** (n - exponent));
    });
  }
  const keys = 256;
  const logits = normalValues(4 * keys, 3).map((z, i) => z * [1, 10, 1000, 4000][Math.floor(i / keys)]);

  it("needs no largest logit, up to 10,000, where exponentials of float32 end at 88.7", () => {
    expect(f(Math.exp(88.8))).toBe(Infinity);
    for (const far of [1e4, -1e4]) {
      const p = twoPass(logits.subarray(0, keys).map((x) => x + far));
      expect(p.every(Number.isFinite)).toBe(true);
      near(
        p.reduce((sum, v) => sum + v, 0),
        1,
        keys * 2 ** -24,
        "sum",
      );
    }
  });

  it("is within float32's spacings of the probabilities of three passes", () => {
    const { values, sums } = weightsOf({ rows: 4, cols: keys, values: Float64Array.from(logits) }, { causal: false });
    for (let r = 0; r < 4; r++) {
      const p = twoPass(logits.subarray(r * keys, (r + 1) * keys));
      // Three passes in float32, too: the sum is one of rounded terms, in order.
      const weights = values.subarray(r * keys, (r + 1) * keys);
      near(
        p.reduce((sum, v) => sum + v, 0),
        1,
        keys * 2 ** -24,
        "sum",
      );
      for (let k = 0; k < keys; k++) {
        const wanted = weights[k] / sums[r];
        if (wanted < 2 ** -120) continue;
        expect(Math.abs(p[k] / wanted - 1)).toBeLessThan(keys * 2 ** -24);
      }
    }
  });
});

it("11.25 DARE: what is dropped of a delta averages out at the outputs, the more inputs they have", async () => {
  const inputs = normalValues(1024, 8);
  /** Error of a sum over so many inputs of a delta of which nine of ten are dropped, beside the sum of magnitudes. */
  const off = async (fanIn: number) => {
    const rows = 256;
    const delta = normalValues(rows * fanIn, 4).map((v) => 0.002 * (1 + 0.2 * v));
    const kept = await resultOf("prune(0.9,by=random,rescale=yes)+f32", delta, fanIn);
    let [square, scale] = [0, 0];
    for (let r = 0; r < rows; r++) {
      let [error, whole] = [0, 0];
      for (let c = 0; c < fanIn; c++) {
        const i = r * fanIn + c;
        error += (kept[i] - delta[i]) * inputs[c];
        whole += Math.abs(delta[i] * inputs[c]);
      }
      square += error ** 2;
      scale += whole ** 2;
    }
    return Math.sqrt(square / scale);
  };
  const [few, many] = [await off(64), await off(1024)];
  near(few / many, Math.sqrt(1024 / 64), 0.2, "sixteen times the inputs");
});
