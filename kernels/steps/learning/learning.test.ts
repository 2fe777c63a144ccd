import { expect, it } from "vitest";
import { normalValues } from "../../testing/matrix.ts";
import { calibrationOf, correlated, solve } from "../solving/recipes-for-test.ts";
import { Adam } from "./adam.ts";
import { batches } from "./batches.ts";
import { logistic } from "./logistic.ts";

it("is the logistic function, on every engine alike", () => {
  for (let v = -30; v <= 30; v += 0.0137) expect(logistic(v)).toBeCloseTo(1 / (1 + Math.exp(-v)), 7);
  expect([logistic(-40), logistic(40), logistic(0)]).toEqual([0, 1, 0.5]);
  expect(logistic(Number.NaN)).toBeNaN();
});

it("finds the least of a quadratic by Adam", () => {
  const x = Float64Array.of(3, -2);
  const adam = new Adam(2, 0.05);
  for (let step = 0; step < 1000; step++) {
    adam.next();
    x.forEach((value, i) => {
      x[i] += adam.move(i, 2 * (value - 1) * (i + 1));
    });
  }
  expect(x[0]).toBeCloseTo(1, 3);
  expect(x[1]).toBeCloseTo(1, 3);
});

it("deals every token once an epoch, by a seed", () => {
  const rows = Float32Array.from({ length: 24 }, (_, i) => i);
  const first = batches(rows, 2, 4, 5);
  const seen = [0, 1, 2].flatMap(() => [...first.next().value.values].filter((_, i) => i % 2 === 0));
  expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, t) => 2 * t));
  expect([...batches(rows, 2, 4, 5).next().value.values]).toEqual([...batches(rows, 2, 4, 5).next().value.values]);
  expect([...batches(rows, 2, 4, 6).next().value.values]).not.toEqual([...batches(rows, 2, 4, 5).next().value.values]);
  expect(batches(rows, 2, 100, 0).next().value.rows).toBe(12);
});

// Paper 3.3 and AdaRound's own claims: the outputs' error falls, the weights' does not, and rounding becomes whole.
const [rows, cols] = [24, 64];
const w = normalValues(rows * cols, 21);
const calibration = calibrationOf(correlated(256, cols, 4), cols);
const of = async (recipe: string) => solve(recipe, w, cols, calibration);

it.each(["int3/row", "int4(asym)/16:f16", "nvfp4", "int4(signmax)/16:f16"])(
  "learned rounding lessens the outputs' error of %s while the weights' grows, with codes that stand for its results",
  async (quantizer) => {
    const nearest = (await of(quantizer)).report.metrics;
    for (const [recipe, most] of [
      ["adaround(300)", 0.5],
      ["signround(100)", 0.9],
    ] as const) {
      const { report, codes, result, quantized } = await of(`${recipe}+${quantizer}`);
      const found = report.metrics;
      expect(found.outputNmse! / nearest.outputNmse!, recipe).toBeLessThan(most);
      expect(found.nmse!).toBeGreaterThanOrEqual(nearest.nmse!);
      expect(found.broken).toBe(0);
      expect(report.codes!.counts.reduce((sum, n) => sum + n, 0)).toBe(rows * cols);
      const seen = await quantized.inspect(5, 17);
      expect([seen.code, seen.result]).toEqual([codes[5 * cols + 17], result[5 * cols + 17]]);
    }
  },
);

it("decides by itself, is the same by a seed, and is better with more steps", async () => {
  const { report, codes } = await of("adaround(400)+int3/row");
  const decided = Number(/([\d.]+) % of the weights/.exec(report.notes.join())?.[1]);
  expect(decided).toBeGreaterThanOrEqual(99);
  expect((await of("adaround(400)+int3/row")).codes).toEqual(codes);
  expect((await of("adaround(400,seed=1)+int3/row")).codes).not.toEqual(codes);
  const short = await of("adaround(50)+int3/row");
  expect(report.metrics.outputNmse!).toBeLessThan(short.report.metrics.outputNmse!);
});

it("keeps the nearest codes where it finds nothing better, and says so", async () => {
  const { report } = await of("adaround(1,rate=0.0001)+int3/row");
  expect(report.notes.join()).toMatch(/adaround found nothing better than the nearest codes for 24 of 24 outputs/);
  expect(report.metrics.nmse).toBe((await of("int3/row")).report.metrics.nmse);
});

it("learns nothing of what is not finite, and is cancelled between steps", async () => {
  const holed = w.slice();
  holed[3] = Number.NaN;
  const { report } = await solve("adaround(50)+int4/16", holed, cols, calibration);
  expect(report.metrics.broken).toBe(0);
  let asked = 0;
  const stop = async () => {
    if (++asked > 20) throw new DOMException("stop", "AbortError");
  };
  await expect(solve("adaround+int4/16", w, cols, calibration, stop)).rejects.toThrow("stop");
});

it.each(["int3/16", "int3(asym)/16:f16"])(
  "shrinks ranges of %s beside rounding, which lessens the error further",
  async (quantizer) => {
    const nmse = async (recipe: string) => (await of(`${recipe}${quantizer}`)).report.metrics.outputNmse!;
    const { report, codes, result, quantized } = await of(`signround(60,range=tuned)+${quantizer}`);
    const both = report.metrics.outputNmse!;
    expect(both).toBeLessThan(0.9 * (await nmse("")));
    expect(both).toBeLessThan(await nmse("signround(60)+"));
    expect(report.notes.join()).toMatch(/made ranges 0\.\d+ of what they were/);
    const seen = await quantized.inspect(7, 33);
    expect([seen.code, seen.result]).toEqual([codes[7 * cols + 33], result[7 * cols + 33]]);
    expect((await of(`signround(60,range=tuned)+${quantizer}`)).codes).toEqual(codes);
  },
);
