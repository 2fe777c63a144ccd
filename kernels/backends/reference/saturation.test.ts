import { expect, it } from "vitest";
import { makeAccumulator } from "../../measure/accumulator.ts";
import { parseRecipe } from "../../notation/index.ts";
import { prepareRecipe } from "../../prepare/prepare.ts";
import { resolveScales } from "../../scales/resolve.ts";
import { makeStatistics } from "../../scales/statistics.ts";
import { referenceBackend } from "./backend.ts";

it("counts as saturated what lies beyond the range, also where integers have fraction bits", async () => {
  const values = Float32Array.of(1.984375, -1.984375, 1.98, 1, 0.5, 2, -2.5, 3);
  const plan = prepareRecipe(parseRecipe("int8(frac=6)"), [], 1, values.length);
  const tile = { row0: 0, rows: 1, cols: values.length, original: values, input: values };
  const sums = makeAccumulator(plan, 2);
  await referenceBackend.quantize(plan, tile, resolveScales(plan, makeStatistics(plan)), sums);
  expect(sums.saturated).toBe(3);
});
