import { expect, test } from "vitest";
import { TensorCache } from "../tensors/cache.ts";
import { openSampleModel, signal } from "./golden-for-test.ts";
import { openModel } from "./open.ts";
import { logitsOf } from "./run-for-test.ts";
import {
  type Config,
  jsonBytes,
  llamaConfig,
  openTiny,
  safetensorsOf,
  tinyTensors,
  tinyTokenizer,
} from "./tiny-for-test.ts";
import { openTwin } from "./twin.ts";
import { parseTwin, printTwin, usualTwin } from "./twin-spec.ts";

const twinOf = async (config: Config, text: string) => {
  const files = {
    "model.safetensors": safetensorsOf(tinyTensors(config)),
    "config.json": jsonBytes(config),
    "tokenizer.json": jsonBytes(tinyTokenizer()),
  };
  const plain = await openModel(await openTiny(files), signal);
  const twin = await openModel(await openTwin(await openTiny(files), text, new TensorCache(), signal), signal);
  return { plain, twin };
};

/** sum over channels of gain x weight, for each output: what the twin must leave as it is, to the bit. */
function products(gains: Float32Array, weight: Float32Array, plusOne = false): Float32Array {
  return weight.map((value, i) => {
    const gain = gains[i % gains.length];
    return Math.fround((plusOne ? Math.fround(1 + gain) : gain) * value);
  });
}

const families: [string, Config, [norm: string, readers: string[]][], boolean?][] = [
  [
    "llama",
    { ...llamaConfig, vocab_size: 280 },
    [
      [
        "model.layers.1.input_layernorm.weight",
        ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"].map((m) => `model.layers.1.${m}.weight`),
      ],
      [
        "model.layers.0.post_attention_layernorm.weight",
        ["mlp.gate_proj", "mlp.up_proj"].map((m) => `model.layers.0.${m}.weight`),
      ],
    ],
  ],
  [
    "gpt2, whose weights are stored inputs x outputs",
    { model_type: "gpt2", n_embd: 16, n_head: 2, n_layer: 2, n_positions: 32, vocab_size: 280 },
    [["transformer.h.1.ln_2.weight", ["transformer.h.1.mlp.c_fc.weight"]]],
  ],
  [
    "gemma2, whose gains are one more than what is stored",
    {
      ...llamaConfig,
      model_type: "gemma2",
      head_dim: 4,
      query_pre_attn_scalar: 4,
      vocab_size: 280,
      tie_word_embeddings: true,
    },
    [["model.layers.0.input_layernorm.weight", ["model.layers.0.self_attn.q_proj.weight"]]],
    true,
  ],
];

test.each(families)("computes the same function: %s", async (_, config, places, plusOne) => {
  const { plain, twin } = await twinOf(config, "channels=3,power=6,seed=9");
  expect(twin.source.info.label).toBe("model.safetensors, twin with outliers");
  expect(twin.problems).toEqual([]);
  for (const [norm, readers] of places) {
    const of = Number(/\.(\d)\./.exec(norm)![1]);
    const [before, after] = [await plain.weights(of, signal), await twin.weights(of, signal)];
    const [gains, outliers] = [before.get(norm)!, after.get(norm)!];
    const factor = (i: number) =>
      plusOne ? Math.fround(1 + outliers[i]) / Math.fround(1 + gains[i]) : outliers[i] / gains[i];
    const factors = [...gains.keys()].map(factor);
    expect(factors.filter((f) => f === 64)).toHaveLength(3);
    expect(factors.filter((f) => f === 1)).toHaveLength(gains.length - 3);
    for (const reader of readers) {
      expect(products(outliers, after.get(reader)!, plusOne)).toEqual(products(gains, before.get(reader)!, plusOne));
      expect(after.get(reader)).not.toEqual(before.get(reader));
    }
    const others = [...before.keys()].filter((name) => /down_proj|c_proj|o_proj/.test(name));
    for (const other of others) expect(after.get(other)).toEqual(before.get(other));
  }
  // Biases of a layer norm go with its gains.
  const bias = "transformer.h.1.ln_2.bias";
  if (twin.parts.has(bias)) {
    const [before, after] = [await plain.weights(1, signal), await twin.weights(1, signal)];
    const moved = [...after.get(bias)!].filter((value, i) => value !== before.get(bias)![i]);
    expect(moved).toHaveLength(3);
  }
});

test("every norm has outliers of its own, by seed, and matrices show them", async () => {
  const source = await openTwin(await openSampleModel(), "channels=2,seed=7", new TensorCache(), signal);
  const plain = await openSampleModel();
  const channels = async (layer: number) => {
    const name = `model.layers.${layer}.input_layernorm.weight`;
    const [a, b] = [await plain.matrix(name).read(0, 1), await source.matrix(name).read(0, 1)];
    return [...b.keys()].filter((i) => b[i] !== a[i]).map((i) => [i, b[i] / a[i]]);
  };
  const [first, second] = [await channels(0), await channels(1)];
  expect(first.map(([, factor]) => factor)).toEqual([32, 32]);
  expect(second).not.toEqual(first);
  expect(source.info.notes.at(-1)).toMatch(
    /^Twin with outliers: 2 channels .* same function \(channels=2,power=5,seed=7\)\.$/,
  );
  // The files beside it are still there: it is run with the same tokenizer.
  expect((await openModel(source, signal)).problems).toEqual([]);
  plain.close();
  source.close();
});

test("the sample's twin gives the same logits, whatever its channels", async () => {
  const plain = await openModel(await openSampleModel(), signal);
  const twin = await openModel(await openTwin(await openSampleModel(), "power=9", new TensorCache(), signal), signal);
  const tokens = [0, ...plain.tokenizer!.encode("Fellow citizens of the Senate")];
  // Sums differ by nothing either: every product is the same number.
  expect(await logitsOf(twin, tokens)).toEqual(await logitsOf(plain, tokens));
  plain.source.close();
  twin.source.close();
});

test("its text is read and printed, and mistakes have a sentence", () => {
  expect(parseTwin("")).toEqual(usualTwin);
  expect(printTwin(usualTwin)).toBe("channels=4,power=5,seed=1");
  expect(parseTwin(printTwin({ channels: 3, power: 2, seed: 5 }))).toEqual({ channels: 3, power: 2, seed: 5 });
  for (const wrong of ["channels=0", "power=65", "seed=x", "gain=2", "channels", "seed=1=2", "power=1.5"]) {
    expect(() => parseTwin(wrong)).toThrow(`and "${wrong}" is none of these`);
  }
});

test("models without such a twin are refused", async () => {
  const olmo2 = { ...llamaConfig, model_type: "olmo2", vocab_size: 280 };
  await expect(twinOf(olmo2, "")).rejects.toThrow(/has no norms with gains before its linear layers/);
  await expect(twinOf({ ...llamaConfig, vocab_size: 280 }, "channels=17")).rejects.toThrow(
    /17 channels: .* has 16 of them/,
  );
  await expect(twinOf({ ...llamaConfig, model_type: "x" }, "")).rejects.toThrow(/family "x"/);
});
