import { describe, expect, test } from "vitest";
import { quantizeText } from "../../kernels/testing/matrix.ts";
import { openWritten } from "../testing/open-written.ts";
import { storedFigures, stripesOf } from "./figures.ts";
import type { Written } from "./for-test/bits.ts";
import { writeFp8 } from "./for-test/floats.ts";
import { writeGptq } from "./for-test/integers.ts";
import type { LogicalTensor } from "./logical-tensor.ts";

const figuresOf = async (written: Written, reading = "") => {
  const tensor = (await openWritten(written)).tensor(written.name + reading) as LogicalTensor;
  return storedFigures(tensor, async () => {});
};

/** FP8 in blocks of 16 x 16 of a smooth weight whose size changes from block to block. */
async function smooth(): Promise<Written> {
  const [rows, cols] = [64, 64];
  const wave = (i: number) => (((i * 2654435761) >>> 0) / 2 ** 32 - 0.5) * (1 + (i % 7));
  const values = Float32Array.from({ length: rows * cols }, (_, i) => wave(i) * (1 + Math.floor((i % cols) / 16)));
  const quantized = await quantizeText("e4m3/16x16", values, rows, cols);
  const { codes } = await quantized.rows(0, rows);
  const written = writeFp8([rows, cols], [16, 16], "deepseek", 1);
  const scales = quantized.scales[0].values;
  const [weights, inverse] = written.tensors;
  return {
    ...written,
    tensors: [
      { ...weights, bytes: Uint8Array.from(codes!) },
      { ...inverse, bytes: new Uint8Array(scales.buffer, scales.byteOffset, scales.byteLength) },
    ],
  };
}

describe("what a sample shows", () => {
  test("use of codes, scales and zero points", async () => {
    const figures = await figuresOf(writeGptq({ out: 16, inputs: 64, group: 32 }, 4, {}, 3));
    expect(figures.sampled).toBe(1024);
    expect(figures.codes.counts.reduce((a, b) => a + b, 0)).toBe(1024);
    expect(figures.codeEntropy).toBeGreaterThan(3.9);
    expect(figures.scales).toMatchObject({ count: 32, format: "F16", negative: 0 });
    expect(figures.zeros!.counts.reduce((a, b) => a + b, 0)).toBe(32);
    expect(figures.plausibility.map((p) => `${p.reading}=${p.option}`)).toEqual([
      ...["zero=v1", "zero=v2", "order=low", "order=high"],
    ]);
  });

  test("the library's reading is the more plausible one where scales were turned into divisors", async () => {
    const [multiply, divide] = (await figuresOf(await smooth())).plausibility;
    expect(multiply.option).toBe("multiply");
    expect(multiply.blockSpread!).toBeLessThan(divide.blockSpread!);
    expect(multiply.std).toBeLessThan(divide.std);
  });

  test("other options are weighed beside the one that is read", async () => {
    const figures = await figuresOf(await smooth(), "?scale=divide");
    const asUsual = await figuresOf(await smooth());
    expect(figures.plausibility).toEqual(asUsual.plausibility);
  });

  test("rows are taken from everywhere, and no more than asked for", () => {
    expect(stripesOf({ rows: 10, cols: 16 })).toEqual([[0, 10]]);
    const stripes = stripesOf({ rows: 100_000, cols: 4096 });
    expect(stripes[0][0]).toBe(0);
    expect(stripes.at(-1)![1]).toBe(100_000);
    expect(stripes.reduce((sum, [a, b]) => sum + (b - a) * 4096, 0)).toBe(2 ** 17);
  });
});
