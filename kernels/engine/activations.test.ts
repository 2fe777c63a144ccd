import { describe, expect, it } from "vitest";
import type { ActivationsRecipe } from "../backends/options.ts";
import { referenceBackend } from "../backends/reference/backend.ts";
import { startReduction } from "../calibration/reduce.ts";
import type { Calibration } from "../calibration/types.ts";
import { parseRecipe } from "../notation/index.ts";
import { matrixOf, normalValues, planOf, quantizeText } from "../testing/matrix.ts";
import { quantizeMatrix } from "./quantize.ts";

const [tokens, rows, cols] = [40, 12, 32];
const x = normalValues(tokens * cols, 9).map((v, i) => (i % cols === 5 ? 30 * v : v));
const w = normalValues(rows * cols, 4);

async function calibrationOf(inputs: Float32Array, keep = 512): Promise<Calibration> {
  const reduction = await startReduction(cols, { keep });
  await reduction.add(inputs);
  return reduction.finish({ kind: "activations", name: "X.npy", digest: "abc" });
}

const by = (text: string, scales: ActivationsRecipe["scales"] = "dynamic"): ActivationsRecipe => ({
  recipe: parseRecipe(text),
  definitions: [],
  scales,
});

const quantize = (recipe: string, activations: ActivationsRecipe | null, calibration: Calibration | null) => {
  const options = { backend: referenceBackend, calibration, activations, checkpoint: async () => {}, now: () => 0 };
  return quantizeMatrix(matrixOf(w, rows, cols), planOf(recipe, rows, cols), options);
};

const resultOf = async (recipe: string, values: Float32Array, count: number): Promise<Float32Array> =>
  (await (await quantizeText(recipe, values, count, cols)).rows(0, count)).result;

/** |X W^T - A B^T|^2 / |X W^T|^2 */
function share(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [error, signal] = [0, 0];
  for (let t = 0; t < tokens; t++) {
    for (let r = 0; r < rows; r++) {
      let [wanted, found] = [0, 0];
      for (let c = 0; c < cols; c++) {
        wanted += x[t * cols + c] * w[r * cols + c];
        found += a[t * cols + c] * b[r * cols + c];
      }
      error += (wanted - found) ** 2;
      signal += wanted ** 2;
    }
  }
  return error / signal;
}

const near = (found: number | null, wanted: number, by: number) =>
  expect(Math.abs(found! / wanted - 1)).toBeLessThan(by);

describe("quantized activations", () => {
  it.each(["int4/row", "int8/tensor", "e4m3/row", "int4(asym)/32"])(
    "by %s: weight, activations and both",
    async (text) => {
      const { report } = await quantize("int4/16", by(text), await calibrationOf(x));
      const [wq, xq] = [await resultOf("int4/16", w, rows), await resultOf(text, x, tokens)];
      const found = report.activations!;
      near(found.weightOnly, share(x, wq), 1e-9);
      near(found.activationOnly, share(xq, w), 1e-9);
      near(found.joint, share(xq, wq), 1e-9);
      expect(report.metrics.outputNmse).toBe(found.joint);
      expect([found.rows, found.scales, found.recipe]).toEqual([tokens, "dynamic", planOf(text, tokens, cols).text]);
      expect(report.notes.at(-1)).toBe(
        `outputNmse is of weight and activations (dynamic ${found.recipe}) together, over the 40 tokens kept of the calibration`,
      );
    },
  );

  it("count their own bits", async () => {
    const bits = async (text: string, scales?: ActivationsRecipe["scales"]) =>
      (await quantize("int4/16", by(text, scales), await calibrationOf(x))).report.activations!.bitsPerActivation;
    expect(await bits("int4/row")).toBe(4 + 32 / cols);
    expect(await bits("int8/tensor", "static")).toBe(8);
  });

  it("go through what the weight's transforms do to inputs", async () => {
    const known = await calibrationOf(x);
    // Without any rounding of the weight, both is the activations alone.
    for (const step of ["perm", "ht(32)", "rht(8,seed=2)", "smooth"]) {
      const { report } = await quantize(`${step}+f32`, by("int8/row"), known);
      expect(report.activations!.weightOnly).toBeLessThan(1e-12);
      near(report.activations!.joint, report.activations!.activationOnly!, 1e-3);
    }
    // A rotation of every token, quantized there and rotated back.
    const { report } = await quantize("ht(32)+int4/16", by("int4/row"), known);
    const turned = await resultOf("ht(32)+int4/row", x, tokens);
    near(report.activations!.activationOnly, share(turned, w), 1e-4);
    near(report.activations!.joint, share(turned, await resultOf("ht(32)+int4/16", w, rows)), 1e-4);
    // The loud channel no longer takes the others' levels.
    const plain = await quantize("int4/16", by("int4/row"), known);
    expect(report.activations!.activationOnly!).toBeLessThan(plain.report.activations!.activationOnly!);
  });

  it("have static scales from the whole calibration, not from the tokens kept", async () => {
    const half = await calibrationOf(x, tokens / 2);
    const { report } = await quantize("f32", by("int8/tensor", "static"), half);
    const scaled = await resultOf("int8/tensor", x, tokens);
    // The same scale as over all tokens, on those that were kept.
    const kept = half.rows!;
    let [error, signal] = [0, 0];
    for (let t = 0; t < tokens / 2; t++) {
      const at = Array.from({ length: tokens }, (_, k) => k).find((k) =>
        kept.subarray(t * cols, (t + 1) * cols).every((v, c) => v === x[k * cols + c]),
      )!;
      for (let r = 0; r < rows; r++) {
        let [wanted, found] = [0, 0];
        for (let c = 0; c < cols; c++) {
          wanted += x[at * cols + c] * w[r * cols + c];
          found += scaled[at * cols + c] * w[r * cols + c];
        }
        error += (wanted - found) ** 2;
        signal += wanted ** 2;
      }
    }
    near(report.activations!.activationOnly, error / signal, 1e-9);
    await expect(quantize("f32", by("int8/row", "static"), half)).rejects.toThrow(
      "static scales of activations are one a tensor or one a channel (/tensor or /col), by their largest values: int8/row has others",
    );
  });

  it("need whole rows of activations", async () => {
    await expect(quantize("int4/16", by("int8/row"), null)).rejects.toThrow(
      "a recipe for activations needs a calibration: a file of activations",
    );
    const gram = { ...(await calibrationOf(x)), rows: null };
    await expect(quantize("int4/16", by("int8/row"), gram)).rejects.toThrow(
      "a recipe for activations needs whole rows of activations, and X.npy has none",
    );
  });
});
