/**
 * MR-GPTQ (Bridging the gap between promise and performance for microscaling FP4 quantization, arXiv 2509.23202): a block Hadamard
 * rotation, scales of least squared error and GPTQ over MXFP4 and NVFP4.
 */
import { describe, expect, it } from "vitest";
import { startReduction } from "../../calibration/index.ts";
import { normalValues } from "../../testing/matrix.ts";
import { correlated, solve } from "../solving/recipes-for-test.ts";

const [rows, cols] = [48, 128];
const w = normalValues(rows * cols, 21);
const reduction = await startReduction(cols);
await reduction.add(Float32Array.from(correlated(600, cols, 22)));
const calibration = await reduction.finish({ kind: "activations", name: "x", digest: "" });

const errors = async (recipe: string) => {
  const { metrics } = (await solve(recipe, w, cols, calibration)).report;
  return { weight: metrics.nmse!, output: metrics.outputNmse! };
};

describe("MR-GPTQ", () => {
  it.each(["mxfp4", "nvfp4"])(
    "of %s: output error falls threefold and further in the order of the diagonal, weight error rises",
    async (q) => {
      const [nearest, gptq, ordered] = [
        await errors(q),
        await errors(`gptq+${q}`),
        await errors(`gptq(order=gram)+${q}`),
      ];
      expect(gptq.output).toBeLessThan(nearest.output / 3);
      expect(ordered.output).toBeLessThan(gptq.output);
      for (const { weight } of [gptq, ordered]) expect(weight).toBeGreaterThan(1.3 * nearest.weight);
    },
  );

  it.each([
    ["ht(32)+", "mxfp4~mse"],
    ["rht(32,seed=1)+", "mxfp4~mse"],
    ["ht(16)+", "nvfp4~mse"],
    ["ht(128)+", "nvfp4"],
    ["perm+", "nvfp4"],
    ["outliers(0.01)+", "mxfp4"],
  ])("behind %s over %s sees the inputs that the rotated weight meets", async (step, quantizer) => {
    const nearest = await errors(`${step}${quantizer}`);
    for (const solver of ["gptq(order=gram)", "ldlq", "babai", "cd"]) {
      expect((await errors(`${step}${solver}+${quantizer}`)).output, solver).toBeLessThan(nearest.output / 1.5);
    }
  });
});
