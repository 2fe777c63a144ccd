import { describe, expect, it } from "vitest";
import { referenceBackend } from "../../backends/reference/backend.ts";
import { startReduction } from "../../calibration/index.ts";
import { quantizeMatrix } from "../../engine/quantize.ts";
import { parseRecipe } from "../../notation/index.ts";
import { matrixOf, normalValues, planOf, quantizeText } from "../../testing/matrix.ts";

const [tokens, outputs, cols] = [96, 48, 128];
const gain = Array.from({ length: cols }, (_, c) => 2 ** -(c % 6));
const x = normalValues(tokens * cols, 4).map((v, i) => v * gain[i % cols]);
const w = normalValues(outputs * cols, 5);

describe("chanbias", () => {
  it("raises quiet columns by powers of two toward the loudest, up to the largest, exactly", async () => {
    const { report, ...quantized } = await quantizeText("chanbias(3,of=columns)+f32", x, tokens, cols);
    expect(Array.from((await quantized.rows(0, tokens)).result)).toEqual(Array.from(x));
    expect(report.metrics.bitsPerWeight).toBeCloseTo(32 + 2 / tokens, 12);
    const near = async (recipe: string) => (await quantizeText(recipe, x, tokens, cols)).report.metrics.nmse!;
    expect(await near("chanbias(3,of=columns)+e2m1/tensor")).toBeLessThan((await near("e2m1/tensor")) * 0.6);
    expect(await near("chanbias(5,of=columns)+int8/tensor")).toBeLessThan((await near("int8/tensor")) * 0.6);
  });

  it("moves them from the weight into the inputs, whose quantizing gains more than the weight's loses", async () => {
    const reduction = await startReduction(cols);
    await reduction.add(x);
    const calibration = await reduction.finish({ kind: "activations", name: "x", digest: "" });
    const joint = async (weight: string) => {
      const { report } = await quantizeMatrix(matrixOf(w, outputs, cols), planOf(weight, outputs, cols), {
        ...{ backend: referenceBackend, calibration, checkpoint: async () => {}, now: () => 0 },
        activations: { recipe: parseRecipe("e2m1/tensor"), definitions: [], scales: "dynamic" },
      });
      return report.activations!;
    };
    const [plain, moved] = [await joint("e4m3/row"), await joint("chanbias+e4m3/row")];
    expect(moved.activationOnly!).toBeLessThan(plain.activationOnly! * 0.9);
    expect(moved.weightOnly!).toBeCloseTo(plain.weightOnly!, 3);
    await expect(quantizeText("chanbias+int4/row", w, outputs, cols)).rejects.toThrow("chanbias");
  });

  it("leaves a channel of zeros alone", async () => {
    const none = Float32Array.from(x, (v, i) => (i % cols === 7 ? 0 : v));
    const { report } = await quantizeText("chanbias(30,of=columns)+int4/tensor", none, tokens, cols);
    expect(report.metrics.nmse!).toBeLessThan(0.1);
  });
});
