import { describe, expect, it } from "vitest";
import { type ByteSource, memorySource } from "../../bytes/byte-source.ts";
import { writeGguf } from "../../checkpoints/gguf/write-for-test.ts";
import { UserError } from "../../errors/user-error.ts";
import { openCalibration } from "../open.ts";
import { ggufWeightName } from "./names.ts";
import { isImatrixFile, openImatrix } from "./open.ts";
import { datImatrix, ggufImatrix, type TestEntry } from "./write-for-test.ts";

const control = { signal: new AbortController().signal, progress: () => {} };
const cols = 4;
const dense: TestEntry = { name: "blk.0.attn_q.weight", sums: [[3, 6, 0, 1.5]], counts: [3] };
const other: TestEntry = { name: "blk.1.ffn_down.weight", sums: [[1, 2, 3, 4]], counts: [3] };
const experts: TestEntry = {
  name: "blk.0.ffn_gate_exps.weight",
  sums: [
    [10, 20, 30, 40],
    [0, 0, 0, 0],
    [2, 2, 2, 6],
  ],
  counts: [10, 0, 2],
};

const file = (bytes: Uint8Array, name = "im.dat"): ByteSource => memorySource(name, bytes);
const open = (bytes: Uint8Array, kind: "imatrix" | null = "imatrix") =>
  openCalibration([file(bytes)], kind, "im.dat", control.signal);
const read = async (bytes: Uint8Array, weight: string, n = cols) =>
  (await open(bytes)).of({ name: weight, cols: n }, control);

describe.each([
  ["GGUF", ggufImatrix],
  ["older", datImatrix],
])("the %s form", (form, write) => {
  it("gives mean squares by column, as llama-quantize divides them", async () => {
    const found = await read(write([dense, other]), "blk.0.attn_q.weight");
    expect([...found.meanSquare!]).toEqual([1, 2, 0, 0.5]);
    expect([found.cols, found.tokens, found.experts, found.notes]).toEqual([
      cols,
      form === "GGUF" ? 3 : null,
      undefined,
      [],
    ]);
    expect(found.source).toMatchObject({ kind: "imatrix", name: "im.dat: blk.0.attn_q.weight" });
    expect(found.source.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(found.gram).toBeNull();
  });

  it("divides in float32", async () => {
    const thirds = { ...dense, sums: [[1, 2, 16777217, 5e-45]] };
    const found = await read(write([thirds]), dense.name);
    const sums = Float32Array.from(thirds.sums[0]);
    expect([...found.meanSquare!]).toEqual(Array.from(sums, (sum) => Math.fround(sum / 3)));
  });

  it("is known without being named, and lists its weights and its making", async () => {
    const bytes = write([dense, other]);
    expect(await isImatrixFile(file(bytes))).toBe(true);
    const { info, has } = await open(bytes, null);
    expect(info).toMatchObject({ kind: "imatrix", label: "im.dat", arrays: [dense.name, other.name], notes: [] });
    expect(info.fingerprints).toHaveLength(1);
    expect(await openImatrix(file(bytes))).toMatchObject({ chunks: 7, chunkTokens: form === "GGUF" ? 512 : null });
    expect([has(other.name), has("blk.2.ffn_down.weight")]).toEqual([true, false]);
  });

  it("is found for a checkpoint of Transformers by the name that converters give", async () => {
    const set = await open(write([dense, other]));
    expect((await set.of({ name: "model.layers.1.mlp.down_proj.weight", cols }, control)).source.name).toBe(
      "im.dat: blk.1.ffn_down.weight",
    );
    await expect(set.of({ name: "model.layers.1.mlp.up_proj.weight", cols }, control)).rejects.toThrow(
      "im.dat has nothing of the inputs of model.layers.1.mlp.up_proj.weight.",
    );
  });

  it("says its own width to a weight of another", async () => {
    expect((await read(write([dense, other]), dense.name, 2)).cols).toBe(cols);
    expect((await read(write([dense, other]), dense.name, 8)).cols).toBe(cols);
  });

  it("refuses sums that are none", async () => {
    for (const [sum, told] of [
      [Number.NaN, "NaN"],
      [-1, "-1"],
      [Infinity, "Infinity"],
    ] as const) {
      await expect(read(write([{ ...dense, sums: [[1, 1, sum, 1]] }]), dense.name)).rejects.toThrow(
        `im.dat: the sum of squares of column 2 of blk.0.attn_q.weight is ${told}, which no sum of squares is. The file is damaged, or the model gave NaN or Inf.`,
      );
    }
  });

  it("never fails otherwise than with a sentence, wherever it is cut or changed", async () => {
    const whole = write([dense, experts]);
    const tryIt = async (bytes: Uint8Array) => {
      try {
        const set = await open(bytes);
        for (const name of set.info.arrays) await set.of({ name, cols }, control);
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
      }
    };
    for (let size = 0; size < whole.length; size++) await tryIt(whole.slice(0, size));
    for (let at = 0; at < whole.length; at++) {
      for (const value of [0, 1, 0x7f, 0xff]) {
        const changed = whole.slice();
        changed[at] = value;
        await tryIt(changed);
      }
    }
  });
});

describe("experts", () => {
  it("of the GGUF form have sums and counts of their own; one without tokens is told, and counts 1 a column", async () => {
    const found = await read(ggufImatrix([dense, experts]), experts.name);
    expect([...found.experts!.meanSquare]).toEqual([1, 2, 3, 4, 1, 1, 1, 1, 1, 1, 1, 3]);
    expect([found.experts!.count, found.cols, found.tokens]).toEqual([3, cols, 12]);
    expect(Array.from(found.meanSquare!, (m) => m * 12)).toEqual([12, 22, 32, 46]);
    expect(found.notes).toEqual(["1 of 3 experts met no token: their columns count alike"]);
  });

  it("of the older form share a count, and are as many as the columns leave room for", async () => {
    const found = await read(datImatrix([{ ...experts, counts: [2] }]), experts.name);
    expect(found.experts!.count).toBe(3);
    expect([...found.experts!.meanSquare]).toEqual([5, 10, 15, 20, 0, 0, 0, 0, 1, 1, 1, 3]);
    expect([...found.meanSquare!]).toEqual([2, 11 / 3, 16 / 3, 23 / 3]);
    // Another weight than one of experts has as many columns as sums.
    expect(
      (await read(datImatrix([{ ...experts, name: "blk.0.ffn_gate.weight", counts: [2] }]), "blk.0.ffn_gate.weight"))
        .cols,
    ).toBe(12);
  });

  it("without any token are none to weigh by", async () => {
    await expect(read(ggufImatrix([{ ...dense, counts: [0] }]), dense.name)).rejects.toThrow("no token was counted.");
    const raw = await read(datImatrix([{ ...dense, counts: [0] }]), dense.name);
    expect([...raw.meanSquare!]).toEqual([3, 6, 0, 1.5]);
  });
});

describe("sums of the inputs themselves", () => {
  it("give means, over the tokens of all experts", async () => {
    const found = await read(ggufImatrix([{ ...dense, plain: [3, -6, 0, 1.5] }]), dense.name);
    expect([...found.mean!]).toEqual([1, -2, 0, 0.5]);
    const plain = [10, 20, 30, 40, 0, 0, 0, 0, 2, 4, 6, 8];
    const mixed = await read(ggufImatrix([{ ...experts, plain }]), experts.name);
    expect(Array.from(mixed.mean!, (m) => Math.round(m * 12))).toEqual([12, 24, 36, 48]);
    expect((await read(ggufImatrix([dense]), dense.name)).mean).toBeNull();
  });

  it("that are none, or too few, are told", async () => {
    await expect(read(ggufImatrix([{ ...dense, plain: [1, Number.NaN, 1, 1] }]), dense.name)).rejects.toThrow(
      "im.dat: the sum of inputs of column 1 of blk.0.attn_q.weight is NaN. The file is damaged.",
    );
    await expect(read(ggufImatrix([{ ...dense, plain: [1, 1] }]), dense.name)).rejects.toThrow(
      "im.dat: blk.0.attn_q.weight has 2 sums of inputs for 4 of their squares.",
    );
  });
});

describe("a damaged GGUF form", () => {
  it.each([
    [
      "without a partner",
      (t) => t.slice(0, 1),
      "im.dat: blk.0.attn_q.weight.in_sum2 stands without blk.0.attn_q.weight.counts: both make an entry.",
    ],
    [
      "with counts alone",
      (t) => t.slice(1),
      "im.dat: blk.0.attn_q.weight.counts stands without blk.0.attn_q.weight.in_sum2: both make an entry.",
    ],
    [
      "of another type",
      (t) => [{ ...t[0], type: "F16", dims: [8] }, t[1]],
      "im.dat: blk.0.attn_q.weight.in_sum2 is stored as F16; sums and counts are F32.",
    ],
    [
      "with sums that no count divides",
      (t) => [t[0], { ...t[1], dims: [1, 3], bytes: new Uint8Array(12) }],
      "im.dat: blk.0.attn_q.weight has 4 sums for 3 counts, which is no whole number each.",
    ],
    [
      "beyond the file",
      (t) => [t[0], { ...t[1], offset: 4096 }],
      'im.dat: tensor "blk.0.attn_q.weight.counts" should take bytes',
    ],
  ] as [string, Parameters<typeof ggufImatrix>[1] & object, string][])("%s says so", async (_, change, told) => {
    await expect(read(ggufImatrix([dense], change), dense.name)).rejects.toThrow(told);
  });

  it.each([
    [Number.NaN, "NaN"],
    [-2, "-2"],
    [Infinity, "Infinity"],
  ])("with %d tokens says so", async (count, told) => {
    await expect(read(ggufImatrix([{ ...dense, counts: [count] }]), dense.name)).rejects.toThrow(
      `im.dat: count 0 of blk.0.attn_q.weight is ${told}, and tokens are counted from 0 on.`,
    );
  });

  it("without entries says so, and a model is none", async () => {
    const none = writeGguf({ metadata: [["general.type", "string", "imatrix"]], tensors: [] });
    await expect(open(none)).rejects.toThrow("im.dat: the importance matrix has no entries.");
    const model = writeGguf({ tensors: [{ name: "w", dims: [4], type: "F32", bytes: new Uint8Array(16) }] });
    expect(await isImatrixFile(file(model))).toBe(false);
  });
});

describe("a damaged older form", () => {
  it.each([
    ["no entries", datImatrix([dense], { count: 0 }), "im.dat: the importance matrix has 0 entries."],
    [
      "more entries than bytes",
      datImatrix([dense], { count: 9999 }),
      "im.dat: the importance matrix announces 9999 entries, for which the 69 bytes after it are too few. The file was cut off, or is none.",
    ],
    [
      "fewer bytes than an entry's sums",
      datImatrix([dense], { end: false }).slice(0, -2),
      "im.dat: blk.0.attn_q.weight should have 4 sums of 4 bytes from byte 35 on, and the file ends at byte 49. It was cut off, or the number is wrong.",
    ],
    ["no chunks", datImatrix([{ ...dense, counts: [-1] }]), "im.dat: blk.0.attn_q.weight was computed on -1 chunks."],
    [
      "no sums",
      datImatrix([{ ...dense, sums: [[]] }, other]),
      "im.dat: blk.0.attn_q.weight has 0 sums; it takes one a column.",
    ],
    [
      "a name without end",
      (() => {
        const bytes = datImatrix([dense]);
        bytes.set([0xff, 0xff, 0xff, 0x7f], 4);
        return bytes;
      })(),
      "im.dat: the name of entry 1 of 1 is 2147483647 bytes long at byte 4; 1 to 1024 are possible. The file is damaged.",
    ],
  ])("with %s says so", async (_, bytes, told) => {
    await expect(open(bytes)).rejects.toThrow(told);
  });

  it("says which entry is there twice, and takes the last", async () => {
    const twice = datImatrix([dense, { ...dense, sums: [[9, 9, 9, 9]] }]);
    const set = await open(twice);
    expect(set.info.notes).toEqual(["im.dat: blk.0.attn_q.weight is in the file twice; the last one counts."]);
    expect([...(await set.of({ name: dense.name, cols }, control)).meanSquare!]).toEqual([3, 3, 3, 3]);
  });

  it("may end before its text", async () => {
    const { chunks, datasets } = await openImatrix(file(datImatrix([dense], { end: false })));
    expect([chunks, datasets]).toEqual([null, []]);
  });

  it("is one file", async () => {
    const two = [file(datImatrix([dense])), file(datImatrix([other]), "b.dat")];
    await expect(openCalibration(two, "imatrix", "folder", control.signal)).rejects.toThrow(
      "folder: an importance matrix is one file, and these are 2.",
    );
  });
});

it("knows weights of Transformers by their names in GGUF", () => {
  expect(ggufWeightName("model.layers.12.self_attn.o_proj.weight")).toBe("blk.12.attn_output.weight");
  expect(ggufWeightName("lm_head.weight")).toBe("output.weight");
  expect(ggufWeightName("model.embed_tokens.weight")).toBeNull();
  expect(ggufWeightName("layers.0.self_attn.toString")).toBeNull();
});
