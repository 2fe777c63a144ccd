/** SVDQuant (arXiv 2411.05007): smooth, keep a part of low rank in 16 bits beside the rest in four, inputs in four. */
import { expect, it } from "vitest";
import { referenceBackend } from "../backends/reference/backend.ts";
import { startReduction } from "../calibration/index.ts";
import { quantizeMatrix } from "../engine/quantize.ts";
import { parseRecipe } from "../notation/index.ts";
import { matrixOf, normalValues, planOf } from "../testing/matrix.ts";

const [rows, cols, tokens] = [48, 128, 96];
// A few loud channels, and weights of the same channels that are as loud once they are smoothed.
const x = normalValues(tokens * cols, 2).map((v, i) => (i % 32 === 5 ? 25 * v : v));
const w = normalValues(rows * cols, 3);

async function run(recipe: string, activations: string) {
  const reduction = await startReduction(cols);
  await reduction.add(x);
  const calibration = await reduction.finish({ kind: "activations", name: "x", digest: "" });
  return quantizeMatrix(matrixOf(w, rows, cols), planOf(recipe, rows, cols), {
    ...{ backend: referenceBackend, calibration, checkpoint: async () => {}, now: () => 0 },
    activations: { recipe: parseRecipe(activations), definitions: [], scales: "dynamic" },
  });
}

it("the part meets inputs as they are, and the rest quantized ones", async () => {
  const { report, rows: read, apart } = await run("smooth+principal(6)+int4/32", "int4/32");
  const { result } = await read(0, rows);
  const part = apart!(0, rows);
  expect(report.notes.join()).toContain("; the part that is kept apart meets inputs as they are");
  // Quantized inputs are what a recipe without a part, whose weight stays, sees behind the same smoothing.
  const whole = (await run("smooth+f32", "int4/32")).report.activations!;
  expect(report.activations!.activationOnly! / whole.activationOnly!).toBeCloseTo(1, 4);
  // Written out with inputs that are exact: then the joint error is that of the weight.
  const exact = (await run("smooth+principal(6)+int4/32", "f32")).report.activations!;
  expect(exact.joint! / exact.weightOnly!).toBeCloseTo(1, 6);
  // The part alone, as a recipe of its own, is the same.
  const alone = await run("smooth+principal(6)+prune(1)+f16", "f32");
  const { result: kept } = await alone.rows(0, rows);
  part.forEach((p, i) => {
    expect(Math.abs(p - kept[i])).toBeLessThan(1e-5);
  });
  expect(result.some((y, i) => y !== part[i])).toBe(true);
});

it("is nearer to the outputs than smoothing alone, and the nearer the higher the rank", async () => {
  const joint = async (recipe: string) => (await run(recipe, "int4/32")).report.activations!.joint!;
  const errors = [await joint("smooth+int4/32")];
  for (const rank of [4, 12, 32]) errors.push(await joint(`smooth+principal(${rank})+int4/32`));
  expect(errors).toEqual(errors.toSorted((a, b) => b - a));
  expect(errors[3]).toBeLessThan(0.5 * errors[0]);
  // At full rank the rest is what factors in 16 bits leave: quantized inputs then hardly matter.
  expect(await joint(`smooth+principal(${rows})+int4/32`)).toBeLessThan(1e-5);
});

it("counts two thin factors in 16 bits beside four-bit codes", async () => {
  const { report } = await run("smooth+principal(6)+int4/32:f16", "int4/32");
  expect(report.metrics.bitsPerWeight).toBeCloseTo(4 + 16 / 32 + (16 * 6 * (rows + cols)) / (rows * cols), 10);
});
