import { describe, expect, test } from "vitest";
import { openWritten } from "../testing/open-written.ts";
import { findTensor } from "./address.ts";
import { isAnchor } from "./anchors.ts";
import { byAnchor } from "./find.ts";
import type { Written } from "./for-test/bits.ts";
import { writeFp8, writeMxfp4, writeNvfp4 } from "./for-test/floats.ts";
import { writeAwq, writeGptq, writePacked } from "./for-test/integers.ts";
import { writeBnb4, writeHqq } from "./for-test/libraries.ts";

const all = async (written: Written, reading = "") => {
  const source = await openWritten(written);
  const tensor = source.tensor(written.name + reading);
  return { source, tensor, values: await tensor.read(0, tensor.info.elements) };
};

test("the page's short list of names is that of the layouts", () => {
  expect([...byAnchor.keys()].every((name) => isAnchor(`model.${name}`))).toBe(true);
  expect(isAnchor("model.layers.0.weight")).toBe(false);
});

describe("a weight read otherwise", () => {
  test("with the nibbles turned round, neighbours change places", async () => {
    const written = writeMxfp4([2, 64], "compressed-tensors", 1);
    const { values } = await all(written);
    const { values: turned, tensor } = await all(written, "?nibbles=high");
    expect(tensor.info.name).toBe("a.weight?nibbles=high");
    expect(turned).toEqual(values.map((_, i) => values[i ^ 1]));
  });

  test("with the scale as a divisor", async () => {
    const written = writeFp8([1, 64], [1, 64], "tensor", 5);
    const source = await openWritten(written);
    const [scale] = await source.tensor(written.name.replace(/weight$/, "weight_scale")).read(0, 1);
    const codes = (await all(written)).values.map((x) => Math.fround(x / scale));
    const { values } = await all(written, "?scale=divide");
    expect(values.every((x, i) => Math.abs(x - codes[i] / scale) <= 1e-6 * Math.abs(x))).toBe(true);
  });

  test("with the global scale in the other sense", async () => {
    const { values } = await all(writeNvfp4([2, 32], "modelopt", 3));
    const { values: divided } = await all(writeNvfp4([2, 32], "modelopt", 3), "?global=divide");
    const ratios = new Set(
      divided.filter((x) => x !== 0).map((x, i) => Math.round(Math.log2(x / values.filter((v) => v !== 0)[i]))),
    );
    expect(ratios.size).toBe(1);
  });

  test("with zero points as version 2 stores them: less by one scale everywhere but where they wrap", async () => {
    const one = writeGptq({ out: 8, inputs: 32, group: 32 }, 4, {}, 9);
    const { values } = await all(one);
    const { values: other } = await all(one, "?zero=v2");
    const source = await openWritten(one);
    const scales = await source.tensor("model.layers.0.q_proj.scales").read(0, 8);
    expect(other.every((x, i) => Math.abs(x - values[i] - scales[Math.floor(i / 32)]) < 1e-6)).toBe(true);
  });

  test.each([
    ["AWQ in plain order", writeAwq({ out: 8, inputs: 16, group: 16 }, 2), "?order=plain"],
    ["words from the top", writePacked({ out: 2, inputs: 16, group: 16 }, 4, {}, 2), "?order=high"],
    ["codes in two's complement", writePacked({ out: 2, inputs: 16, group: 16 }, 4, {}, 2), "?codes=signed"],
    ["bitsandbytes from the low nibble", writeBnb4([4, 64], 64, "nf4", null, 2), "?nibbles=low"],
    ["HQQ from the low end", writeHqq([4, 32], 4, 16, 1, 2), "?order=low"],
    ["scales row by row that lie in tiles", writeNvfp4([128, 64], "torchao-tiles", 2), "?scales=plain"],
  ])("%s", async (_, written, reading) => {
    const { values } = await all(written);
    const { values: other } = await all(written, reading);
    expect(other).not.toEqual(values);
    expect(other.length).toBe(values.length);
  });

  test("is a tensor of its own, made once, and said in its name", async () => {
    const { source } = await all(writeMxfp4([2, 64], "compressed-tensors", 1));
    expect(source.tensor("a.weight?nibbles=high")).toBe(source.tensor("a.weight?nibbles=high"));
    expect(source.matrix("a.weight?nibbles=high").name).toBe("a.weight?nibbles=high");
    // The usual reading, spelled out, is the weight itself.
    expect(source.tensor("a.weight?nibbles=low").info.name).toBe("a.weight");
    expect(findTensor(source.info, "a.weight?nibbles=high")?.shape).toEqual([2, 64]);
    expect(findTensor(source.info, "a.weight_scale")?.shape).toEqual([2, 2]);
    expect(findTensor(source.info, "b.weight?nibbles=high")).toBeUndefined();
  });

  test("that does not exist is refused with those that do", async () => {
    const { source } = await all(writeNvfp4([2, 32], "modelopt", 3));
    expect(() => source.tensor("model.layers.1.o_proj.weight?nibbles=left")).toThrow(
      'model.layers.1.o_proj.weight has no reading "nibbles=left". There are nibbles=low|high, global=multiply|divide.',
    );
    expect(() => source.tensor("model.layers.1.o_proj.weight?order=low")).toThrow('has no reading "order=low"');
    expect(() => source.tensor("model.layers.1.o_proj.weight?nibbles=high&nibbles=low")).toThrow(
      'model.layers.1.o_proj.weight is told twice how to be read: "nibbles=high&nibbles=low" has nibbles more than once.',
    );
    expect(() => source.tensor("other?nibbles=high")).toThrow('model.safetensors has no tensor "other?nibbles=high".');
  });
});
