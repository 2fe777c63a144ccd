import { describe, expect, it } from "vitest";
import { startReduction } from "./reduce.ts";
import type { Calibration, CalibrationSource } from "./types.ts";

const source: CalibrationSource = { kind: "activations", name: "X", digest: "" };

/** Values with many bits, among them no zero. */
function tokens(count: number, cols: number): Float32Array {
  let s = 7;
  return Float32Array.from({ length: count * cols }, () => {
    s = (Math.imul(1664525, s) + 1013904223) >>> 0;
    return (s - 2 ** 31) / 2 ** 30;
  });
}

async function reduced(x: Float32Array, cols: number, cut: number[], options = {}): Promise<Calibration> {
  const reduction = await startReduction(cols, options);
  let from = 0;
  for (const count of [...cut, x.length / cols]) {
    await reduction.add(x.subarray(from * cols, (from + count) * cols));
    from += count;
  }
  return reduction.finish(source);
}

describe("activations", () => {
  it("sum up to the same bits however they come in pieces", async () => {
    const x = tokens(300, 6);
    const whole = await reduced(x, 6, [], { keep: 16 });
    expect(await reduced(x, 6, [1, 7, 64, 100], { keep: 16 })).toEqual(whole);
    expect(whole.tokens).toBe(300);
  });

  it("are what the definitions say", async () => {
    const x = Float32Array.of(1, -2, 3, 4, -5, 6);
    const found = await reduced(x, 2, []);
    expect([...found.gram!.values]).toEqual([1 + 9 + 25, -2 + 12 - 30, -2 + 12 - 30, 4 + 16 + 36]);
    expect([...found.mean!]).toEqual([-1 / 3, 8 / 3]);
    expect([...found.meanAbs!]).toEqual([3, 4]);
    expect([...found.meanSquare!]).toEqual([35 / 3, 56 / 3]);
    expect([...found.min!, ...found.max!]).toEqual([-5, -2, 3, 6]);
    expect([...found.rows!]).toEqual([...x]);
    const half = found.quantiles!.find(({ p }) => p === 0.5)!;
    expect([...half.values]).toEqual([1, 4]);
  });

  it("that hold NaN or Inf are left out, counted and told", async () => {
    const x = tokens(8, 3);
    const broken = x.slice();
    broken[4] = Number.NaN;
    broken[20] = Number.POSITIVE_INFINITY;
    const good = Float32Array.from([...x.subarray(0, 3), ...x.subarray(6, 18), ...x.subarray(21)]);
    const found = await reduced(broken, 3, [2, 3]);
    const same = await reduced(good, 3, []);
    expect({ ...found, leftOut: 0, notes: [] }).toEqual({ ...same, notes: [] });
    expect(found.leftOut).toBe(2);
    expect(found.notes).toEqual(["2 of 8 tokens hold NaN or Inf and are left out of the calibration"]);
  });

  it("of which none is left tell nothing, and say so", async () => {
    const found = await reduced(Float32Array.of(Number.NaN, 1), 2, []);
    expect([found.gram, found.mean, found.rows, found.quantiles, found.min]).toEqual([null, null, null, null, null]);
    expect(found.notes[0]).toBe("1 of 1 tokens hold NaN or Inf and are left out of the calibration");
  });

  it("fewer than channels are told", async () => {
    expect((await reduced(tokens(3, 4), 4, [])).notes).toEqual([
      "the calibration has 3 tokens for 4 channels: its Gram matrix says nothing of 1 directions",
    ]);
  });

  it("of too many channels have no Gram matrix, and say so", async () => {
    const found = await reduced(tokens(5, 4), 4, [], { gramBudget: 127 });
    expect(found.gram).toBeNull();
    expect(found.meanSquare).not.toBeNull();
    expect(found.notes).toEqual(["the Gram matrix of 4 columns takes 0.0 MB and is left out: 0.0 MB are possible"]);
  });
});

describe("the rows kept", () => {
  it("are as many as asked for, in their order, drawn by the seed", async () => {
    const cols = 1;
    const x = Float32Array.from({ length: 1000 }, (_, t) => t);
    const one = (await reduced(x, cols, [], { keep: 100, seed: 1 })).rows!;
    const other = (await reduced(x, cols, [], { keep: 100, seed: 2 })).rows!;
    expect(one).toHaveLength(100);
    expect([...one]).toEqual([...one].sort((a, b) => a - b));
    expect(new Set(one).size).toBe(100);
    expect(one).not.toEqual(other);
    // Drawn from all of them: the mean of 100 out of 1000 is within five standard errors of the middle.
    const mean = one.reduce((sum, t) => sum + t, 0) / 100;
    expect(Math.abs(mean - 499.5)).toBeLessThan(5 * (1000 / Math.sqrt(12) / 10));
  });

  it("give the cross moment with what tokens were before, without those that are not finite in either", async () => {
    const now = Float32Array.of(1, 2, 3, 4, Number.NaN, 0, 5, 6);
    const before = Float32Array.of(1, 1, Number.POSITIVE_INFINITY, 0, 1, 1, 2, 0);
    const reduction = await startReduction(2, { cross: true });
    await reduction.add(now.subarray(0, 2), before.subarray(0, 2));
    await reduction.add(now.subarray(2), before.subarray(2));
    const found = await reduction.finish(source);
    expect([found.tokens, found.leftOut]).toEqual([2, 2]);
    expect([...found.cross!.values]).toEqual([1 + 10, 2 + 12, 1, 2]);
    expect([...found.gram!.values]).toEqual([26, 32, 32, 40]);
  });
});
