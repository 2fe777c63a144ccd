import { describe, expect, it } from "vitest";
import { normalValues } from "../../testing/matrix.ts";
import { ScaledQuantizer } from "../learning/scaled.ts";
import { calibrationOf, correlated, solve } from "../solving/recipes-for-test.ts";
import type { ElementQuantizer } from "../step.ts";

const [rows, cols] = [24, 64];
const w = normalValues(rows * cols, 21);
const known = calibrationOf(correlated(256, cols, 4), cols);
const of = (recipe: string, checkpoint?: () => Promise<void>) => solve(recipe, w, cols, known, checkpoint);
const nmse = async (recipe: string) => (await of(recipe)).report.metrics.outputNmse!;

it("has LSQ's gradient at steps: finite differences where rounding is held", async () => {
  // Integers of -3 to 3 by one scale a row.
  const scales = new Float64Array(2);
  const encode: ElementQuantizer["encode"] = (_, row0, values, results, codes) => {
    for (let r = 0; r < values.length; r++) {
      const code = Math.max(-3, Math.min(3, Math.round(values[r] / scales[row0 + r])));
      results[r] = code * scales[row0 + r];
      codes[r] = code + 3;
    }
  };
  const refit = (_: number, to: number, __: number, values: Float32Array) => {
    for (const r of scales.keys()) {
      scales[r] = values.subarray(r * to, (r + 1) * to).reduce((most, x) => Math.max(most, Math.abs(x)), 0) / 3;
    }
  };
  const quantizer = { blockCols: 12, rowPeriod: 1, encode, refit } as unknown as ElementQuantizer;
  const values = normalValues(24, 5);
  const scaled = new ScaledQuantizer({ rows: 2, cols: 12, values }, quantizer, "a test", {
    checkpoint: async () => {},
  });
  const factors = Float64Array.of(0.5, 0.8);
  scaled.scale(factors);
  const coded = await scaled.code(values);
  expect(coded.outside.some((x) => x === 1)).toBe(true);
  const gradient = Float64Array.from(normalValues(24, 6));
  const found = scaled.atSteps(gradient, values, coded);
  for (const k of [0, 1]) {
    const at = (by: number) => {
      let sum = 0;
      for (let i = 12 * k; i < 12 * (k + 1); i++) {
        const [s, v] = [scales[k] * by, values[i] / scales[k]];
        const held = Math.round(v) - v;
        sum += gradient[i] * s * (coded.outside[i] ? coded.codes[i] - 3 : values[i] / s + held);
      }
      return sum;
    };
    const wanted = (at(1 + 1e-6) - at(1 - 1e-6)) / 2e-6;
    expect(Math.abs(found[k] - wanted)).toBeLessThan(1e-5 * Math.max(1, Math.abs(wanted)));
  }
});

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
