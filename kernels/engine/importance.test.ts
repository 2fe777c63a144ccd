import { beforeAll, describe, expect, it } from "vitest";
import { referenceBackend } from "../backends/reference/backend.ts";
import type { Calibration } from "../calibration/types.ts";
import { codecNamed, decodeBlocks, encodeBlocks } from "../ggml/index.ts";
import { gaussian, weightsOf } from "../ggml/values-for-test.ts";
import { matrixOf, planOf } from "../testing/matrix.ts";
import { importanceOf } from "./importance.ts";
import { quantizeMatrix } from "./quantize.ts";

const [rows, cols] = [6, 512];
const x = gaussian(rows * cols, 21);
const weights = weightsOf("random", cols);

/** What an importance matrix tells. */
const imatrix = (values: ArrayLike<number>, experts?: Calibration["experts"]): Calibration => ({
  cols,
  tokens: 512,
  leftOut: 0,
  ...{ gram: null, mean: null, meanAbs: null, min: null, max: null, quantiles: null, rows: null },
  ...{ cross: null, output: null },
  meanSquare: Float64Array.from(values),
  ...(experts && { experts }),
  source: { kind: "imatrix", name: "im.gguf", digest: "" },
  notes: [],
});

const run = (text: string, calibration: Calibration | null, values = x) =>
  quantizeMatrix(matrixOf(values, rows, cols), planOf(text, rows, cols), {
    ...{ backend: referenceBackend, calibration, checkpoint: async () => {}, now: () => 0 },
  });

/** What ggml's own blocks with these weights hold, one row of weights for each `each` rows. */
function expected(name: string, values: Float32Array, by: Float32Array | null, each = rows): Float32Array {
  const { type } = codecNamed(name)!;
  const out = new Float32Array(values.length);
  for (let row = 0; row < rows; row += each) {
    const part = values.subarray(row * cols, (row + each) * cols);
    const bytes = new Uint8Array((part.length / type.elements) * type.bytes);
    const at = (row / each) * cols;
    encodeBlocks(type, part, bytes, by?.subarray(at, at + cols));
    decodeBlocks(type, bytes, out.subarray(row * cols, (row + each) * cols));
  }
  return out;
}

const results = async (text: string, calibration: Calibration | null) =>
  (await (await run(text, calibration)).rows(0, rows)).result;

describe.each(["q4_k", "q2_k", "q3_k", "q6_k", "q4_0", "q5_1", "iq4_xs", "iq2_xs", "iq3_s", "iq1_m"])("%s", (name) => {
  beforeAll(() => codecNamed(name)!.load?.());

  it("weighs columns by their mean squares, as ggml does by an importance matrix", async () => {
    expect(await results(name, imatrix(weights))).toEqual(expected(name, x, weights));
    expect(await results(name, null)).toEqual(expected(name, x, null));
    expect(await results(name, imatrix(weights))).not.toEqual(await results(name, null));
  });

  it("weighs each expert's rows by its own", async () => {
    const each = Float32Array.from({ length: 3 * cols }, (_, i) => weights[(7 * i) % cols] * (1 + (i % 5)));
    const known = imatrix(weights, { count: 3, meanSquare: Float64Array.from(each) });
    expect(await results(name, known)).toEqual(expected(name, x, each, rows / 3));
  });
});

it("takes other ways with weights of one than without any", async () => {
  const ones = imatrix(new Float32Array(cols).fill(1));
  for (const name of ["q2_k", "q3_k", "q4_k", "q5_k", "q6_k", "q4_0", "q4_1", "q5_0", "q5_1", "iq4_nl", "iq3_xxs"]) {
    expect(await results(name, ones)).not.toEqual(await results(name, null));
  }
  expect(await results("iq2_xxs", ones)).toEqual(await results("iq2_xxs", null));
  expect(await results("q8_0", ones)).toEqual(await results("q8_0", null));
});

it("says that there were no weights only where there were none", async () => {
  const told =
    "ggml makes IQ1_S with an importance matrix alone: iq1_s counts all columns alike, as ggml would with a matrix of ones";
  expect((await run("iq1_s", null)).report.notes).toEqual([told]);
  expect((await run("perm+iq1_s", null)).report.notes).toContain(told);
  expect((await run("iq1_s", imatrix(weights))).report.notes).not.toContain(told);
  expect((await run("perm+iq1_s", imatrix(weights))).report.notes).not.toContain(told);
  expect((await run("iq1_s", { ...imatrix(weights), meanSquare: null })).report.notes).toContain(told);
});

it("moves with the columns, and is refused where a transform mixes them", async () => {
  // Column by column louder: perm puts the loudest first.
  const rising = x.map((v, i) => (i < cols ? i + 6 : v));
  const turned = (values: Float32Array) => values.map((_, i) => values[i - (i % cols) + cols - 1 - (i % cols)]);
  const { result } = await (await run("perm+q4_k", imatrix(weights), rising)).rows(0, rows);
  expect(result).toEqual(turned(expected("q4_k", turned(rising), turned(weights))));
  await expect(run("ht(64)+q4_k", imatrix(weights))).rejects.toThrow(
    "ht mixes channels, and im.gguf knows them one by one: what it tells does not hold behind ht",
  );
});

it("is refused where it is no weight, or of another number of experts or columns", async () => {
  const plan = planOf("q4_k", rows, cols);
  const bad = (value: number) => imatrix(weights.map((w, i) => (i === 5 ? value : w)));
  for (const value of [Number.NaN, -1, Infinity]) {
    expect(() => importanceOf(plan, bad(value))).toThrow(
      `im.gguf: the mean square of input channel 5 is ${value}, which q4_k cannot weigh by`,
    );
  }
  const four = imatrix(weights, { count: 4, meanSquare: new Float64Array(4 * cols) });
  expect(() => importanceOf(plan, four)).toThrow("im.gguf is of 4 experts, which do not share 6 rows evenly");
  expect(importanceOf(planOf("q8_0", rows, cols), bad(-1))).toBeNull();
  await expect(run("q4_k", { ...imatrix(weights), cols: 256 })).rejects.toThrow(
    "im.gguf is of inputs with 256 channels, and matrix takes 512: a calibration of another layer?",
  );
});
