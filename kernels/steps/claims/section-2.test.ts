/** Claims of the catalogue's second section, scales and granularity, that are about tensors. */
import { describe, expect, it } from "vitest";
import { makeEncoder } from "../../codes/scalar/encoder.ts";
import { readArchitecture } from "../../network/families/index.ts";
import { near, nmseOf, reportOf, resultOf, studentValues, uniformValues } from "../../testing/claims.ts";
import { normalValues, planOf, quantizeText } from "../../testing/matrix.ts";

const n = 2 ** 18;
const gaussian = normalValues(n, 1);
const t4 = studentValues(n, 4, 21);

describe("2.1 FP4 training: blocks of 16 about 1e-3, scales of several formats", () => {
  /** Blocks whose deviation is 1e-3 times a log-normal of sigma. */
  const blocks = (sigma: number) => {
    const gains = normalValues(n / 16, 3).map((z) => 1e-3 * Math.exp(sigma * z));
    return gaussian.map((x, i) => x * gains[i >> 4]);
  };
  const deadShare = async (recipe: string, values: Float32Array) =>
    (await reportOf(recipe, values)).metrics.dead! / (n / 16);

  it("all alike: E4M3 without a scale a tensor kills every block, UE5M3 errs by 9.0e-3", async () => {
    const alike = blocks(0);
    expect(await deadShare("e2m1/16:e4m3", alike)).toBeGreaterThan(0.99);
    expect(await deadShare("e2m1/16:ue5m3", alike)).toBe(0);
    near(await nmseOf("e2m1/16:ue5m3", alike), 9e-3, 0.02, "UE5M3");
    near(await nmseOf("e2m1/16:ue5m3(top=ieee)", alike), 9e-3, 0.02, "UE5M3, its other codebook");
  });

  it.each([
    ["E4M3 and a tensor scale", "nvfp4", 0.86],
    ["UE5M3", "e2m1/16:ue5m3", 0.13],
    ["UE5M3 and a tensor scale", "e2m1/16:ue5m3/tensor", 0.06],
    ["E8M0", "e2m1/16~mx(floor):e8m0", 0],
  ])("log-normal with sigma 4: dead blocks under %s", async (what, recipe, wanted) => {
    const found = await deadShare(recipe, blocks(4));
    // A tensor's scale goes with its one largest block.
    expect(Math.abs(found - wanted), `${what}: ${found}`).toBeLessThan(0.06);
  });
});

describe("2.2 FineQuant: INT4 by group size", () => {
  const sizes = [4096, 512, 128, 64, 32];
  it.each([
    ["Gaussian", gaussian, [2.5e-2, 1.8e-2, 1.38e-2, 1.16e-2, 9.4e-3], 0.03],
    ["t(4)", t4, [0.188, 0.074, 0.037, 0.026, 0.017], 0.12],
  ] as const)("%s", async (what, values, wanted, share) => {
    for (const [k, size] of sizes.entries())
      near(await nmseOf(`int4/${size}`, values, 4096), wanted[k], share, `${what} ${size}`);
  });

  it("the heuristic takes smaller groups for heavy tails", async () => {
    const settled = async (values: Float32Array) => (await reportOf("int4/row~fine:f16", values, 4096)).grid.blockCols;
    expect(await settled(t4)).toBeLessThan(await settled(gaussian));
    expect(await settled(t4)).toBe(64);
  });
});

it("2.3 dual grained: 9.96e-3, the float scales of groups 1.01e-2, one scale a channel 3.8e-2", async () => {
  const cols = 4096;
  near(await nmseOf("int4(asym)/128~dgq:uint8/row:f16", gaussian, cols), 9.96e-3, 0.1, "dual");
  near(await nmseOf("int4(asym)/128", gaussian, cols), 1.01e-2, 0.02, "float scales");
  // What the claim calls one scale a channel is nearer to one a tensor here; one a row of 4,096 errs by 2.5e-2.
  near(await nmseOf("int4/tensor", gaussian, cols), 3.8e-2, 0.1, "one scale");
  near(await nmseOf("int4/row", gaussian, cols), 2.5e-2, 0.03, "one scale a row");
});

describe("2.4 HAWQ-V3: dyadic multipliers", () => {
  it.each([
    [15, 3.0e-5],
    [7, 7.7e-3],
  ])("%i bits err by %d at most", async (bits, most) => {
    // Scales of all significands: one a row.
    const rows = 4096;
    const amax = uniformValues(rows, 9).map((u) => 3 + 2 * u);
    const { scales } = await quantizeText(`int8/row:dyadic(${bits})@away`, amax, rows, 1);
    const worst = scales[0].values.reduce((m, s, r) => Math.max(m, Math.abs((s * 127) / amax[r] - 1)), 0);
    expect(worst).toBeLessThanOrEqual(2 ** -bits * (1 + 2 ** -20));
    near(worst, most, 0.05, `${bits} bits`);
  });
});

it("2.5 gradients near 0.02 underflow in unscaled FP4", async () => {
  const { metrics } = await reportOf(
    "e2m1",
    gaussian.map((x) => 0.02 * x),
  );
  expect(metrics.flushed).toBe(gaussian.filter((x) => x !== 0).length);
});

it("2.5 LLaMA-7B over 4,096 tokens: 57.3, 28.4 and 14.2 % of the forward pass, and what FP4 saves of it", () => {
  const architecture = readArchitecture({
    ...{ model_type: "llama", hidden_size: 4096, intermediate_size: 11008, num_hidden_layers: 32, vocab_size: 32000 },
    ...{ num_attention_heads: 32, max_position_embeddings: 4096, rms_norm_eps: 1e-6, hidden_act: "silu" },
  });
  const products = (within: string) =>
    architecture
      .parts(0)
      .filter(({ name, linear }) => linear && name.includes(within))
      .reduce((sum, { shape: [outputs, inputs] }) => sum + 2 * outputs * inputs, 0);
  const [feed, projections] = [products("mlp"), products("self_attn")];
  // A token's logits, and the sum of values: two products each with every token.
  const core = 2 * 2 * 4096 * architecture.width;
  const all = feed + projections + core;
  near(feed / all, 0.573, 1e-3, "feed-forward");
  near(projections / all, 0.284, 2e-3, "attention's linear layers");
  near(core / all, 0.142, 2e-3, "attention itself");
  const cost = (faster: number) => ((feed + projections) / faster + core) / all;
  near(cost(4), 0.35, 0.02, "FP4 four times as fast");
  near(cost(2), 0.571, 2e-3, "twice as fast, which is the printed figure");
});

describe("2.6 SageAttention3: probabilities under scales of two levels", () => {
  const [queries, keys, width] = [128, 1024, 32];
  const logits = normalValues(queries * keys, 13).map((z) => 4 * z);
  const p = new Float32Array(queries * keys);
  for (let r = 0; r < queries; r++) {
    const most = logits.subarray(r * keys, (r + 1) * keys).reduce((m, z) => Math.max(m, z), -Infinity);
    for (let k = 0; k < keys; k++) p[r * keys + k] = Math.exp(logits[r * keys + k] - most);
  }
  const v = normalValues(keys * width, 14);
  const output = (of: Float32Array) =>
    Float64Array.from({ length: queries * width }, (_, i) => {
      const [r, c] = [Math.floor(i / width), i % width];
      let sum = 0;
      for (let k = 0; k < keys; k++) sum += of[r * keys + k] * v[k * width + c];
      return sum;
    });
  const exact = output(p);
  const errorOf = async (recipe: string) => {
    const found = output(await resultOf(recipe, p, keys));
    const power = exact.reduce((sum, y) => sum + y * y, 0);
    return found.reduce((sum, y, i) => sum + (y - exact[i]) ** 2, 0) / power;
  };

  it("a scale a row of 448 * 6 takes more than half of the output's error away", async () => {
    const [direct, two] = [await errorOf("e2m1/16:e4m3"), await errorOf("e2m1/16:e4m3/row")];
    near(direct, 1.27e-3, 0.35, "direct");
    // The claim's 2.6e-4 lies below what float32 scales give here, 4.4e-4.
    expect(two).toBeLessThan(direct / 2);
    expect(two).toBeLessThan(1.7 * (await errorOf("e2m1/16")));
  });

  it("62 per cent of the direct scales lie under 2^-10", () => {
    let under = 0;
    for (let b = 0; b < p.length; b += 16) {
      if (p.subarray(b, b + 16).reduce((m, x) => Math.max(m, x), 0) / 6 < 2 ** -10) under++;
    }
    expect(Math.abs(under / (p.length / 16) - 0.62)).toBeLessThan(0.02);
  });
});

it("2.7 MixPE: whole numbers add up to the same before and after a group's one scale", async () => {
  const quantized = await quantizeText("int4(asym)/128", gaussian.subarray(0, 1024), 1, 1024);
  const { codes } = await quantized.rows(0, 1);
  const x = Int32Array.from(gaussian.subarray(1024, 2048), (g) => Math.round(30 * g));
  for (let g = 0; g < 8; g++) {
    const z = quantized.zeroPoints![g];
    let [first, plain, sum] = [0, 0, 0];
    for (let k = 128 * g; k < 128 * (g + 1); k++) {
      first += (codes![k] - z) * x[k];
      sum += x[k];
      for (let i = 0; i < 4; i++) plain += ((codes![k] >> i) & 1) * (x[k] << i);
    }
    expect(plain - z * sum).toBe(first);
  }
});

it("2.7 in float16, scales after a group's sum leave less of an error than scales before", async () => {
  const [rows, cols] = [64, 1024];
  const x = gaussian.subarray(rows * cols, (rows + 1) * cols);
  const quantized = await quantizeText("int4(asym)/128:f16", gaussian.subarray(0, rows * cols), rows, cols);
  const { codes } = await quantized.rows(0, rows);
  const encoder = makeEncoder(planOf("f16", 1, 1).element);
  const [input, result] = [new Float32Array(1), new Float32Array(1)];
  const f16 = (v: number) => {
    input[0] = v;
    encoder.run(input, 0, 1, { scale: 1, reciprocal: 1, zeroPoint: 0 }, 0, result, null);
    return result[0];
  };
  let [before, after] = [0, 0];
  for (let r = 0; r < rows; r++) {
    let [exact, early, late] = [0, 0, 0];
    for (let g = 0; g < 8; g++) {
      const [s, z] = [quantized.scales[0].values[8 * r + g], quantized.zeroPoints![8 * r + g]];
      let group = 0;
      for (let k = 128 * g; k < 128 * (g + 1); k++) {
        const [q, input16] = [codes![r * cols + k] - z, f16(x[k])];
        exact += s * q * input16;
        early = f16(early + f16(f16(s * q) * input16));
        group = f16(group + f16(q * input16));
      }
      late = f16(late + f16(s * group));
    }
    before += (early - exact) ** 2;
    after += (late - exact) ** 2;
  }
  expect(after).toBeGreaterThan(0);
  expect(after).toBeLessThan(before);
});

describe("2.8 TurboMind: caches of 128 wide heads, three channels of the keys 15 times as loud", () => {
  const [tokens, head] = [1024, 128];
  const loud = [5, 60, 100];
  const keys = normalValues(tokens * head, 17).map((x, i) => (loud.includes(i % head) ? 15 * x : x));
  const values = normalValues(tokens * head, 18);
  /** Relative squared error over the channels that are not loud. */
  const others = async (recipe: string, of: Float32Array) => {
    const found = await resultOf(recipe, of, head);
    let [error, power] = [0, 0];
    of.forEach((x, i) => {
      if (loud.includes(i % head)) return;
      error += (x - found[i]) ** 2;
      power += x * x;
    });
    return error / power;
  };
  it.each([
    ["4 bits a token", "int4(asym)/row", 0.32],
    ["4 bits a channel", "int4(asym)/col", 0.016],
    ["8 bits a token", "int8(asym)/row", 1.1e-3],
    ["8 bits a channel", "int8(asym)/col", 5.5e-5],
  ])("keys, %s", async (what, recipe, wanted) => near(await others(recipe, keys), wanted, 0.08, what));

  it("values a token: 0.0099 in 4 bits, 3.4e-5 in 8", async () => {
    near(await nmseOf("int4(asym)/row", values, head), 0.0099, 0.03, "4 bits");
    near(await nmseOf("int8(asym)/row", values, head), 3.4e-5, 0.03, "8 bits");
  });
});
