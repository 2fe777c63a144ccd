import { describe, expect, it } from "vitest";
import type { Metrics } from "../../../kernels/measure/report.ts";
import type { SeedSpread } from "./seededRecipes.ts";
import { verdictOf } from "./verdict.ts";

type Some = Partial<Pick<Metrics, "mse" | "sqnrDb" | "bitsPerWeight" | "broken" | "outputNmse">>;
const side = (recipe: string, some: Some = {}, backend: "wasm" | "webgpu" = "wasm") => ({
  recipe,
  backend,
  metrics: { mse: 0.1, sqnrDb: 20, bitsPerWeight: 4.5, broken: 0, ...some },
});
const a = side("nvfp4");
const ON = "On weight error (SQNR)";
const OUT = "(NaN or Inf where values are finite), which the other figures leave out.";

describe("the verdict", () => {
  it.each<[string, Some, Some, string]>([
    [
      "better and dearer",
      { sqnrDb: 23.2, bitsPerWeight: 4.73 },
      {},
      `${ON}, A is 3.20 dB better and takes 0.23 bits more.`,
    ],
    [
      "better for the weights, worse for the outputs",
      { sqnrDb: 23.2, outputNmse: 0.02 },
      { outputNmse: 0.01 },
      `${ON}, A is 3.20 dB better at the same bits. On output error, B is 3.01 dB better.`,
    ],
    [
      "equal for the outputs",
      { sqnrDb: 23.2, outputNmse: 0.01 },
      { outputNmse: 0.010001 },
      `${ON}, A is 3.20 dB better at the same bits. On output error they are equal to 0.01 dB.`,
    ],
    [
      "exact for the outputs",
      { sqnrDb: 23.2, outputNmse: 0.01 },
      { outputNmse: 0 },
      `${ON}, A is 3.20 dB better at the same bits. On output error, B is exact.`,
    ],
    [
      "without outputs of one",
      { sqnrDb: 23.2, outputNmse: 0.01 },
      { outputNmse: null },
      `${ON}, A is 3.20 dB better at the same bits.`,
    ],
    [
      "better and cheaper",
      {},
      { sqnrDb: 21.26, bitsPerWeight: 4.496 },
      `${ON}, B is 1.26 dB better and takes 0.004 bits less.`,
    ],
    [
      "better at the same bits",
      { sqnrDb: 20.01 },
      { bitsPerWeight: 4.5004 },
      `${ON}, A is 0.01 dB better at the same bits.`,
    ],
    ["below zero", { sqnrDb: -3 }, { sqnrDb: -1 }, `${ON}, B is 2.00 dB better at the same bits.`],
    [
      "equal",
      { sqnrDb: 20.004 },
      { bitsPerWeight: 4.25 },
      `${ON}, A and B are equal to 0.01 dB; B takes 0.25 bits less.`,
    ],
    ["exact", { mse: 0, sqnrDb: null, bitsPerWeight: 8 }, {}, `${ON}, A is exact and takes 3.50 bits more.`],
    ["both exact", { mse: 0, sqnrDb: null }, { mse: 0, sqnrDb: null }, "Both are exact; both take the same bits."],
    // The squares of the values add up to nothing, but there is an error.
    ["no ratio", { sqnrDb: null }, { sqnrDb: null }, `${ON} there is no verdict: A and B have no such figure here.`],
    ["not a number", {}, { sqnrDb: Number.NaN }, `${ON} there is no verdict: B has no such figure here.`],
    ["not finite", { sqnrDb: -Infinity }, {}, `${ON} there is no verdict: A has no such figure here.`],
    [
      "bits that are none",
      { sqnrDb: 25, bitsPerWeight: Number.NaN },
      {},
      `${ON}, A is 5.00 dB better with bits that cannot be compared.`,
    ],
    ["broken", { broken: 1234, sqnrDb: 90 }, {}, `No verdict: A has 1,234 broken results ${OUT}`],
    ["broken, the other exact", { mse: 0, sqnrDb: null }, { broken: 1 }, `No verdict: B has 1 broken result ${OUT}`],
    ["both broken", { broken: 2 }, { broken: 3 }, `No verdict: A has 2 and B 3 broken results ${OUT}`],
  ])("%s", (_, ofA, ofB, words) => {
    expect(verdictOf(side("nvfp4", ofA), side("mxfp4", ofB))).toBe(words);
  });

  it("knows equal recipes, whatever computed them, and missing results", () => {
    expect(verdictOf(a, a)).toBe("A and B are the same recipe.");
    expect(verdictOf(a, side("nvfp4", {}, "webgpu"))).toBe("A and B are the same recipe, computed by wasm and webgpu.");
    expect(verdictOf(a, null)).toBe("Only A has a result: there is nothing to compare it with.");
    expect(verdictOf(null, null)).toBe("");
  });

  const spread = (mean: number, by: number, some: Partial<SeedSpread> = {}): SeedSpread => ({
    ...{ seeds: 5, a: { mean: 20.3, spread: 0.11 }, b: null, sampled: false },
    difference: { mean, spread: by },
    ...some,
  });
  const b = side("mxfp4", { sqnrDb: 19.8, bitsPerWeight: 4.25 });

  it("gives mean and spread where seeds were tried", () => {
    expect(verdictOf(a, b, spread(0.5, 0.1))).toBe(
      `${ON}, A is 0.50 dB better and takes 0.25 bits more (A 20.30 ± 0.11 dB over 5 seeds).`,
    );
    // Of a sample the spread is taken, not the difference.
    expect(verdictOf(a, b, spread(0.9, 0.05, { sampled: true }))).toBe(
      `${ON}, A is 0.20 dB better and takes 0.25 bits more (A 20.30 ± 0.11 dB over 5 seeds, tried on a sample).`,
    );
  });

  it("names no winner within the spread, on either side of nothing", () => {
    for (const mean of [0.1, -0.1]) {
      expect(verdictOf(a, b, spread(mean, 0.06, { b: { mean: 20.2, spread: 0.1 } }))).toBe(
        `${ON} there is no difference beyond that of the seeds (A 20.30 ± 0.11 dB, B 20.20 ± 0.10 dB over 5 seeds); B takes 0.25 bits less.`,
      );
    }
    expect(verdictOf(a, b, spread(-0.13, 0.06))).toMatch(/B is 0\.13 dB better/);
  });
});
