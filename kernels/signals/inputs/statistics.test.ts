/** Figures of llama-imatrix, against those that NumPy works out in float32 in its order, and on what has no inputs. */
import { describe, expect, it } from "vitest";
import { hasNumpy } from "../../python/run-for-test.ts";
import { calibrationOf } from "../../steps/solving/recipes-for-test.ts";
import { normalValues } from "../../testing/matrix.ts";
import { inNumpy } from "../../testing/numpy.ts";
import { cosineOf, layerCosines, layerStatistics, meanShift } from "./layers.ts";
import { inputStatistics, sumsOfCalibration } from "./statistics.ts";

const skipped = hasNumpy() ? "" : " (skipped: there is no python3 with NumPy)";

/** compute_statistics and compute_cossim of imatrix.cpp, line for line, in float32. */
const PROGRAM = `
f = np.float32
act = (sums / counts).astype(f)[0]
n = f(act.size)
total = np.add.accumulate(act, dtype=f)[-1]
mean = f(total / n)
square = np.add.accumulate(act * act, dtype=f)[-1]
dev = np.sqrt(max(f(0), f(square / n) - mean * mean), dtype=f)
active = 1 - np.count_nonzero(np.abs(act) <= f(1e-5)) / n
p = act / total
entropy = -np.sum(p[p > 0] * np.log2(p[p > 0]))
zd = np.count_nonzero((act - mean) / dev > 1) / n
a, b = sums[0].astype(f), before[0].astype(f)
cos = np.dot(a, b) / (np.sqrt(np.dot(a, a)) * np.sqrt(np.dot(b, b)))
out = np.array([[total, mean, dev, act.min(), act.max(), active, n, entropy, entropy / np.log2(n), zd, cos]])
`;

/** Sums of squares over 512 tokens of channels that differ in loudness, some without any input. */
const sumsOf = (channels: number, seed: number) =>
  normalValues(channels, seed).map((x, i) => (i % 7 === 0 ? 0 : 512 * Math.exp(2 * x)));

describe("statistics of inputs", () => {
  it.skipIf(skipped !== "")(`are llama.cpp's${skipped}`, () => {
    for (const channels of [2, 100, 1024]) {
      const [sums, before] = [sumsOf(channels, channels), sumsOf(channels, channels + 1)];
      const rows = (values: Float32Array) => ({ rows: 1, cols: values.length, values });
      const { out } = inNumpy(PROGRAM, { sums: rows(sums), before: rows(before), counts: rows(Float32Array.of(512)) }, [
        "out",
      ]);
      const found = inputStatistics({ sums, counts: [512] })!;
      const ours = [
        ...[found.total, found.mean, found.deviation, found.least, found.largest, found.active, found.channels],
        ...[found.entropy!, found.evenness!, found.loud, cosineOf(sums, before)!],
      ];
      ours.forEach((figure, i) => {
        expect(Math.abs(figure - out[i]), `figure ${i} of ${channels}: ${figure}, ${out[i]}`).toBeLessThanOrEqual(
          1e-4 * Math.abs(out[i]),
        );
      });
    }
  });

  it("by hand: mean squares 1, 2, 0 and 1", () => {
    expect(inputStatistics({ sums: [3, 6, 0, 3], counts: [3] })).toEqual({
      ...{ total: 4, mean: 1, deviation: Math.sqrt(0.5), least: 0, largest: 2, active: 0.75, channels: 4 },
      ...{ entropy: 1.5, evenness: 0.75, loud: 0.25 },
    });
  });

  it("of experts leave those out that met no token", () => {
    const found = inputStatistics({ sums: [10, 20, 0, 0, 2, 6], counts: [10, 0, 2] })!;
    expect([found.channels, found.total, found.largest]).toEqual([4, 1 + 2 + 1 + 3, 3]);
    expect(inputStatistics({ sums: [0, 0], counts: [0] })).toBeNull();
  });

  it("of nothing, of zeros and of one channel are no NaN", () => {
    expect(inputStatistics({ sums: [], counts: [1] })).toBeNull();
    expect(inputStatistics({ sums: [1, Number.NaN], counts: [1] })).toBeNull();
    expect(() => inputStatistics({ sums: [1, 2, 3], counts: [1, 1] })).toThrow("2 counts do not share 3 sums evenly.");
    expect(inputStatistics({ sums: [0, 0], counts: [4] })).toMatchObject({
      ...{ total: 0, deviation: 0, entropy: null, evenness: null, loud: 0, active: 0 },
    });
    expect(inputStatistics({ sums: [8], counts: [4] })).toMatchObject({
      total: 2,
      entropy: 0,
      evenness: null,
      loud: 0,
    });
  });

  it("of a captured calibration are those of its mean squares, and of an importance matrix the same", () => {
    const [tokens, cols] = [30, 5];
    const x = normalValues(tokens * cols, 2);
    const sums = Float64Array.from({ length: cols }, (_, c) => {
      let sum = 0;
      for (let t = 0; t < tokens; t++) sum += x[t * cols + c] ** 2;
      return sum;
    });
    const captured = { ...calibrationOf(x, cols), meanSquare: sums.map((s) => s / tokens) };
    const [ours, file] = [inputStatistics(sumsOfCalibration(captured)!)!, inputStatistics({ sums, counts: [tokens] })!];
    for (const key of ["total", "deviation", "entropy", "loud"] as const) expect(ours[key]).toBeCloseTo(file[key]!, 12);
    expect(sumsOfCalibration({ ...captured, meanSquare: null })).toBeNull();
  });
});

describe("between layers", () => {
  it("the cosine is with the same role one layer before, whatever the order of tensors", () => {
    const tensors = [
      { layer: 1, role: "q", sums: [0, 2] },
      { layer: 0, role: "q", sums: [1, 1] },
      { layer: 2, role: "q", sums: [0, 0] },
      { layer: 1, role: "k", sums: [1, 1] },
      { layer: null, role: "output", sums: [1, 1] },
      { layer: 3, role: "k", sums: null },
    ];
    const found = layerCosines(tensors);
    expect(found[0]).toBeCloseTo(Math.SQRT1_2, 12);
    expect(found.slice(1)).toEqual([null, null, null, null, null]);
  });

  it("layers are means over their tensors, by channels", () => {
    const [a, b] = [
      inputStatistics({ sums: [1, 3], counts: [1] })!,
      inputStatistics({ sums: [1, 1, 1, 9], counts: [1] })!,
    ];
    expect(
      layerStatistics([
        { layer: 1, statistics: a, cosine: 0.5 },
        { layer: 1, statistics: b, cosine: null },
        { layer: 0, statistics: a, cosine: null },
        { layer: 2, statistics: null, cosine: 1 },
        { layer: null, statistics: a, cosine: 1 },
      ]),
    ).toEqual([
      { layer: 0, channels: 2, total: 4, loud: 0, cosine: null },
      { layer: 1, channels: 6, total: (2 * 4 + 4 * 12) / 6, loud: (4 * 0.25) / 6, cosine: 0.5 },
    ]);
  });

  it("the shift of means is a distance, a cosine and their score", () => {
    const shift = meanShift([3, 0], [0, 4])!;
    expect(shift).toEqual({ distance: 5, cosine: 0, score: 0 });
    expect(meanShift([1, 2], [1, 2])!).toEqual({
      distance: 0,
      cosine: expect.closeTo(1, 12),
      score: expect.closeTo(1, 12),
    });
    expect(meanShift([0, 0], [0, 0])).toEqual({ distance: 0, cosine: 1, score: 1 });
    expect(meanShift([1, 0], [0, 0])).toMatchObject({ distance: 1, cosine: 0 });
    expect(meanShift([1], null)).toBeNull();
    expect(meanShift([1], [1, 2])).toBeNull();
  });
});
