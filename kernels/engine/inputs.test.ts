import { describe, expect, it } from "vitest";
import type { ActivationsRecipe } from "../backends/options.ts";
import { referenceBackend } from "../backends/reference/backend.ts";
import { startReduction } from "../calibration/reduce.ts";
import { parseRecipe } from "../notation/index.ts";
import { normalValues, quantizeText } from "../testing/matrix.ts";
import { quantizerOfInputs } from "./inputs.ts";

const [tokens, cols] = [40, 32];
const x = normalValues(tokens * cols, 9).map((v, i) => (i % cols === 5 ? 30 * v : v));
const w = normalValues(12 * cols, 4);
const job = { checkpoint: async () => {}, backend: async () => referenceBackend };

const by = (text: string, scales: ActivationsRecipe["scales"] = "dynamic"): ActivationsRecipe => ({
  recipe: parseRecipe(text),
  definitions: [],
  scales,
});
const resultOf = async (recipe: string, values: Float32Array): Promise<Float32Array> => {
  const rows = values.length / cols;
  return (await (await quantizeText(recipe, values, rows, cols)).rows(0, rows)).result;
};
const error = (a: Float32Array, b: Float32Array) => a.reduce((sum, v, i) => sum + (v - b[i]) ** 2, 0);

async function calibrationOf(inputs: Float32Array) {
  const reduction = await startReduction(cols, { keep: 512 });
  await reduction.add(inputs);
  return reduction.finish({ kind: "activations", name: "X.npy", digest: "" });
}

describe("inputs that are quantized beside a weight", () => {
  it.each([
    "int4/row",
    "int8/tensor",
    "e4m3/row",
    "int4(asym)/32",
    "rht(32,seed=1)+int4/row",
    "outliers(0.01)+int4/row",
  ])("by %s are what the recipe makes of a matrix", async (text) => {
    const inputs = await quantizerOfInputs(by(text), cols, null, null, job);
    expect(await inputs.quantize(x)).toEqual(await resultOf(text, x));
  });

  it("go through the weight's transforms and back: a rotation spreads the outlier channel", async () => {
    const weight = await quantizeText("rht(32,seed=1)+int4/row", w, 12, cols);
    const plain = await quantizerOfInputs(by("int4/row"), cols, null, null, job);
    const rotated = await quantizerOfInputs(by("int4/row"), cols, weight, null, job);
    const wanted = await resultOf("rht(32,seed=1)+int4/row", x);
    const found = await rotated.quantize(x);
    // The same to what float32 leaves of a rotation there and back, compared over all: a tie may fall either way.
    expect(error(found, wanted)).toBeLessThan(1e-6 * error(x, wanted));
    expect(error(await rotated.quantize(x), x)).toBeLessThan(0.5 * error(await plain.quantize(x), x));
  });

  it("have static scales by the ends of the calibration, whatever comes: what is beyond them is clipped", async () => {
    const inputs = await quantizerOfInputs(by("int8/tensor", "static"), cols, null, await calibrationOf(x), job);
    const most = x.reduce((a, v) => Math.max(a, Math.abs(v)), 0);
    const scale = Math.fround(most / 127);
    const loud = x.map((v) => 3 * v);
    const found = await inputs.quantize(loud);
    expect(Math.max(...found)).toBeLessThanOrEqual(Math.fround(127 * scale));
    found.forEach((v, i) => {
      expect(v).toBeCloseTo(Math.fround(Math.min(127, Math.max(-127, Math.round(loud[i] / scale))) * scale), 4);
    });
    const quiet = await inputs.quantize(x.map((v) => v / 1000));
    expect(new Set(quiet.map((v) => Math.round(v / scale))).size).toBeLessThan(4);
  });

  it("need a calibration for static scales, and a rule that such scales can have", async () => {
    const make = (text: string, scales: "static" | "dynamic") =>
      quantizerOfInputs(by(text, scales), cols, null, null, job);
    await expect(make("int8/tensor", "static")).rejects.toThrow(/needs a calibration/);
    await expect(make("int8/row", "static")).rejects.toThrow(/one a tensor or one a channel/);
    await expect(make("gptq+int4/row", "dynamic").then((one) => one.quantize(x))).rejects.toThrow(
      /gptq needs a calibration/,
    );
  });

  it("stay what they are where they are not finite", async () => {
    const bad = x.slice();
    [bad[3], bad[70]] = [Number.NaN, Number.POSITIVE_INFINITY];
    const found = await (await quantizerOfInputs(by("int4/row"), cols, null, null, job)).quantize(bad);
    expect([found[3], found[70]]).toEqual([Number.NaN, Number.POSITIVE_INFINITY]);
  });
});
