import { describe, expect, it } from "vitest";
import { startReduction } from "../calibration/reduce.ts";
import type { Calibration, CalibrationNeed } from "../calibration/types.ts";
import type { Plan } from "../plan/plan.ts";
import { normalValues, planOf } from "../testing/matrix.ts";
import { calibrationOfQuantizer, checkCalibration } from "./calibrated.ts";

async function calibrationOf(cols: number, tokens = 40): Promise<Calibration> {
  const reduction = await startReduction(cols);
  await reduction.add(normalValues(tokens * cols, 3));
  return reduction.finish({ kind: "activations", name: "X.npy", digest: "" });
}

/** The plan as if its last step needed this. */
const needing = (plan: Plan, calibration: CalibrationNeed, optional?: true): Plan => ({
  ...plan,
  steps: plan.steps.map((step) => ({
    ...step,
    needs: { ...step.needs, calibration, ...(optional && { calibrationOptional: optional }) },
  })),
});

describe("a calibration", () => {
  it("of another width is refused, whatever the recipe", async () => {
    expect(() => checkCalibration(planOf("int4/8", 2, 8), null, "w")).not.toThrow();
    const other = await calibrationOf(16);
    expect(() => checkCalibration(planOf("int4/8", 2, 8), other, "layer.q")).toThrow(
      "X.npy is of inputs with 16 channels, and layer.q takes 8: a calibration of another layer?",
    );
  });

  it("that is missing, or lacks what a step has to have, is told before any work", async () => {
    const plan = needing(planOf("ht(8)+int4/8", 2, 8), "gram");
    expect(() => checkCalibration(plan, null, "w")).toThrow(
      "ht needs a calibration: the Gram matrix of the inputs (a file of activations or of a Gram matrix has it)",
    );
    const known = await calibrationOf(8);
    expect(() => checkCalibration(plan, known, "w")).not.toThrow();
    expect(() => checkCalibration(plan, { ...known, gram: null }, "w")).toThrow(
      "ht needs the Gram matrix of the inputs, and X.npy has none",
    );
    expect(() => checkCalibration(needing(plan, "gram", true), null, "w")).not.toThrow();
    expect(() => checkCalibration(needing(plan, "gradients"), known, "w")).toThrow(
      "ht needs the Gram matrix of gradients at the outputs, and X.npy has none",
    );
  });

  it("goes through the transforms before a quantizer that uses it, and nowhere else", async () => {
    const known = await calibrationOf(8);
    const plan = planOf("ht(8)+int4/8", 2, 8);
    expect(await calibrationOfQuantizer(plan, known, {})).toBeNull();
    const behind = (await calibrationOfQuantizer({ ...plan, uses: "gram" }, known, {}))!;
    // The first of the rotated channels is the sum of all over the root of their number.
    const sum = known.gram!.values.reduce((total, value) => total + value, 0) / 8;
    expect(behind.gram!.values[0]).toBeCloseTo(sum, 9);
    expect((await calibrationOfQuantizer({ ...plan, uses: "channels" }, known, {}))!.gram).toBeNull();
    const imatrix = { ...known, gram: null, rows: null };
    await expect(calibrationOfQuantizer({ ...plan, uses: "channels" }, imatrix, {})).rejects.toThrow(
      "ht mixes channels",
    );
  });
});
