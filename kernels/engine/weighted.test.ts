/** Searches weighted by input channels, from the calibration to the scales. */
import { describe, expect, it } from "vitest";
import type { Backend } from "../backends/backend.ts";
import { referenceBackend } from "../backends/reference/backend.ts";
import { createWasmBackend } from "../backends/wasm/index.ts";
import { startReduction } from "../calibration/reduce.ts";
import type { Calibration } from "../calibration/types.ts";
import { parseRecipe } from "../notation/index.ts";
import { resolveScales } from "../scales/resolve.ts";
import { searchBlocks } from "../scales/search.ts";
import { addStatistics, makeStatistics } from "../scales/statistics.ts";
import { matrixOf, normalValues, planOf } from "../testing/matrix.ts";
import { importancePart } from "./importance.ts";
import { quantizeMatrix } from "./quantize.ts";
import { enterQuantizer } from "./quantize-layers.ts";

const [rows, cols] = [8, 32];
const w = normalValues(rows * cols, 5);
const source = matrixOf(w, rows, cols);
/** Inputs whose channels differ a hundredfold. */
const inputs = normalValues(40 * cols, 6).map((v, i) => v * 10 ** (((7 * i) % cols) / 16));

async function known(values: Float32Array = inputs): Promise<Calibration> {
  const reduction = await startReduction(cols);
  await reduction.add(values);
  return reduction.finish({ kind: "activations", name: "X.npy", digest: "" });
}

const imatrix = (meanSquare: ArrayLike<number>): Calibration => ({
  ...{ cols, tokens: 512, leftOut: 0, gram: null, mean: null, meanAbs: null, min: null, max: null, quantiles: null },
  ...{ rows: null, cross: null, output: null, meanSquare: Float64Array.from(meanSquare) },
  ...{ source: { kind: "imatrix", name: "im.gguf", digest: "" }, notes: [] },
});

const weights = Float64Array.from({ length: cols }, (_, c) => 10 ** (((5 * c) % 7) / 2));

const run = (text: string, calibration: Calibration | null, backend: Backend = referenceBackend, of = source) =>
  quantizeMatrix(of, planOf(text, rows, cols), { backend, calibration, checkpoint: async () => {}, now: () => 0 });

/** The scales in force of a search with these weights, over what enters it. */
function scalesBy(text: string, values: Float32Array, by: ArrayLike<number>): Float32Array {
  const plan = planOf(text, rows, cols);
  const stats = makeStatistics(plan, { values: Float32Array.from(by), rowsEach: rows });
  addStatistics(plan, values, 0, rows, stats);
  searchBlocks(plan, values, 0, rows, stats);
  return resolveScales(plan, stats).levels[0].values;
}

describe.each(["int4/8~mse(weights=inputs):e4m3", "int4(asym)/8~shrink(weights=inputs)"])("%s", (text) => {
  const plain = text.replace("(weights=inputs)", "");

  it("takes the mean squares of a calibration", async () => {
    const scales = (await run(text, imatrix(weights))).scales[0].values;
    expect(scales).toEqual(scalesBy(text, w, weights));
    expect(scales).not.toEqual((await run(plain, null)).scales[0].values);
    const real = await known();
    expect((await run(text, real)).scales[0].values).toEqual(scalesBy(text, w, real.meanSquare!));
  });

  it("gives what the plain search gives where all channels are alike, and the plain one needs nothing", async () => {
    const [own, other] = [await run(text, imatrix(new Float64Array(cols).fill(1))), await run(plain, null)];
    expect(own.scales).toEqual(other.scales);
    expect((await own.rows(0, rows)).result).toEqual((await other.rows(0, rows)).result);
  });

  it("is the same on wasm", async () => {
    const [own, wasm] = [
      await run(text, imatrix(weights)),
      await run(text, imatrix(weights), await createWasmBackend()),
    ];
    expect(wasm.scales).toEqual(own.scales);
    expect((await wasm.rows(0, rows)).codes).toEqual((await own.rows(0, rows)).codes);
  });

  it("loses less of what the channels make of errors than the plain search", async () => {
    const loss = async (recipe: string) => {
      const { result } = await (await run(recipe, imatrix(weights))).rows(0, rows);
      return result.reduce((sum, y, i) => sum + weights[i % cols] * (w[i] - y) ** 2, 0);
    };
    expect(await loss(text)).toBeLessThan(await loss(plain));
  });

  it("has weights go with channels that steps move and scale", async () => {
    const real = await known();
    for (const step of ["perm(inputs)", "perm", "smooth(0.5)"]) {
      const quantized = await run(`${step}+${text}`, real);
      const [dual] = quantized.duals;
      if (dual?.kind !== "channels") throw new Error(`${step} works on channels`);
      const behind = weights.map((_, c) => real.meanSquare![dual.from?.[c] ?? c] * (dual.factor?.[c] ?? 1) ** 2);
      const operand = await enterQuantizer(source, quantized.plan, async () => {}, real);
      expect(quantized.scales[0].values, step).toEqual(scalesBy(text, operand.values, behind));
    }
  });

  it("stands behind what mixes channels where a Gram matrix or whole rows tell what becomes of them", async () => {
    await expect(run(`ht(32)+${text}`, imatrix(weights))).rejects.toThrow(
      "ht mixes channels, and im.gguf knows them one by one: what it tells does not hold behind ht",
    );
    const real = await known();
    const [byRows, byGram] = [await run(`ht(32)+${text}`, real), await run(`ht(32)+${text}`, { ...real, rows: null })];
    // All tokens are kept, so that both know the same but for rounding.
    expect(byGram.scales[0].values).toEqual(byRows.scales[0].values);
  });

  it("is refused without a calibration, or with one that does not know", async () => {
    const name = /~(\w+)/.exec(text)![1];
    for (const before of ["", "perm+", "ht(32)+"]) {
      await expect(run(before + text, null)).rejects.toThrow(
        `${name} needs a calibration: the mean square of each input channel (a file of activations, a Gram matrix or an imatrix has it)`,
      );
    }
    await expect(run(text, { ...imatrix(weights), meanSquare: null })).rejects.toThrow(
      `${name} needs the mean square of each input channel, and im.gguf has none`,
    );
    await expect(run(text, imatrix(weights.map((v, c) => (c === 3 ? Number.NaN : v))))).rejects.toThrow(
      `im.gguf: the mean square of input channel 3 is NaN, which ${name} cannot weigh by`,
    );
  });

  it("is refused where there are no input channels, or nobody knows them", async () => {
    const name = /~(\w+)/.exec(text)![1];
    const real = await known();
    await expect(run(`awq+${text}`, real)).rejects.toThrow(
      `awq searches with all that stands right of it, and ~${name}(weights=inputs) there needs a calibration itself`,
    );
    await expect(run(`int4/8+lowrank(2,factors=(${text}))`, real)).rejects.toThrow(
      "what is stored beside the codes has no input channels that errors could be weighed by",
    );
    const activations = { recipe: parseRecipe(text), definitions: [], text, scales: "dynamic" as const };
    await expect(
      quantizeMatrix(source, planOf("int4/8", rows, cols), {
        ...{ backend: referenceBackend, calibration: real, activations, checkpoint: async () => {}, now: () => 0 },
      }),
    ).rejects.toThrow("weights=inputs weighs a weight's columns by its inputs, and activations are those inputs");
  });
});

it("a part of the matrix has the weights of its columns and of its rows' experts", () => {
  // Three experts of two rows each, four columns.
  const all = { values: Float32Array.from({ length: 12 }, (_, i) => i), rowsEach: 2 };
  const part = (row0: number, count: number) => importancePart(all, 4, { row0, rows: count, from: 1, to: 3 });
  expect(part(2, 2)).toEqual({ values: Float32Array.of(5, 6), rowsEach: 2 });
  expect(part(1, 4)).toEqual({ values: Float32Array.of(1, 2, 5, 6, 5, 6, 9, 10), rowsEach: 1 });
});
