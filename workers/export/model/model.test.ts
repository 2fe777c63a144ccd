/** Checkpoints that are models, written as GGUF and read again: the same network, the same tokens. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { goldenModels, readGolden } from "../../../kernels/network/testing/golden.ts";
import { sharedFile } from "../../../kernels/testing/shared.ts";
import { placesOf } from "../../models/bind.ts";
import { openGoldenModel, openSampleModel, signal } from "../../models/golden-for-test.ts";
import type { Model } from "../../models/model.ts";
import { openModel } from "../../models/open.ts";
import { logitsOf } from "../../models/run-for-test.ts";
import {
  jsonBytes,
  llamaConfig,
  openTiny,
  safetensorsOf,
  tinyTensors,
  tinyTokenizer,
} from "../../models/tiny-for-test.ts";
import type { OpenSource } from "../../sources/open.ts";
import { openBytes, written } from "../write-for-test.ts";

const asGguf = async (source: OpenSource, recipe = "*=keep") => {
  const { bytes, summary } = await written(source, { format: "gguf", recipe });
  return { bytes, notes: summary.notes, back: await openBytes("model.gguf", bytes) };
};

/** Weights as the network wants them, of all places. */
async function sameWeights(a: Model, b: Model, tolerance = 0): Promise<void> {
  for (const of of placesOf(a.architecture)) {
    const [x, y] = [await a.weights(of, signal), await b.weights(of, signal)];
    expect([...y.keys()].sort()).toEqual([...x.keys()].sort());
    for (const [name, values] of x) {
      const other = y.get(name)!;
      if (tolerance === 0) expect(sameBytes(values, other), name).toBe(true);
      else expect(Math.max(...values.map((value, i) => Math.abs(value - other[i]))), name).toBeLessThan(tolerance);
    }
  }
}

const sameBytes = (a: Float32Array, b: Float32Array): boolean =>
  Buffer.compare(
    Buffer.from(a.buffer, a.byteOffset, a.byteLength),
    Buffer.from(b.buffer, b.byteOffset, b.byteLength),
  ) === 0;

const families = goldenModels();
/** What llama.cpp does not know, or computes in another way. */
const refused: Record<string, RegExp> = {
  opt: /llama.cpp knows no models of the family opt/,
  mistral: /of the family mistral/,
};

describe.skipIf(families.length === 0)("golden families (need the golden models)", () => {
  test.each(families)("%s", async (family) => {
    const source = await openGoldenModel(family);
    const { notes, back } = await asGguf(source);
    const refusal = refused[family];
    if (refusal) {
      expect(notes.join("\n")).toMatch(refusal);
      source.close();
      return;
    }
    expect(notes).toEqual([expect.stringMatching(/^written without a tokenizer, which llama.cpp needs to run it/)]);
    const [plain, again] = [await openModel(source, signal), await openModel(back, signal)];
    expect(again.problems).toEqual([expect.stringMatching(/^There is no tokenizer/)]);
    expect(again.writer).toBe("gguf");
    // One more or less than a gain rounds: gemma's gains are stored whole.
    await sameWeights(plain, again, family.startsWith("gemma") ? 1e-6 : 0);
    const { ids, last_logits: wanted } = readGolden(family).expected;
    const logits = await logitsOf(again, ids);
    const spread = Math.max(...wanted.map(Math.abs));
    for (const [i, one] of wanted.entries()) expect(Math.abs(one - logits[i]) / spread).toBeLessThan(1e-5);
    source.close();
    back.close();
  });
});

describe("the sample", () => {
  test("is a GGUF file with its tokenizer, whose weights are as many bits as before", async () => {
    const source = await openSampleModel();
    const { bytes, notes, back } = await asGguf(source);
    expect(notes).toEqual([]);
    const [plain, again] = [await openModel(source, signal), await openModel(back, signal)];
    expect([...again.problems, ...again.notes]).toEqual([]);
    await sameWeights(plain, again);
    expect(again.architecture.about).toBe(plain.architecture.about);
    expect(again.tokenizer).toMatchObject({ size: 4096, start: 0, addsStart: false });
    const text = readFileSync(new URL("../../../public/samples/small-llama/valid.txt", import.meta.url), "utf8").slice(
      0,
      5000,
    );
    for (const one of [text, " don't \n\n 1,234.5 — naïve café 日本", "a<|endoftext|>b"]) {
      expect([...again.tokenizer!.encode(one)]).toEqual([...plain.tokenizer!.encode(one)]);
      expect(again.tokenizer!.decode(again.tokenizer!.encode(one))).toBe(
        plain.tokenizer!.decode(plain.tokenizer!.encode(one)),
      );
    }
    // Matrices stay bfloat16; norms are float32, as ggml wants them.
    expect(again.parts.get("model.layers.0.self_attn.q_proj.weight")?.stored.bitsPerWeight).toBe(16);
    expect(again.parts.get("model.norm.weight")?.stored.bitsPerWeight).toBe(32);
    expect(bytes.length).toBeLessThan(2 * 5_770_496 + 400_000);
    source.close();
  });

  test("goes through rules that name its tensors as the source does", async () => {
    const source = await openSampleModel();
    const { back, notes } = await asGguf(source, "*mlp.down_proj*=q8_0;*q_proj*=q4_0;*=keep");
    expect(notes).toEqual([]);
    const types = new Map(back.info.tensors.map(({ name, dtype }) => [name, dtype]));
    expect(types.get("blk.3.ffn_down.weight")).toBe("Q8_0");
    expect(types.get("blk.3.attn_q.weight")).toBe("Q4_0");
    expect(types.get("blk.3.ffn_up.weight")).toBe("BF16");
    // A block of ggml's lies in a row: rows that stand in another order are the same blocks.
    const again = await openModel(back, signal);
    const values = (await again.weights(3, signal)).get("model.layers.3.self_attn.q_proj.weight")!;
    const own = await (await written(source, { format: "safetensors", recipe: "*q_proj*=q4_0;*=keep" })).bytes;
    const direct = await openBytes("own.safetensors", own);
    const tensor = direct.tensor("model.layers.3.self_attn.q_proj.weight");
    expect(sameBytes(values, await tensor.read(0, tensor.info.elements))).toBe(true);
    source.close();
  });
});

test.skipIf(!sharedFile("data/stories260K.f32.safetensors"))(
  "llama2.c's tokenizer is written too, and Meta's pairs stay as they are (needs stories260K)",
  async () => {
    const source = await openTiny({
      "stories.safetensors": readFileSync(sharedFile("data/stories260K.f32.safetensors")!),
      "tok512.bin": readFileSync(sharedFile("data/stories260K.tok512.bin")!),
      "params.json": jsonBytes({ dim: 64, n_layers: 5, n_heads: 8, n_kv_heads: 4, vocab_size: 512, norm_eps: 1e-5 }),
    });
    const { notes, back } = await asGguf(source);
    expect(notes).toEqual([]);
    const again = await openModel(back, signal);
    expect(again.problems).toEqual([]);
    const golden = JSON.parse(readFileSync(sharedFile("data/stories260K_golden.json")!, "utf8"));
    const tokens = [again.tokenizer!.start!, ...again.tokenizer!.encode(golden.prompt)];
    expect(tokens).toEqual(golden.prompt_ids);
    expect(again.tokenizer!.decode(golden.eval_ids)).toBe(golden.eval_text);
    const logits = await logitsOf(again, tokens);
    for (const [i, wanted] of golden.last_logits_first8.entries()) expect(logits[i]).toBeCloseTo(wanted, 4);
    const own = await source.tensor("layers.0.attention.wq.weight").read(0, 64);
    expect(await back.tensor("blk.0.attn_q.weight").read(0, 64)).toEqual(own);
  },
);

describe("what cannot be said", () => {
  const open = (config: object, tokenizer: object = tinyTokenizer()) =>
    openTiny({
      "model.safetensors": safetensorsOf(tinyTensors({ ...llamaConfig, vocab_size: 280 })),
      "config.json": jsonBytes({ ...llamaConfig, vocab_size: 280, ...config }),
      "tokenizer.json": jsonBytes(tokenizer),
    });
  const notes = async (config: object, tokenizer?: object) =>
    (await asGguf(await open(config, tokenizer))).notes.join("\n");

  test("llama3's rotation is a tensor of its own", async () => {
    const rope_scaling = {
      rope_type: "llama3",
      factor: 4,
      low_freq_factor: 1,
      high_freq_factor: 4,
      original_max_position_embeddings: 16,
    };
    const source = await open({ head_dim: 4, rope_scaling });
    const { back, notes } = await asGguf(source);
    expect(notes).toEqual([]);
    expect(back.info.tensors.some(({ name }) => name === "rope_freqs.weight")).toBe(true);
    const [a, b] = [await openModel(source, signal), await openModel(back, signal)];
    const [x, y] = [a, b].map(({ architecture }) => architecture.design(1).attention.rotation!.frequencies);
    expect(x[1]).not.toBeCloseTo(0.01, 4);
    for (const [i, frequency] of x.entries()) expect(y[i] / frequency).toBeCloseTo(1, 6);
  });

  test("Mistral is a Llama where it sees all, and none where it does not", async () => {
    const mistral = { model_type: "mistral", sliding_window: null };
    const { back, notes } = await asGguf(await open(mistral));
    expect(notes).toEqual([]);
    expect(back.info.metadata["general.architecture"]).toBe("llama");
    expect((await openModel(back, signal)).problems).toEqual([]);
    expect((await asGguf(await open({ ...mistral, sliding_window: 64 }))).notes).toEqual([]);
    expect((await asGguf(await open({ ...mistral, sliding_window: 63 }))).notes.join()).toMatch(
      /of the family mistral/,
    );
  });

  test("another rotation is told, and the tensors are written under their own names", async () => {
    const yarn = { rope_type: "yarn", factor: 4, original_max_position_embeddings: 16 };
    const source = await open({ rope_scaling: yarn });
    const { back, notes } = await asGguf(source);
    expect(notes.join()).toMatch(
      /the keys of GGUF do not say all of this model: .*amplitude.*: readers of GGUF list and read/,
    );
    expect(back.info.tensors[0].name).toMatch(/^model\.|^lm_head/);
  });

  test("a model that lacks something, and a tokenizer of another kind", async () => {
    expect(await notes({ num_hidden_layers: 3 })).toMatch(/Layer 2 of this model .* is missing: readers of GGUF/);
    const digits = { ...tinyTokenizer(), pre_tokenizer: { type: "Sorcery" } };
    expect(await notes({}, digits)).toMatch(
      /written without a tokenizer, .*: there is none beside the source that can be used/,
    );
    const split = { type: "Split", pattern: { Regex: "[a-c]+" }, behavior: "Isolated", invert: false };
    const own = {
      type: "Sequence",
      pretokenizers: [split, { type: "ByteLevel", add_prefix_space: false, use_regex: false }],
    };
    expect(await notes({}, { ...tinyTokenizer(), pre_tokenizer: own })).toMatch(
      /its way of cutting text has no name in GGUF/,
    );
  });
});
