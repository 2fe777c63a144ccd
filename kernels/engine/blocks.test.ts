/** Recipes whose quantizer is one of ggml's. */
import { beforeAll, describe, expect, it, test } from "vitest";
import { referenceBackend } from "../backends/reference/backend.ts";
import { blockCodecs, decodeBlocks, encodeBlocks } from "../ggml/index.ts";
import { hostile as anyHostile, gaussian, moderate } from "../ggml/values-for-test.ts";
import { parseRecipe } from "../notation/index.ts";
import { prepareRecipe } from "../prepare/prepare.ts";
import { referenceSweep, sweepMatrix } from "../sweep/index.ts";
import { matrixOf, planOf, quantizeText } from "../testing/matrix.ts";
import { quantizeMatrix } from "./quantize.ts";

const [rows, cols] = [6, 512];

describe.each(blockCodecs.map((c) => [c.name, c] as const))("%s", (name, { type, load, layout }) => {
  beforeAll(() => load?.());
  /** Types with grids stop where squares overflow. */
  const hostile = layout.pack ? anyHostile : moderate;

  it.each(["gaussian", "hostile"] as const)("gives what ggml decodes from its own blocks: %s values", async (kind) => {
    const x = { gaussian, hostile }[kind](rows * cols, 5);
    const bytes = new Uint8Array((x.length / type.elements) * type.bytes);
    const decoded = new Float32Array(x.length);
    encodeBlocks(type, x, bytes);
    decodeBlocks(type, bytes, decoded);
    const { rows: read, report } = await quantizeText(name, x, rows, cols);
    const { result } = await read(1, rows);
    expect(result).toEqual(decoded.subarray(cols));
    expect(report.recipe).toBe(name);
    expect(report.metrics.bitsPerWeight).toBe((8 * type.bytes) / type.elements);
    expect(report.codes!.counts.reduce((a, b) => a + b)).toBe(x.length);
  });

  it("spells out an element", async () => {
    const x = gaussian(rows * cols, 6);
    const { inspect, rows: read } = await quantizeText(name, x, rows, cols);
    const { result, codes } = await read(0, rows);
    for (let i = 0; i < x.length; i += 37) {
      const it = await inspect(Math.floor(i / cols), i % cols);
      expect([it.result, it.code]).toEqual([result[i], codes![i]]);
      const scales = it.scales.filter((s) => !s.what || s.what === "scales");
      expect(it.scale).toBe(scales.reduce((p, s) => Math.fround(p * s.value), 1));
      expect(Math.fround(it.level * it.scale + (it.offset ?? 0))).toBe(it.result + 0);
      expect(it.quotient).toBe((x[i] - (it.offset ?? 0)) / it.scale);
      for (const s of it.scales) expect(Number.parseInt(s.codeBits!.replaceAll(" ", ""), 2)).toBe(s.code! >>> 0);
    }
  });

  it("has the same figures in a sweep", async () => {
    const x = hostile(rows * cols, 7);
    const plan = planOf(name, rows, cols);
    const { report } = await quantizeText(name, x, rows, cols);
    const source = matrixOf(x, rows, cols);
    const [{ metrics }] = await sweepMatrix(source, [plan], {
      backend: referenceSweep,
      pace: async () => {},
      phases: 0,
    });
    const { saturated, flushed, dead, bitsPerWeight, maxAbs } = report.metrics;
    expect(metrics).toMatchObject({ saturated, flushed, dead, bitsPerWeight, maxAbs });
    if (report.metrics.nmse !== null) expect(metrics.nmse).toBeCloseTo(report.metrics.nmse, 12);
  });
});

test("looks at whoever cancels every 16,384 values, in the search too", async () => {
  const [tall, wide] = [16, 4096];
  const seen: [number, string][] = [];
  await quantizeMatrix(matrixOf(new Float32Array(tall * wide), tall, wide), planOf("iq2_xs", tall, wide), {
    backend: referenceBackend,
    tileElements: 2 ** 20,
    checkpoint: async (done, _, phase) => void seen.push([done, phase]),
    now: () => 0,
  });
  const searching = seen.filter(([, phase]) => phase === "statistics").map(([done]) => done);
  expect(searching).toEqual([0, 16384, 32768, 49152]);
});

test("scales and minima of a super-block are levels of their own", async () => {
  const { report, scales } = await quantizeText("q4_k", gaussian(rows * cols, 8), rows, cols);
  expect(report.scales.map((s) => [s.format, s.what, s.count])).toEqual([
    ["uint6", "scales", 96],
    ["f16", "scales", 12],
    ["uint6", "minima", 96],
    ["f16", "minima", 12],
  ]);
  expect(scales.map((s) => [s.gridRows, s.gridCols])).toEqual([
    [6, 16],
    [6, 2],
    [6, 16],
    [6, 2],
  ]);
  expect(report.grid).toMatchObject({ kind: "run", blockCols: 32 });
  expect(report.metrics.bitsBreakdown.map((b) => b.bitsPerWeight)).toEqual([4, 0.1875, 0.0625, 0.1875, 0.0625]);
});

test("values whose squares overflow are a mistake that names the row, where ggml stops", async () => {
  const x = gaussian(rows * cols, 8);
  for (let i = 0; i < 256; i++) x[3 * cols + i] *= 1e30;
  await expect(quantizeText("iq3_s", x, rows, cols)).rejects.toThrow(
    "iq3_s, row 3: some values, or their weights, are so large that their squares leave float32: ggml stops there",
  );
});

test("what ggml makes of an importance matrix alone says that there was none", async () => {
  const x = gaussian(rows * cols, 8);
  const notes = async (text: string) => (await quantizeText(text, x, rows, cols)).report.notes;
  expect(await notes("iq2_xs")).toEqual([
    "ggml makes IQ2_XS with an importance matrix alone: iq2_xs counts all columns alike, as ggml would with a matrix of ones",
  ]);
  expect(await notes("iq2_s")).toEqual([]);
});

test("NaN and Inf count as zero for their block and are left out of the sums", async () => {
  const x = gaussian(512, 9);
  const clean = x.slice();
  [x[3], x[40]] = [Number.NaN, -Infinity];
  [clean[3], clean[40]] = [0, 0];
  const [a, b] = await Promise.all([quantizeText("q4_k", x, 1, 512), quantizeText("q4_k", clean, 1, 512)]);
  expect((await a.rows(0, 1)).result).toEqual((await b.rows(0, 1)).result);
  expect(a.report.metrics.nonFinite).toBe(2);
});

test("a rotation may stand before it", async () => {
  const { report } = await quantizeText("rht(64,seed=1)+q4_0", gaussian(rows * cols, 3), rows, cols);
  expect(report.recipe).toBe("rht(64,seed=1)+q4_0");
  expect(report.metrics.sqnrDb).toBeGreaterThan(20);
});

test.each([
  ["q4_k", 172, "q4_k needs rows of whole blocks of 256, and these have 172 columns: ggml refuses them too"],
  ["int4(asym,zp=q8_0)/32", 64, "q8_0 holds no zero points"],
])("%s on %i columns is refused", (text, columns, message) => {
  expect(() => prepareRecipe(parseRecipe(text), [], 4, columns)).toThrow(message);
});
