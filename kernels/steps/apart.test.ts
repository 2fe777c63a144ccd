/** Splits that keep values, columns or rows apart, or have none of them. */
import { describe, expect, it } from "vitest";
import { referenceBackend } from "../backends/reference/backend.ts";
import { type Calibration, startReduction } from "../calibration/index.ts";
import { quantizeMatrix } from "../engine/quantize.ts";
import { matrixOf, normalValues, planOf, quantizeText } from "../testing/matrix.ts";
import { magnitudeQuantile } from "./clamp/work.ts";

const [rows, cols] = [16, 64];
const n = rows * cols;
const x = normalValues(n, 3);

async function calibrationOf(inputs: Float32Array): Promise<Calibration> {
  const reduction = await startReduction(cols);
  await reduction.add(inputs);
  return reduction.finish({ kind: "activations", name: "inputs", digest: "" });
}

/** Inputs of which two columns are thirty times as loud. */
const loud = calibrationOf(normalValues(200 * cols, 8).map((v, i) => (i % cols === 5 || i % cols === 40 ? 30 * v : v)));

async function run(recipe: string, values: Float32Array = x, calibration: Calibration | null = null) {
  const options = { backend: referenceBackend, calibration, checkpoint: async () => {}, now: () => 0 };
  const quantized = await quantizeMatrix(matrixOf(values, rows, cols), planOf(recipe, rows, cols), options);
  const { metrics, notes } = quantized.report;
  return { ...(await quantized.rows(0, rows)), metrics, notes, quantized };
}

/** A value as binary16 holds it: ties, which draws have none of, aside. */
function half(v: number): number {
  const unit = 2 ** (Math.floor(Math.log2(Math.abs(v))) - 10);
  return Math.round(v / unit) * unit;
}

describe("clamp", () => {
  it("cuts at NumPy's quantile, and stores what it cuts off", async () => {
    const sorted = Float32Array.from(x, Math.abs).sort();
    expect(magnitudeQuantile({ rows, cols, values: x }, 1)).toBe(sorted[n - 1]);
    expect(magnitudeQuantile({ rows, cols, values: x }, 0)).toBe(sorted[0]);
    const end = magnitudeQuantile({ rows, cols, values: x }, 0.9);
    // 0.9 * 1023 = 920.7
    expect(end).toBeCloseTo(sorted[920] + 0.7 * (sorted[921] - sorted[920]), 6);
    const { result, metrics, notes } = await run("clamp(0.9,values=f32)+f32");
    expect(metrics.nmse!).toBeLessThan(1e-14);
    expect(notes).toEqual([]);
    expect(metrics.bitsPerWeight).toBeCloseTo(32 + (103 * (32 + 10)) / n, 10);
    result.forEach((y, i) => {
      if (Math.abs(x[i]) <= end) expect(y).toBe(x[i]);
    });
  });

  it("without compensation says what is lost, and is worse than no clamp where outliers carry the energy", async () => {
    const values = x.map((v, i) => (i % cols === 7 ? 30 * v : v));
    const [plain, lost, kept] = await Promise.all(
      ["e2m1/row", "clamp(0.98,comp=none)+e2m1/row", "clamp(0.98)+e2m1/row"].map((recipe) => run(recipe, values)),
    );
    expect(lost.metrics.nmse!).toBeGreaterThan(plain.metrics.nmse!);
    expect(kept.metrics.nmse!).toBeLessThan(0.2 * plain.metrics.nmse!);
    expect(lost.notes.join()).toMatch(/clamp: 2\d values lose what lies beyond/);
    expect(lost.metrics.bitsPerWeight).toBe(plain.metrics.bitsPerWeight);
  });

  it("leaves values that are not finite, and a tensor without finite ones, as they are", async () => {
    const values = x.slice();
    values.set([Number.NaN, Infinity], 3);
    expect((await run("clamp(0.5)+f32", values)).metrics).toMatchObject({ nonFinite: 2, broken: 0 });
    expect((await quantizeText("clamp+int4/4", new Float32Array(8).fill(Number.NaN), 2, 4)).report.metrics.nmse).toBe(
      null,
    );
  });
});

describe("columns", () => {
  it("are those whose inputs reach the threshold, stored whole and without codes", async () => {
    const { result, metrics } = await run("columns(20)+int4/row", x, await loud);
    for (const c of [5, 40]) for (let r = 0; r < rows; r++) expect(result[r * cols + c]).toBe(half(x[r * cols + c]));
    // Two columns in 16 bits with places of six; four bits for the others; a scale a row.
    expect(metrics.bitsPerWeight).toBeCloseTo((62 * 4) / 64 + (2 * 16) / 64 + (2 * 6) / n + 32 / cols, 10);
    expect(metrics.bitsBreakdown[0].what).toBe("elements (int4), those stored");
  });

  it("go by their own values, by the median, or in blocks", async () => {
    const values = x.map((v, i) => (i % cols === 9 ? 50 * v : v));
    const by = async (args: string) =>
      (await run(`columns(${args})+int4/row`, values)).metrics.bitsBreakdown.at(-1)!.what;
    expect(await by("6,by=own")).toBe("places of 1 columns");
    expect(await by("10,by=own,unit=median")).toBe("places of 1 columns");
    expect(await by("6,by=own,block=16")).toBe("places of 1 blocks of 16 columns");
    const { metrics } = await run(
      "columns(6,by=own,block=24,values=f32)+int4/row",
      values.map((v, i) => (i % cols === 63 ? 50 * v : v)),
    );
    // Blocks of 24, 24 and 16: the first and the last are kept.
    expect(metrics.bitsBreakdown[0].bitsPerWeight).toBe((4 * 24) / 64);
  });

  it("say where none or all are kept", async () => {
    expect((await run("columns(1000,by=own)+int4/row")).notes).toEqual(["columns: none is large enough to be kept"]);
    const all = await run("columns(0,by=own,values=f32)+int4/row");
    expect(all.notes).toEqual(["columns: all are kept, and none is quantized"]);
    expect(all.result).toEqual(x);
    await expect(run("columns(6)+int4/row")).rejects.toThrow("columns needs a calibration");
  });
});

describe("first tokens", () => {
  it("are kept apart, so that the others have their own scale", async () => {
    const values = x.map((v, i) => (i < cols ? 100 * v : v));
    const [plain, apart] = [
      await run("int4/tensor", values),
      await run("firsttokens(1,values=f32)+int4/tensor", values),
    ];
    expect(apart.result.subarray(0, cols)).toEqual(values.subarray(0, cols));
    expect(apart.metrics.nmse!).toBeLessThan(0.01 * plain.metrics.nmse!);
    expect(apart.metrics.bitsPerWeight).toBeCloseTo((4 * 15 + 32) / 16 + 32 / n, 10);
  });

  it("come again with every text", async () => {
    const { result } = await run("firsttokens(2,every=8,values=f32)+int2/row");
    for (const r of [0, 1, 8, 9])
      expect(result.subarray(r * cols, (r + 1) * cols)).toEqual(x.subarray(r * cols, (r + 1) * cols));
    expect(result.subarray(2 * cols, 3 * cols)).not.toEqual(x.subarray(2 * cols, 3 * cols));
  });
});

describe("prune", () => {
  const zeros = (result: Float32Array) => result.reduce((count, y) => count + (y === 0 ? 1 : 0), 0);

  it("keeps the largest n of every m, and counts their places", async () => {
    const { result, metrics } = await run("prune(n=2,m=4)+f32");
    for (let i = 0; i < n; i += 4) {
      const group = [...x.subarray(i, i + 4)];
      const kept = group.toSorted((a, b) => Math.abs(b) - Math.abs(a)).slice(0, 2);
      expect([...result.subarray(i, i + 4)]).toEqual(group.map((v) => (kept.includes(v) ? v : 0)));
    }
    expect(metrics.bitsPerWeight).toBe(16 + 1);
  });

  it("keeps the largest share of all, by a mask or in tiles", async () => {
    const { result, metrics } = await run("prune(0.75)+f32");
    expect(zeros(result)).toBe(0.75 * n);
    const least = Math.min(...result.filter((y) => y !== 0).map(Math.abs));
    expect(x.filter((v) => Math.abs(v) > least).length).toBe(n / 4 - 1);
    expect(metrics.bitsPerWeight).toBe(8 + 1);
    // A value of 16 bits with its place in 16: what dense 16 bits take, at half.
    expect((await run("prune(0.5,places=tile)+f16")).metrics.bitsPerWeight).toBe(16);
  });

  it("goes by |w| times the norm of the input, row by row (Wanda)", async () => {
    const known = await loud;
    const { result } = await run("prune(0.5,by=inputs)+f32", x, known);
    for (let r = 0; r < rows; r++) {
      const row = x.subarray(r * cols, (r + 1) * cols);
      const score = (c: number) => Math.abs(row[c]) * Math.sqrt(known.meanSquare![c]);
      const kept = Array.from(row.keys())
        .toSorted((a, b) => score(b) - score(a))
        .slice(0, cols / 2);
      row.forEach((v, c) => {
        expect(result[r * cols + c]).toBe(kept.includes(c) ? v : 0);
      });
    }
    await expect(run("prune(0.5,by=inputs)+f32")).rejects.toThrow("prune needs a calibration");
  });

  it("loses less at the outputs by inputs than by magnitude", async () => {
    const error = async (by: string) => (await run(`prune(n=2,m=4,by=${by})+f32`, x, await loud)).metrics.outputNmse!;
    expect(await error("inputs")).toBeLessThan(0.5 * (await error("magnitude")));
  });

  it("draws by a seed and makes up for what it drops, on average (DARE, arXiv 2311.03099)", async () => {
    const values = normalValues(256 * 1024, 6);
    for (const [p, error] of [
      [0.5, 1],
      [0.9, 9],
      [0.99, 99],
    ]) {
      const { report } = await quantizeText(`prune(${p},by=random,rescale=yes)+f32`, values, 256, 1024);
      expect(Math.abs(report.metrics.nmse! / error - 1)).toBeLessThan(0.05);
      expect(Math.abs(report.metrics.bias!)).toBeLessThan(0.1);
    }
    expect((await run("prune(by=random,seed=1)+f32")).result).not.toEqual(
      (await run("prune(by=random,seed=2)+f32")).result,
    );
    await expect(run("prune(1,rescale=yes)+f32")).rejects.toThrow("nothing to rescale");
  });

  it("takes whole rows, by their norms", async () => {
    const { result, metrics } = await run("prune(0.5,of=rows)+int8/row");
    const alive = Array.from({ length: rows }, (_, r) =>
      result.subarray(r * cols, (r + 1) * cols).some((y) => y !== 0),
    );
    expect(alive.filter(Boolean)).toHaveLength(rows / 2);
    expect(metrics.bitsPerWeight).toBeCloseTo(4 + 32 / cols + (8 * 4) / n, 10);
  });

  it("stays zero in a format without a zero, and keeps what is not finite", async () => {
    const values = x.slice();
    values[6] = Number.NaN;
    const { result, metrics } = await run("prune(0.5)+bipolar4/row", values);
    expect(zeros(result)).toBe(Math.round((n - 1) / 2));
    expect(metrics).toMatchObject({ nonFinite: 1, broken: 0 });
  });

  it.each([
    ["prune(n=2)+int4/8", "n and m together"],
    ["prune(n=5,m=4)+int4/8", "5 of 4"],
    ["prune(0.3,n=2,m=4)+int4/8", "leave one out"],
    [
      "prune+ht(8)+int4/8",
      "prune leaves places without codes, which ht would fill: write prune right before the quantizer",
    ],
    ["prune+gptq+int4/8", "which gptq would fill"],
    ["columns(6,by=own)+q4_0", "q4_0 makes codes of whole blocks"],
  ])("%s is refused", async (recipe, why) => {
    await expect(run(recipe, x, await loud)).rejects.toThrow(why);
  });
});

describe("densesparse", () => {
  const kept = async (recipe: string, calibration: Calibration | null = null) => {
    const { quantized } = await run(`${recipe}+int2/row`, x, calibration);
    const plain = await run("int2/row");
    const { result } = await quantized.rows(0, rows);
    return Array.from(result.keys()).filter((i) => result[i] === x[i] && plain.result[i] !== x[i]);
  };

  it("keeps the same as outliers, where nothing is known of inputs", async () => {
    const [own, other] = [await run("densesparse(0.02,sensitive=0)+nf4/16"), await run("outliers(0.02)+nf4/16")];
    expect(own.result).toEqual(other.result);
    expect(own.metrics.bitsPerWeight).toBe(other.metrics.bitsPerWeight);
  });

  it("keeps what its inputs make matter, beside the largest", async () => {
    const places = await kept("densesparse(0,sensitive=0.01,values=f32)", await loud);
    expect(places).toHaveLength(10);
    for (const i of places) expect([5, 40]).toContain(i % cols);
    expect(await kept("densesparse(0.01,sensitive=0.01,values=f32)", await loud)).toHaveLength(20);
    await expect(run("densesparse+int4/8")).rejects.toThrow("densesparse needs a calibration");
  });

  it("draws by a seed", async () => {
    const draw = (seed: number) => kept(`densesparse(0.05,sensitive=0,by=random,seed=${seed},values=f32)`);
    expect(await draw(1)).toEqual(await draw(1));
    expect(await draw(1)).not.toEqual(await draw(2));
    expect(await draw(1)).toHaveLength(51);
  });
});
