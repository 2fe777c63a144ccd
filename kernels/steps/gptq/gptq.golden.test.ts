import { describe, expect, it } from "vitest";
import { calibrationOf, lossOf, solve } from "../solving/recipes-for-test.ts";
import golden from "./gptq.golden.json" with { type: "json" };

/** The example of numpy: a weight of 4 x 16 and 64 tokens, in INT4 (amax / 7, codes -8 to 7) with groups of 8. */
const calibration = calibrationOf(golden.X.flat(), 16);
const signed = (codes: Uint32Array) => Array.from(codes, (code) => (code > 7 ? code - 16 : code));

describe("GPTQ of the worked example", () => {
  it.each([
    ["rtn", "int4(full)/8"],
    ["gptq_static_groups", "gptq+int4(full)/8"],
    ["gptq_dynamic_groups", "gptq(groups=dynamic)+int4(full)/8"],
    ["gptq_act_order_static", "gptq(order=gram)+int4(full)/8"],
  ] as const)("%s: every code, the scales and the losses", async (name, recipe) => {
    const wanted = golden.res[name];
    const { quantized, codes, result, report } = await solve(recipe, golden.W.flat(), 16, calibration);
    expect(signed(codes)).toEqual(wanted.codes.flat());
    if ("scales" in wanted) {
      wanted.scales.flat().forEach((scale, b) => {
        expect(quantized.scales[0].values[b]).toBeCloseTo(scale, 7);
      });
    }
    expect(report.metrics.mse!).toBeCloseTo(wanted.mse, 7);
    expect(lossOf(golden.W.flat(), result, calibration) / wanted.proxy).toBeCloseTo(1, 6);
    if ("loss" in wanted) expect(lossOf(golden.W.flat(), result, calibration, 0.01) / wanted.loss).toBeCloseTo(1, 6);
  });
});
