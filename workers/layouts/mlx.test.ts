import { describe, expect, test } from "vitest";
import { openWritten, without } from "../testing/open-written.ts";
import type { Written } from "./for-test/bits.ts";
import { writeGemv, writeMlx, writeMlxMode } from "./for-test/mlx.ts";

async function expectDecoded(written: Written, withConfig = true) {
  const { info, tensor } = await openWritten(written, withConfig);
  const weight = tensor(written.name);
  const elements = written.shape.reduce((a, b) => a * b, 1);
  expect(weight.info).toMatchObject({ shape: written.shape, stored: { kind: { layout: written.layout } } });
  expect([...(await weight.read(0, elements))]).toEqual(Array.from({ length: elements }, (_, i) => written.value(i)));
  return { info, kind: weight.info.stored!.kind };
}

const withConfig = (written: Written, json: unknown): Written => ({
  ...written,
  config: { name: "config.json", json },
});

describe("MLX", () => {
  test.each([2, 3, 4, 5, 6, 8])("%d bits, in every size of groups", async (bits) => {
    for (const group of [32, 64, 128]) {
      const written = writeMlx([3, 2 * group], bits, group, bits * group, group === 64);
      const { kind, info } = await expectDecoded(written);
      expect(kind).toMatchObject({
        source: "config.json",
        recipe: `int${bits}(asym)/${group}${group === 64 ? ":bf16" : ":f16"}`,
      });
      expect(info.tensors).toHaveLength(1);
      expect(info.tensors[0].stored!.bitsPerWeight).toBeCloseTo(bits + 32 / group, 10);
    }
  });

  test("experts one below the other, read in pieces", async () => {
    const written = writeMlx([3, 5, 128], 3, 64, 1);
    const { tensor } = await openWritten(written);
    expect([...(await tensor(written.name).read(700, 1300))]).toEqual(
      Array.from({ length: 600 }, (_, i) => written.value(700 + i)),
    );
  });

  test.each(["mxfp4", "mxfp8", "nvfp4"] as const)("its mode %s, with and without a configuration", async (mode) => {
    const written = writeMlxMode([4, 64], mode, 3);
    expect((await expectDecoded(written)).kind.source).toBe("config.json");
    expect((await expectDecoded(written, false)).kind.source).toBeNull();
    const { kind } = await expectDecoded(
      withConfig(written, { quantization: { group_size: 64, bits: 4, mode: "secret" } }),
    );
    expect(kind.doubt).toBe(`The configuration says mode "secret", which its tensors do not have: read as ${mode}`);
  });

  test("a module of its own bits in the configuration", async () => {
    const written = writeMlx([2, 128], 6, 32, 1);
    const quantization = { group_size: 64, bits: 4, "m.q_proj": { group_size: 32, bits: 6 }, "m.lm_head": false };
    expect((await expectDecoded(withConfig(written, { quantization }))).kind.doubt).toBeUndefined();
    // The same, as its conversions write it twice.
    const twice = withConfig(written, { quantization, quantization_config: quantization });
    expect((await expectDecoded(twice)).kind).toMatchObject({ source: "config.json" });
  });

  test("where the configuration contradicts the tensors, what fits is read and told", async () => {
    const written = writeMlx([2, 128], 8, 64, 1);
    const { kind } = await expectDecoded(withConfig(written, { quantization: { group_size: 64, bits: 4 } }));
    expect(kind.doubt).toBe(
      "The configuration says 4 bits in groups of 64, which its tensors do not have: read as 8 bits in groups of 64",
    );
  });

  test("where nothing says how many bits, the usual size of groups is taken and told", async () => {
    const { kind } = await expectDecoded(writeMlx([2, 128], 4, 64, 1), false);
    expect(kind.doubt).toBe(
      "No configuration says how many bits its codes have: read as 4 bits in groups of 64, of 3 ways that fit",
    );
  });

  const bad: [string, Written, string][] = [
    [
      "no biases",
      without(writeMlx([2, 128], 4, 64, 1), "biases"),
      "m.q_proj.scales looks like MLX and is shown as stored: it has no biases, and 256 bits a scale in F16 are none of mxfp4, mxfp8, nvfp4.",
    ],
    [
      "scales of another weight",
      {
        ...writeMlx([2, 128], 4, 64, 1),
        tensors: writeMlx([2, 128], 4, 64, 1).tensors.map((t) =>
          t.name.endsWith("scales") ? { ...t, shape: [4, 1] } : t,
        ),
      },
      "m.q_proj.scales looks like MLX and is shown as stored: m.q_proj.scales is [4, 1], where the shape of its codes asks for [2, 1].",
    ],
    [
      "groups that are no groups",
      {
        ...writeMlx([2, 128], 4, 64, 1),
        tensors: writeMlx([2, 128], 4, 64, 1).tensors.map((t) =>
          t.name.endsWith("weight") ? t : { ...t, shape: [2, 7], bytes: new Uint8Array(28) },
        ),
      },
      "m.q_proj.scales looks like MLX and is shown as stored: m.q_proj.scales has a scale for each 73.14285714285714 bits of codes, which are no group of MLX's.",
    ],
  ];
  test.each(bad)("%s: shown as stored, with the reason and a warning", async (_, written, sentence) => {
    const { info } = await openWritten(written);
    expect(info.notes).toEqual([sentence]);
    expect(info.tensors.find(({ name }) => name.endsWith("weight"))?.warning).toContain("U32 codes as they are stored");
  });
});

describe('AWQ\'s "gemv"', () => {
  test.each([
    [4, 64, 64],
    [16, 128, 64],
    [3, 640, 64],
    [8, 256, 32],
  ])("of %d outputs, %d inputs, groups of %d", async (out, inputs, group) => {
    const { kind } = await expectDecoded(writeGemv({ out, inputs, group }, out));
    expect(kind.source).toBe("config.json");
  });

  test("asks for the configuration that alone tells its groups", async () => {
    const { info } = await openWritten(writeGemv({ out: 4, inputs: 128, group: 64 }, 1), false);
    expect(info.notes[0]).toBe(
      'm.fc.qweight looks like AWQ and is shown as stored: it has the shapes of AWQ\'s "gemv", whose size of groups stands in a configuration: give its config.json, too.',
    );
    expect(info.tensors.find(({ name }) => name.endsWith("qweight"))?.warning).toBeDefined();
  });

  test("refuses groups that its scales do not have", async () => {
    const written = writeGemv({ out: 4, inputs: 640, group: 64 }, 1);
    const json = { quantization_config: { quant_method: "awq", group_size: 32, version: "gemv" } };
    const { info } = await openWritten({ ...written, config: { name: "config.json", json } });
    expect(info.notes[0]).toBe(
      "m.fc.qweight looks like AWQ and is shown as stored: m.fc.scales has 16 scales a row, where 640 inputs have 20 groups of 32.",
    );
  });
});
