import { describe, expect, it } from "vitest";
import { normalValues } from "../../testing/matrix.ts";
import { calibrationOf, correlated, solve } from "../solving/recipes-for-test.ts";

const [rows, cols] = [24, 64];
const w = normalValues(rows * cols, 21);
const known = calibrationOf(correlated(256, cols, 4), cols);
const of = (recipe: string, checkpoint?: () => Promise<void>) => solve(recipe, w, cols, known, checkpoint);
const nmse = async (recipe: string) => (await of(recipe)).report.metrics.outputNmse!;

describe("l4q", () => {
  it.each(["int3/row", "int4(asym)/16:f16", "int4/16:e4m3/tensor"])(
    "with what is added of low rank lessens %s's error, more than by steps alone",
    async (quantizer) => {
      const [nearest, steps, both] = [
        await nmse(quantizer),
        await nmse(`l4q(100,rank=0)+${quantizer}`),
        await nmse(`l4q(100)+${quantizer}`),
      ];
      expect(steps).toBeLessThan(0.95 * nearest);
      expect(both).toBeLessThan(steps);
    },
  );

  it("stays on the grid: results are what codes and scales stand for, in as many bits", async () => {
    const { quantized, codes, result, report } = await of("l4q(40)+int4(asym)/16:f16");
    for (const at of [0, 300, 1535]) {
      const seen = await quantized.inspect(Math.floor(at / cols), at % cols);
      expect([seen.code, seen.result]).toEqual([codes[at], result[at]]);
    }
    expect(report.metrics.bitsPerWeight).toBe((await of("int4(asym)/16:f16")).report.metrics.bitsPerWeight);
  });

  it("learns the weights themselves by straight-through gradients as well", async () => {
    expect(await nmse("l4q(100,by=weights)+int3/row")).toBeLessThan(0.9 * (await nmse("int3/row")));
  });

  it("is the same a second time, and keeps the nearest codes where its steps are too large", async () => {
    expect((await of("l4q(10)+int3/row")).codes).toEqual((await of("l4q(10)+int3/row")).codes);
    const wild = await of("l4q(30,rate=1)+int3/row");
    expect(wild.report.notes.join()).toMatch(/stopped at step|found nothing better|took the outputs/);
    expect(wild.report.metrics.outputNmse!).toBeLessThanOrEqual(await nmse("int3/row"));
  });

  it("is refused without blocks, and stops when asked", async () => {
    await expect(of("l4q+int4/tensor")).resolves.toBeTruthy();
    let asked = 0;
    const stop = async () => {
      if (++asked > 30) throw new DOMException("stop", "AbortError");
    };
    await expect(of("l4q+int3/row", stop)).rejects.toThrow("stop");
  });
});
