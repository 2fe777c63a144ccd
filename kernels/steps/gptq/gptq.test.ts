import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { referenceBackend } from "../../backends/reference/backend.ts";
import { createWasmBackend } from "../../backends/wasm/index.ts";
import { elementQuantizer } from "../../engine/element-quantizer.ts";
import { quantizeMatrix } from "../../engine/quantize.ts";
import { findScales } from "../../engine/run.ts";
import { dense, gram, type Pool, providePool } from "../../linalg/index.ts";
import { Machine } from "../../linalg/machine.ts";
import { matrixOf, normalValues, planOf } from "../../testing/matrix.ts";
import { factorCounts } from "../solving/hessian.ts";
import { calibrationOf, correlated, lossOf, solve } from "../solving/recipes-for-test.ts";
import { work } from "./work.ts";

const checkpoint = async () => {};

it("its loss is 1/2 tr(dW H dW^T) with the damped H, to 1e-10", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 100_000 }),
      fc.constantFrom("int4/8", "int3(asym)/16:f16", "e2m1/16:e4m3/tensor", "mxfp4", "nf4/row", "e4m3"),
      fc.constantFrom<"none" | "gram">("none", "gram"),
      fc.constantFrom<"static" | "dynamic">("static", "dynamic"),
      async (seed, quantizer, order, groups) => {
        const [rows, cols] = [1 + (seed % 4), 4 + (seed % 37)];
        const values = normalValues(rows * cols + 1, seed).slice(0, rows * cols);
        const calibration = calibrationOf(correlated(2 * cols, cols, seed), cols);
        const plan = planOf(quantizer, rows, cols);
        const options = { backend: referenceBackend, checkpoint, now: () => 0 };
        const found = await findScales(matrixOf(values, rows, cols), plan, options);
        const operand = { rows, cols, values };
        const chooser = elementQuantizer(plan, operand, { ...found, trials: undefined });
        const dynamic = groups === "dynamic" && order === "none" && chooser.blockCols !== null;
        const params = { damp: 0.01, order, groups: dynamic ? groups : "static", hessian: "gram" } as const;
        const { quantized, loss } = await work.solve(
          params,
          { operand, calibration, quantizer: chooser },
          { checkpoint },
        );
        const wanted = lossOf(values, quantized, calibration, 0.01);
        expect(Math.abs(loss! - wanted)).toBeLessThanOrEqual(1e-10 * wanted);
      },
    ),
    { numRuns: 60 },
  );
});

/** A matrix that is worth other threads. */
const [rows, cols] = [1024, 1024];
const values = normalValues(rows * cols, 5);
const sum = await gram(Float32Array.from(correlated(1100, cols, 6)), cols);
const calibration = { ...calibrationOf([], cols), tokens: 1100, gram: sum };
const backend = await createWasmBackend();
const code = async (recipe: string) => {
  const options = { backend, calibration, checkpoint, now: () => 0 };
  const quantized = await quantizeMatrix(matrixOf(values, rows, cols), planOf(recipe, rows, cols), options);
  return (await quantized.rows(0, rows)).codes!;
};

describe("of a matrix that is worth other threads", () => {
  afterEach(() => providePool(null));

  it.each(["gptq(order=gram)+nvfp4", "cd(1)+int3/64"])(
    "%s: the same codes with 1, 2 and 5 workers",
    async (recipe) => {
      const alone = await code(recipe);
      for (const size of [2, 5]) {
        let opened = 0;
        const open = async () => {
          opened++;
          const machines = await Promise.all(Array.from({ length: size }, () => Machine.start()));
          return machines.map((machine) => ({ execute: async (c: never) => machine.execute(c), close() {} }));
        };
        providePool(async () => ({ size, open }) as Pool);
        expect(await code(recipe)).toEqual(alone);
        expect(opened).toBeGreaterThan(0);
        providePool(null);
      }
    },
    60_000,
  );

  it("recipes that differ in the quantizer alone share the factor; another damping, order or calibration does not", async () => {
    const made = async (recipe: string) => {
      const before = factorCounts.made;
      await code(recipe);
      return factorCounts.made - before;
    };
    await made("gptq(0.015)+int4/128");
    expect(await made("gptq(0.015)+int3/64")).toBe(0);
    expect(await made("gptq(0.015,groups=dynamic)+mxfp4")).toBe(0);
    expect(await made("gptq(0.016)+int4/128")).toBe(1);
    expect(await made("gptq(0.015,order=gram)+int4/128")).toBe(1);
    expect(await made("ht(64)+gptq(0.015)+int4/128")).toBe(1);
    expect(await made("ht(64)+gptq(0.015)+int3/128")).toBe(0);
  }, 60_000);
});

it("weights and inputs that are not worth a matrix come out, too", async () => {
  const one = await solve("gptq+int4/16", [0.7], 1, calibrationOf([1, 2], 1));
  expect(Array.from(one.result)).toEqual([Math.fround(0.7)]);
  const none = { ...calibrationOf([1, 2], 1), gram: dense(1, 1) };
  expect(Array.from((await solve("gptq+int4/16", [0.7], 1, none)).result)).toEqual([0]);
});
