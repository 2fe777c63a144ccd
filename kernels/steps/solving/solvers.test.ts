import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Calibration } from "../../calibration/index.ts";
import { decode } from "../../formats/codes.ts";
import { normalValues, planOf } from "../../testing/matrix.ts";
import { calibrationOf, correlated, lossOf, solve } from "./recipes-for-test.ts";

const weights = (rows: number, cols: number, seed: number) =>
  normalValues(rows * cols + 1, seed).subarray(0, rows * cols);

const [rows, cols] = [12, 48];
const w = weights(rows, cols, 7);
const calibration = calibrationOf(correlated(160, cols, 3), cols);
const nearestLoss = async (quantizer: string, known: Calibration = calibration) =>
  lossOf(w, (await solve(quantizer, w, known.cols, known)).result, known);

/** Quantizers of every kind that a solver takes. */
const quantizers = [
  "int4/16",
  "int4(asym)/16:f16",
  "int3(half)/row",
  "int2/4x12",
  "int4/tensor",
  "int4/col",
  "int4/flat(24):f16",
  "int4/8:uint8/row:f16",
  "e4m3",
  "e4m3/16",
  "e3m2/row",
  "nf4/16",
  "codebook(-1,-0.35,0,0.35,1)/24:f16",
  "mxfp4",
  "nvfp4",
  "nvfp4~mse",
  "int4/16~pct(99)",
  "bnb_nf4",
  "torchao_nvfp4",
];

describe("every solver of the Gram matrix", () => {
  it.each(quantizers.flatMap((q) => ["gptq", "ldlq", "babai", "cd"].map((solver) => [`${solver}+${q}`, q] as const)))(
    "%s lessens the loss of nearest rounding, with codes that stand for its results",
    async (recipe, quantizer) => {
      const { quantized, codes, result, report } = await solve(recipe, w, cols, calibration);
      expect(lossOf(w, result, calibration)).toBeLessThan(await nearestLoss(quantizer));
      expect(report.metrics.broken).toBe(0);
      expect(report.codes!.counts.reduce((sum, n) => sum + n, 0)).toBe(rows * cols);
      const { element, grid } = quantized.plan;
      for (const col of [0, 17, 47]) {
        const seen = await quantized.inspect(5, col);
        const at = 5 * cols + col;
        expect([seen.code, seen.result, seen.chosen?.by]).toEqual([codes[at], result[at], recipe.split("+")[0]]);
        const zero = seen.zeroPoint ?? 0;
        const level = element.affine ? codes[at] - zero : decode(element.format as never, codes[at]);
        expect(Math.fround(level * seen.scale)).toBe(result[at]);
      }
      expect(grid.rows).toBe(rows);
    },
  );

  it.each(quantizers.slice(0, 4))(
    "%s: GPTQ and LDLQ choose the same codes, Babai those of GPTQ from the other end",
    async (q) => {
      for (const seed of [1, 2, 3]) {
        const [n, m] = [20, 48];
        const x = weights(n, m, seed);
        const inputs = correlated(100, m, 10 + seed);
        const known = calibrationOf(inputs, m);
        const gptq = await solve(`gptq+${q}`, x, m, known);
        expect((await solve(`ldlq+${q}`, x, m, known)).codes).toEqual(gptq.codes);
        const back = <T extends Float32Array | Float64Array | Uint32Array>(values: T): T =>
          values.map((_, i) => values[i - (i % m) + m - 1 - (i % m)]) as T;
        const turned = await solve(`gptq+${q}`, back(x), m, calibrationOf(back(inputs), m));
        expect((await solve(`babai+${q}`, x, m, known)).codes).toEqual(back(turned.codes));
      }
    },
  );

  it("cd is never worse than nearest rounding, whatever the quantizer, and stands still at the end", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 10_000 }),
        fc.integer({ min: 1, max: 40 }),
        fc.constantFrom("int2/5", "int4(asym)/8", "e2m1/row", "int3@trunc/8", "nf4@up/4", "e4m3", "mxfp4"),
        async (seed, tokens, quantizer) => {
          const [n, m] = [1 + (seed % 5), 1 + (seed % 23)];
          const x = weights(n, m, seed);
          const known = calibrationOf(correlated(tokens, m, seed + 1), m);
          const [nearest, cd] = [await solve(quantizer, x, m, known), await solve(`cd(20)+${quantizer}`, x, m, known)];
          const before = lossOf(x, nearest.result, known);
          expect(lossOf(x, cd.result, known)).toBeLessThanOrEqual(before * (1 + 1e-9) + 1e-12);
        },
      ),
      { numRuns: 40 },
    );
  });

  it("cd goes on from GPTQ, and is never worse than it", async () => {
    const [gptq, both] = [
      await solve("gptq+int3/16", w, cols, calibration),
      await solve("cd(8,start=gptq)+int3/16", w, cols, calibration),
    ];
    expect(lossOf(w, both.result, calibration)).toBeLessThan(lossOf(w, gptq.result, calibration));
  });
});

describe("Babai without ends", () => {
  it("keeps what lies beyond the range aside, counts it, and stays within the lattice's bound", async () => {
    const quantizer = "int2/row";
    const { quantized, codes, result, report } = await solve(`babai(clip=no)+${quantizer}`, w, cols, calibration);
    const plain = await solve(quantizer, w, cols, calibration);
    const aside = report.metrics.bitsBreakdown.at(-1)!;
    const count = Number(/^(\d+) codes beyond the range/.exec(aside.what)![1]);
    expect(count).toBeGreaterThan(0);
    expect(report.metrics.bitsPerWeight - plain.report.metrics.bitsPerWeight).toBeCloseTo(
      (count * (16 + 10)) / (rows * cols),
      10,
    );
    const scales = quantized.scales[0].values;
    const beyond = result.filter((y, i) => Math.abs(y) > 1.01 * scales[Math.floor(i / cols)]);
    expect(beyond.length).toBe(count);
    // Every plane is at most half a step away: sum of (s / 2)^2 D over columns, D the pivots, whose sum is at most H's trace.
    const { gram, tokens } = calibration;
    let trace = 0;
    for (let i = 0; i < cols; i++) trace += ((2 * 1.01) / tokens!) * gram!.values[i * cols + i];
    const bound = scales.reduce((sum, s) => sum + ((s / 2) ** 2 * trace) / 2, 0);
    expect(lossOf(w, result, calibration)).toBeLessThan(bound);
    const at = result.findIndex((y, i) => Math.abs(y) > 1.01 * scales[Math.floor(i / cols)]);
    const seen = await quantized.inspect(Math.floor(at / cols), at % cols);
    expect([seen.code, seen.result]).toEqual([codes[at], result[at]]);
    expect(seen.steps!.at(-1)!.value).toBe(result[at]);
  });

  it("is for integers alone", async () => {
    await expect(solve("babai(clip=no)+nf4/16", w, cols, calibration)).rejects.toThrow(
      "only integers have levels there",
    );
  });
});

describe("what a solver cannot do", () => {
  it.each([
    ["gptq+int4@sr(seed=1)/16", "@sr draws errors at random"],
    ["cd+int4@coin(seed=1)/16", "@coin draws errors at random"],
    ["gptq+f32", "gptq chooses codes, and f32 keeps values as they are"],
    ["gptq+q4_0", "gptq chooses codes one by one, and q4_0 makes them of whole blocks"],
    ["gptq+vq", "gptq chooses codes one by one, and vq makes them of whole blocks"],
    ["gptq+ldlq+int4/16", "gptq and ldlq both choose the codes"],
    ["gptq+ht(16)+int4/16", "gptq chooses the codes, so it stands last before the quantizer"],
    ["gptq(groups=permuted)+int4/16", "it goes with order=gram"],
  ])("%s is a mistake", (recipe, message) => {
    expect(() => planOf(recipe, 4, 64)).toThrow(message);
  });

  it.each([
    ["gptq+int4/16", null, "gptq needs a calibration"],
    ["cd+int4/16", { ...calibration, gram: null }, "has none"],
    ["qronos+int4/16", calibration, "qronos needs the cross moment"],
    ["gptaq+int4/16", calibration, "gptaq needs the cross moment"],
    ["gptq(groups=dynamic)+int4/col", calibration, "finds scales anew for blocks along a row"],
    ["gptq(groups=dynamic)+int4/flat(24)", calibration, "finds scales anew for blocks along a row"],
    ["hqq+int4/16", null, "only affine integers have those"],
    ["gptq+int4/16", calibrationOf(correlated(9, 20, 1), 20), "another layer"],
  ] as const)("%s says what it misses", async (recipe, known, message) => {
    await expect(solve(recipe, w, cols, known)).rejects.toThrow(message);
  });
});

describe("scales of a search weighted by inputs", () => {
  it.each(["gptq", "gptq(groups=dynamic)", "gptq(order=gram)", "gptq(order=gram,groups=permuted)"])(
    "with %s are those of the plain search where channels are alike, and others where not",
    async (solver) => {
      const [plain, weighted] = ["", ",weights=inputs"].map((w) => `${solver}+int4/16~mse(p=1${w}):e4m3`);
      const alike = { ...calibration, meanSquare: new Float64Array(cols).fill(1) };
      const uneven = { ...calibration, meanSquare: Float64Array.from({ length: cols }, (_, c) => 10 ** (c % 5)) };
      const expected = await solve(plain, w, cols, calibration);
      expect((await solve(weighted, w, cols, alike)).result).toEqual(expected.result);
      expect((await solve(weighted, w, cols, uneven)).result).not.toEqual(expected.result);
    },
  );
});

describe("what lies in the way", () => {
  it("columns that no input reaches become zero, and a note says how many", async () => {
    const x = correlated(160, cols, 3).map((v, i) => (i % cols === 5 || i % cols === 40 ? 0 : v));
    const { result, report } = await solve("gptq+int4/16", w, cols, calibrationOf(x, cols));
    expect(report.notes).toContain("gptq: no input reaches 2 columns, each of which becomes zero");
    for (let r = 0; r < rows; r++) expect([result[r * cols + 5], result[r * cols + 40]]).toEqual([0, 0]);
    const cd = await solve("cd+int4/16", w, cols, calibrationOf(x, cols));
    const nearest = await solve("int4/16", w, cols, null);
    for (let r = 0; r < rows; r++) expect(cd.result[r * cols + 5]).toBe(nearest.result[r * cols + 5]);
  });

  it("fewer tokens than columns need damping; without, it is raised, and a note says to what", async () => {
    const known = calibrationOf(correlated(10, cols, 3), cols);
    const little = await solve("gptq+int4/16", w, cols, known);
    expect(little.report.notes.filter((note) => note.includes("damp"))).toEqual([]);
    const { report, result } = await solve("gptq(damp=0)+int4/16", w, cols, known);
    expect(report.notes.find((note) => note.includes("not positive definite with damp=0"))).toMatch(
      /so damp=0\.0*1 was taken$/,
    );
    expect(lossOf(w, result, known)).toBeLessThan(await nearestLoss("int4/16", known));
  });

  it("a value that is not finite keeps its code and pushes nothing on", async () => {
    const x = w.slice();
    x[3] = Number.NaN;
    x[cols + 20] = Number.POSITIVE_INFINITY;
    for (const recipe of ["gptq+int4/16", "ldlq+e4m3/16", "cd+nf4/16", "babai+int4/16", "gptq(order=gram)+mxfp4"]) {
      const [solved, nearest] = [
        await solve(recipe, x, cols, calibration),
        await solve(recipe.split("+")[1], x, cols, null),
      ];
      expect(solved.codes[3]).toBe(nearest.codes[3]);
      expect(solved.codes[cols + 20]).toBe(nearest.codes[cols + 20]);
      expect(solved.report.metrics.broken).toBe(0);
      expect(solved.report.metrics.nonFinite).toBe(2);
      // Rows know nothing of each other.
      expect(solved.result.slice(2 * cols)).toEqual((await solve(recipe, w, cols, calibration)).result.slice(2 * cols));
    }
  });

  it("ends when it is cancelled", async () => {
    for (const solver of ["gptq", "cd", "babai", "hqq"]) {
      let calls = 0;
      const stop = async () => {
        if (++calls > 6) throw new DOMException("cancelled", "AbortError");
      };
      await expect(solve(`${solver}+int4(asym)/16`, w, cols, calibration, stop)).rejects.toThrow("cancelled");
    }
  });
});

describe("groups of GPTQ", () => {
  it.each([5, 16, 24, 48])(
    "dynamic scales of groups of %i are those of what errors made of the weights",
    async (group) => {
      const one = async (recipe: string) => solve(recipe, w, cols, calibration);
      const [dynamic, fixed] = [await one(`gptq(groups=dynamic)+int4/${group}`), await one(`gptq+int4/${group}`)];
      const [a, b] = [dynamic.quantized.scales[0], fixed.quantized.scales[0]];
      for (let r = 0; r < rows; r++) expect(a.values[r * a.gridCols]).toBe(b.values[r * b.gridCols]);
      if (group === 48) expect(dynamic.codes).toEqual(fixed.codes);
      else expect(a.values).not.toEqual(b.values);
    },
  );

  it("permuted groups are those of the columns in coding order, whose places are counted", async () => {
    const { report, quantized, codes, result } = await solve(
      "gptq(order=gram,groups=permuted)+int4/16",
      w,
      cols,
      calibration,
    );
    const { bitsPerWeight, bitsBreakdown } = report.metrics;
    expect(bitsPerWeight).toBeCloseTo(4 + 32 / 16 + 2 / rows, 12);
    expect(bitsBreakdown.at(-1)!.what).toBe("group of each of 48 columns");
    const flat = await solve("gptq(order=gram,groups=permuted)+int4/flat(24)", w, cols, calibration);
    expect(flat.report.metrics.bitsBreakdown.at(-1)!.bitsPerWeight).toBeCloseTo(6 / rows, 12);
    const diagonal = Array.from({ length: cols }, (_, i) => calibration.gram!.values[i * (cols + 1)]);
    const order = [...diagonal.keys()].sort((i, j) => diagonal[j] - diagonal[i] || i - j);
    for (const place of [0, 20, 47]) {
      const seen = await quantized.inspect(3, order[place]);
      expect(seen.block).toBe(3 * 3 + Math.floor(place / 16));
      expect([seen.code, seen.result]).toEqual([codes[3 * cols + order[place]], result[3 * cols + order[place]]]);
    }
    expect(lossOf(w, result, calibration)).toBeLessThan(await nearestLoss("int4/16"));
  });
});
