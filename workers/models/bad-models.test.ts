/** Models that cannot be run, and what is said of each. Their tensors can be explored nevertheless. */
import { describe, expect, test } from "vitest";
import { writeSafetensors } from "../checkpoints/safetensors/write.ts";
import { signal } from "./golden-for-test.ts";
import { openModel } from "./open.ts";
import {
  type Config,
  jsonBytes,
  llamaConfig,
  openTiny,
  safetensorsOf,
  type TinyTensor,
  tinyTensors,
  tinyTokenizer,
} from "./tiny-for-test.ts";
import { residence } from "./weights.ts";

const big: Config = { ...llamaConfig, vocab_size: 280 };

interface Change {
  config?: Config | null;
  tensors?: (tensors: TinyTensor[]) => TinyTensor[];
  tokenizer?: unknown;
  files?: Record<string, Uint8Array>;
}

async function open({ config = big, tensors = (all) => all, tokenizer = tinyTokenizer(), files = {} }: Change) {
  const source = await openTiny({
    "model.safetensors": safetensorsOf(tensors(tinyTensors(big))),
    ...(config && { "config.json": jsonBytes(config) }),
    ...(tokenizer !== null && { "tokenizer.json": jsonBytes(tokenizer) }),
    ...files,
  });
  expect(source.info.tensors.length).toBeGreaterThan(0);
  return openModel(source, signal);
}

test("as it is, nothing is wrong with it", async () => {
  const model = await open({});
  expect([...model.problems, ...model.notes]).toEqual([]);
});

describe("no model at all", () => {
  test.each<[string, Change, RegExp | string]>([
    [
      "without a config",
      { config: null },
      /^Nothing says how the model of model.safetensors is made: config.json was not given/,
    ],
    [
      "of an unknown family",
      { config: { ...big, model_type: "sorcery" } },
      /family "sorcery" cannot be run here, only explored/,
    ],
    ["of no family", { config: { hidden_size: 16 } }, /does not say of which family it is/],
    ["without a size", { config: { ...big, hidden_size: undefined } }, /does not say hidden_size/],
    [
      "with an unknown rotation",
      { config: { ...big, rope_scaling: { rope_type: "spiral" } } },
      /Rotary positions of the kind "spiral" are not known here/,
    ],
    [
      "with heads that do not divide",
      { config: { ...big, num_key_value_heads: 3 } },
      /3 heads of keys do not divide 4/,
    ],
  ])("%s", async (_, change, reason) => {
    await expect(open(change)).rejects.toThrow(reason);
  });

  test("with a config that is none", async () => {
    await expect(
      open({ config: null, files: { "config.json": new TextEncoder().encode('{"model_type":') } }),
    ).rejects.toThrow(/^config.json is no JSON/);
    await expect(open({ config: null, files: { "config.json": jsonBytes("x") } })).rejects.toThrow(
      "config.json holds no JSON object.",
    );
  });
});

describe("a model that cannot be run", () => {
  const without =
    (pattern: RegExp): NonNullable<Change["tensors"]> =>
    (all) =>
      all.filter(({ name }) => !pattern.test(name));

  test.each<[string, Change, RegExp[]]>([
    [
      "lacks a tensor",
      { tensors: without(/layers\.1\.mlp\.up/) },
      [/^This model \(Llama, 2 layers of width 16\) lacks model.layers.1.mlp.up_proj.weight\.$/],
    ],
    ["lacks a layer", { tensors: without(/layers\.1\./) }, [/^Layer 1 of this model .* is missing\.$/]],
    [
      "lacks layers and more",
      { config: { ...big, num_hidden_layers: 4 }, tensors: without(/^model\.norm/) },
      [/^Layers 2, 3 of this model .* are missing\.$/, /lacks model.norm.weight\.$/],
    ],
    [
      "has another shape",
      { config: { ...big, intermediate_size: 20 }, tensors: without(/layers\.1\./) },
      [
        /^Layer 1 /,
        /gate_proj.weight is of the shape \[24, 16\], where \[20, 16\] is needed\.$/,
        /up_proj/,
        /down_proj/,
      ],
    ],
    [
      "has an embedding of another vocabulary",
      { config: { ...big, vocab_size: 279 } },
      [/embed_tokens.weight is of the shape \[280, 16\], where \[279, 16\]/, /lm_head.weight is of the shape/],
    ],
    [
      "has no tokenizer",
      { tokenizer: null },
      [/^There is no tokenizer: tokenizer.json was not given with model.safetensors/],
    ],
    [
      "has a tokenizer of sorcery",
      { tokenizer: { model: { type: "BPE" } } },
      [/^tokenizer.json: the tokenizer cannot be used/],
    ],
    [
      "has the tokenizer of another",
      { tokenizer: tinyTokenizer(1000) },
      [/^The tokenizer has 1,000 tokens, and the embedding 280 rows: they are not of one model\.$/],
    ],
  ])("%s", async (_, change, reasons) => {
    const { problems } = await open(change);
    expect(problems).toHaveLength(reasons.length);
    for (const [i, reason] of reasons.entries()) expect(problems[i]).toMatch(reason);
  });
});

describe("what the reader is told", () => {
  test("a head that is stored though it is said to be the embedding", async () => {
    const tied = { ...big, tie_word_embeddings: true };
    const { notes, problems, parts } = await open({ config: tied });
    expect(problems).toEqual([]);
    expect(notes).toEqual([
      expect.stringMatching(
        /^The model's configuration says .* lm_head.weight is stored and differs from model.embed_tokens.weight \(row 0\)/,
      ),
    ]);
    expect(parts.has("lm_head.weight")).toBe(true);
    const same = await open({
      config: tied,
      tensors: (all) => {
        const embedding = all.find(({ name }) => name === "model.embed_tokens.weight")!;
        return all.map((one) => (one.name === "lm_head.weight" ? { ...one, values: embedding.values } : one));
      },
    });
    expect(same.notes).toEqual([]);
    const absent = await open({ config: tied, tensors: (all) => all.filter(({ name }) => name !== "lm_head.weight") });
    expect([...absent.notes, ...absent.problems, absent.parts.has("lm_head.weight")]).toEqual([false]);
  });

  test("tensors that the network has no place for", async () => {
    const extra = { name: "model.layers.0.self_attn.q_proj.bias", shape: [16], values: new Float32Array(16) };
    const buffer = { name: "model.layers.0.self_attn.rotary_emb.inv_freq", shape: [2], values: new Float32Array(2) };
    const { notes } = await open({ tensors: (all) => [...all, extra, buffer] });
    expect(notes).toEqual(["Not used by the network: model.layers.0.self_attn.q_proj.bias."]);
  });

  test("a tokenizer that has few of the tokens", async () => {
    const wide = { ...big, vocab_size: 3000 };
    const source = await openTiny({
      "model.safetensors": safetensorsOf(tinyTensors(wide)),
      "config.json": jsonBytes(wide),
      "tokenizer.json": jsonBytes(tinyTokenizer()),
    });
    const { notes } = await openModel(source, signal);
    expect(notes).toEqual([expect.stringMatching(/^The tokenizer has 257 tokens for the 3,000 rows/)]);
  });

  test("a tensor that cannot be read", async () => {
    const bytes = safetensorsOf(tinyTensors(big));
    const source = await openTiny({
      "model.safetensors": bytes.slice(0, bytes.length - 8),
      "config.json": jsonBytes(big),
      "tokenizer.json": jsonBytes(tinyTokenizer()),
    });
    const { problems } = await openModel(source, signal);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/model.safetensors/);
  });

  test("what does not fit a budget, with the size that would do", async () => {
    const model = await open({});
    const all = model.size("all").memory;
    expect(residence(model, all)).toEqual({ held: "whole", memory: all, whole: all });
    const least = model.size("ends").memory + model.size(0).memory;
    expect(residence(model, all - 1)).toEqual({ held: "a layer at a time", memory: least, whole: all });
    expect(() => residence(model, least - 1)).toThrow(
      /takes .* of memory, and .* a layer at a time; .* are allowed\.$/,
    );
    expect(residence(model, 3 * all, 3).held).toBe("whole");
  });
});

test("a folder is found whole, beside others that are no part of the model", async () => {
  const source = await openTiny({
    "hub/model.safetensors": safetensorsOf(tinyTensors(big)),
    "hub/config.json": jsonBytes(big),
    "hub/tokenizer.json": jsonBytes(tinyTokenizer()),
    "hub/extra/vision.safetensors": writeSafetensors([
      { name: "patch", dtype: "F32", shape: [2], bytes: new Uint8Array(8) },
    ]),
  });
  const model = await openModel(source, signal);
  expect(model.problems).toEqual([]);
  const [name] = [...model.parts.values()].map(({ stored }) => stored.tensor);
  expect(name).toBe("hub/model.safetensors/model.layers.0.input_layernorm.weight");
  expect((await model.weights(1, signal)).size).toBe(9);
});
