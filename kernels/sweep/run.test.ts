import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { referenceBackend } from "../backends/reference/backend.ts";
import { createWasmSweep } from "../backends/wasm/sweep.ts";
import { startReduction } from "../calibration/reduce.ts";
import { quantizeMatrix } from "../engine/quantize.ts";
import { floatFromBits } from "../exact/bits.ts";
import type { SweepMetrics } from "../measure/metrics/index.ts";
import { arbitraryRecipe } from "../notation/arbitrary.ts";
import { printRecipe } from "../notation/index.ts";
import { hasLayers } from "../plan/layers.ts";
import { isWeighted } from "../plan/plan.ts";
import { searchKey } from "../scales/searches.ts";
import { matrixOf, normalValues, planOf, quantizeText } from "../testing/matrix.ts";
import { calibratedSweep } from "./calibrated.ts";
import { hasPhase, referenceSweep, type SweepBackend, sweepMatrix } from "./index.ts";

const options = { backend: referenceSweep, pace: async () => {}, phases: 0 };
const wasm = await createWasmSweep();

/** The metrics on one backend; `null` for what it refuses. */
async function sweep(
  backend: SweepBackend,
  texts: readonly string[],
  values: Float32Array,
  rows: number,
  cols: number,
) {
  const plans = texts.map((text) => planOf(text, rows, cols));
  const taken = plans.filter((plan) => backend.refuses(plan) === null);
  const outcomes = await sweepMatrix(matrixOf(values, rows, cols), taken, { ...options, backend });
  return plans.map((plan) => outcomes[taken.indexOf(plan)]?.metrics ?? null);
}

/** Counts are equal; sums agree to 1e-12 of the sum of their terms' magnitudes. */
function expectSame(got: SweepMetrics, full: SweepMetrics, text: string): void {
  const near = (a: number | null, b: number | null, scale = Math.abs(b ?? 0)) => {
    if (a === null || b === null) return a === b;
    return Object.is(a, b) || Math.abs(a - b) <= 1e-12 * scale;
  };
  const counts = ["saturated", "flushed", "dead", "nonFinite", "broken", "bitsPerWeight", "maxAbs"] as const;
  for (const name of counts) expect(`${text} ${name} ${got[name]}`).toBe(`${text} ${name} ${full[name]}`);
  for (const name of ["mse", "nmse", "meanAbs"] as const) {
    expect(near(got[name], full[name]), `${text} ${name} ${got[name]} ${full[name]}`).toBe(true);
  }
  // These are differences or quotients of sums: their magnitude is that of the terms.
  for (const name of ["cosine", "bias", "sqnrDb"] as const) {
    expect(
      near(got[name], full[name], 1 + Math.abs(full[name] ?? 0)),
      `${text} ${name} ${got[name]} ${full[name]}`,
    ).toBe(true);
  }
}

async function compare(texts: readonly string[], values: Float32Array, rows: number, cols: number): Promise<void> {
  const all = [await sweep(referenceSweep, texts, values, rows, cols), await sweep(wasm, texts, values, rows, cols)];
  for (const [i, text] of texts.entries()) {
    const { report } = await quantizeText(text, values, rows, cols);
    for (const metrics of all) if (metrics[i]) expectSame(metrics[i], report.metrics, text);
  }
}

const everyPart = [
  "f32",
  "e4m3",
  "e5m2@away",
  "bf16@sr(seed=3)",
  "int8/row",
  "int4/16",
  "int4/32",
  "int4/48",
  "int4/64:f16",
  "int4/col",
  "int4/tensor",
  "int4/8x32",
  "int4/3x5",
  "int4/flat(24)",
  "int4/flat(70):f16",
  "int4(half)/32",
  "int4(full)@trunc/64",
  "int4(signmax)/32:f16",
  "int4(asym)/32:f16",
  "int4(asym)@away/row",
  "int4(asym,zp=(e2m1))/32",
  "int4(asym)/32~pct(99)",
  "int8(frac=3)/32",
  "mxfp4",
  "mxfp8",
  "mxint8",
  "mxfp4~mx(even)",
  "e2m1/32:e8m0@up",
  "nvfp4",
  "nvfp4@sr(seed=5)",
  "modelopt_nvfp4",
  "torchao_nvfp4",
  "torchao_mxfp4",
  "bnb_nf4",
  "bnb_fp4",
  "nf4/64",
  "nf4@odd/64",
  "af4/64@coin(seed=2)".replace("/64@coin(seed=2)", "@coin(seed=2)/64"),
  "binary/64~absmean",
  "bipolar2@trunc/32",
  "binary@inward",
  "ternary/row~absmean",
  "bipolar2/32",
  "codebook(-1,-0.35,0,0.35,1)@up/64:f16",
  "codebook(0.5,1,1.5)@down/64",
  "e4m3(sat=nan)/tensor~pct(50)",
  "e3m2@inward/16~mse(grid=10)",
  "int2/128x16~rms",
  "e8m0@up/32",
  "ht(16)+int4/32",
  "rht(32,seed=3)+mxfp4",
  "rht(32,seed=3)+int4(asym)/16:f16",
];

describe("a sweep gives the numbers of full runs", () => {
  const [rows, cols] = [24, 96];
  const values = normalValues(rows * cols, 5);

  it("for every kind of part", () => compare(everyPart, values, rows, cols));

  it("with NaN, Inf, subnormals, zeros and huge values among the data", async () => {
    const odd = values.slice();
    odd.fill(0, 200, 330);
    for (const [i, v] of [Number.NaN, Infinity, -Infinity, 1e-45, -1e-40, 3.4e38, -0, 1e30].entries()) odd[i * 97] = v;
    await compare(everyPart, odd, rows, cols);
    await compare(
      everyPart,
      odd.subarray(cols).map((x) => (Number.isFinite(x) ? x : 1e38)),
      rows - 1,
      cols,
    );
  });

  it("on rows that no block divides, one element, and all zeros", async () => {
    const plain = everyPart.filter((text) => !/^r?ht/.test(text));
    await compare(plain, normalValues(7 * 37, 2), 7, 37);
    await compare(plain, Float32Array.of(-0.3), 1, 1);
    await compare(plain, new Float32Array(64), 2, 32);
  });

  it("over several tiles", () =>
    compare(["int4/64", "nvfp4", "nf4/flat(640)", "int4/col", "mxfp8"], normalValues(300 * 1000, 3), 300, 1000));

  it("for any recipe over any bits", async () => {
    const recipes = arbitraryRecipe({ steps: false, levels: 1 }).map((r) => printRecipe(r));
    const bits = fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { minLength: 40, maxLength: 40 });
    const small = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 40, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(
        recipes,
        fc.oneof(
          bits.map((b) => Float32Array.from(b, floatFromBits)),
          small.map((v) => Float32Array.from(v)),
        ),
        async (text, data) => {
          let plan: ReturnType<typeof planOf>;
          try {
            plan = planOf(text, 4, 10);
          } catch {
            return;
          }
          // Those run one by one, as reports are made.
          if (hasLayers(plan)) return;
          const finding = plan.levels[0]?.rule.finding;
          if (finding?.kind === "search" && finding.grid > 50) return;
          // Without a calibration they are refused.
          if (isWeighted(finding)) return;
          await compare([text], data, 4, 10);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe("sharing", () => {
  it("reads a matrix the same few times for one recipe as for many", async () => {
    const source = matrixOf(normalValues(64 * 64), 64, 64);
    let reads = 0;
    const counting = { ...source, read: (a: number, b: number) => source.read(a, b).finally(() => reads++) };
    const plans = ["int4/16", "int4/32", "nf4/64", "int8/row", "e4m3/tensor"].map((text) => planOf(text, 64, 64));
    await sweepMatrix(counting, plans.slice(0, 1), options);
    expect(reads).toBe(2);
    // Its extents are known by now, and all the others follow from them.
    await sweepMatrix(counting, plans, options);
    expect(reads).toBe(3);
  });

  it("ends where its pace does", async () => {
    const source = matrixOf(normalValues(64 * 64), 64, 64);
    let left = 3;
    const pace = async () => {
      if (left-- === 0) throw new DOMException("over", "AbortError");
    };
    const plans = ["int4/16", "int4/32", "nf4/64"].map((text) => planOf(text, 64, 64));
    await expect(sweepMatrix(source, plans, { ...options, pace })).rejects.toThrow("over");
    expect(await sweepMatrix(source, plans, options)).toHaveLength(3);
  });
});

describe("the phase inside an octave", () => {
  it("is offered where every scale is a power of two", () => {
    const has = (text: string) => hasPhase(planOf(text, 64, 64));
    expect(["mxfp4", "mxint8", "int4/32:e8m0", "e2m1/32~mx(floor)", "nf4/32:e8m0/row:e8m0"].every(has)).toBe(true);
    expect(
      ["nvfp4", "int4/32", "e4m3", "mxfp4:f16~absmax", "e2m1/32:e8m0/row"].filter((t) => t.length < 8).some(has),
    ).toBe(false);
    expect(has("e2m1/32:e8m0/row")).toBe(false);
  });

  it.each(["mxfp4", "e2m1/32~mse(grid=8):e8m0", "rht(32,seed=1)+mxfp4"])(
    "is that of full runs over moved data: %s",
    async (text) => {
      const values = normalValues(32 * 64, 9).map((x) => x * 3);
      const plan = planOf(text, 32, 64);
      const [{ phase }] = await sweepMatrix(matrixOf(values, 32, 64), [plan], { ...options, phases: 4 });
      const nmse = [];
      for (let k = 0; k < 4; k++) {
        const factor = Math.fround(2 ** (k / 4));
        const { report } = await quantizeText(
          text,
          values.map((x) => x * factor),
          32,
          64,
        );
        nmse.push(report.metrics.nmse!);
      }
      expect(phase!.phases).toBe(4);
      expect(phase!.min).toBeCloseTo(Math.min(...nmse), 12);
      expect(phase!.max).toBeCloseTo(Math.max(...nmse), 12);
      expect(phase!.mean).toBeCloseTo(nmse.reduce((a, b) => a + b) / 4, 12);
      expect(phase!.max).toBeGreaterThan(1.02 * phase!.min);
    },
  );

  it("is left out for others, and for zeros", async () => {
    const plans = ["mxfp4", "int4/32"].map((text) => planOf(text, 2, 32));
    const outcomes = await sweepMatrix(matrixOf(new Float32Array(64), 2, 32), plans, { ...options, phases: 4 });
    expect(outcomes.map((o) => o.phase)).toEqual([null, null]);
  });
});

describe("searches of a sweep", () => {
  const key = (text: string) => searchKey(planOf(text, 8, 64));

  it("are shared where recipes find the same, whatever else they do", () => {
    expect(key("nf4/32~pct(99):f16")).toBe(key("int4/32~pct(99)"));
    expect(key("int4@sr(seed=1)/32~mse:e4m3")).toBe(key("int4/32~mse:e4m3"));
    expect(key("int4/32")).toBeNull();
    const different = [
      ...["int4/32~mse", "int4/32~mse:f16", "int4/64~mse", "int8/32~mse", "int4/32~mse(p=3)", "int4@up/32~mse"],
      ...["int4/32~mse(weights=inputs)", "int4/32~shrink(weights=inputs)"],
      ...["int4/32~shrink", "int4/32~pct(99)", "int4/32~pct(98)", "int4(asym)/32~pct(99)", "int4/32~std(2)"],
    ];
    expect(new Set(different.map(key)).size).toBe(different.length);
  });

  it("are refused without the calibration that they weigh by, and run one by one with it", async () => {
    const values = normalValues(8 * 64, 4);
    const source = matrixOf(values, 8, 64);
    const reduction = await startReduction(64);
    await reduction.add(normalValues(20 * 64, 5).map((v, i) => (i % 3 ? v : 9 * v)));
    const calibration = await reduction.finish({ kind: "activations", name: "X.npy", digest: "" });
    for (const search of ["mse", "shrink"]) {
      const plan = planOf(`int4/32~${search}(weights=inputs):e4m3`, 8, 64);
      for (const backend of [referenceSweep, wasm]) {
        await expect(sweepMatrix(source, [plan], { ...options, backend, phases: 4 })).rejects.toThrow(
          `${search} needs a calibration: the mean square of each input channel`,
        );
      }
      const backend = calibratedSweep(referenceBackend, { calibration, activations: null });
      const [{ metrics }] = await sweepMatrix(source, [plan], { ...options, backend });
      const job = { backend: referenceBackend, calibration, checkpoint: async () => {}, now: () => 0 };
      const { report } = await quantizeMatrix(source, plan, job);
      expect([metrics.nmse, metrics.outputNmse]).toEqual([report.metrics.nmse, report.metrics.outputNmse]);
      const [plain] = await sweepMatrix(source, [planOf(`int4/32~${search}:e4m3`, 8, 64)], { ...options, backend });
      expect(metrics.outputNmse).toBeLessThan(plain.metrics.outputNmse!);
    }
  });

  it("give each recipe the figures that it has alone", async () => {
    const texts = ["nf4/32~pct(90):f16", "int4/32~pct(90)", "int4@sr(seed=1)/32~mse:e4m3", "int4/32~mse:e4m3"];
    const values = normalValues(8 * 64, 4);
    const sweep = (some: string[]) =>
      sweepMatrix(
        matrixOf(values, 8, 64),
        some.map((text) => planOf(text, 8, 64)),
        { ...options, phases: 0 },
      );
    const together = await sweep(texts);
    for (const [i, text] of texts.entries()) expect(together[i]).toEqual((await sweep([text]))[0]);
  });
});
