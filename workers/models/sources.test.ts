/** Models as they lie elsewhere: on a server, in shards, quantized, in PyTorch's folder names. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { written } from "../export/write-for-test.ts";
import { openUrl } from "../sources/open.ts";
import { startServer, type TestServer } from "../sources/remote/server-for-test.ts";
import { TensorCache } from "../tensors/cache.ts";
import { signal } from "./golden-for-test.ts";
import { openModel } from "./open.ts";
import { jsonBytes, llamaConfig, openTiny, safetensorsOf, tinyTensors, tinyTokenizer } from "./tiny-for-test.ts";

const config = { ...llamaConfig, hidden_size: 32, intermediate_size: 64, num_attention_heads: 4, vocab_size: 280 };
const tensors = tinyTensors(config);

let server: TestServer;
beforeAll(async () => {
  const half = Math.ceil(tensors.length / 2);
  const shards = { "a.safetensors": tensors.slice(0, half), "b.safetensors": tensors.slice(half) };
  const weight_map = Object.fromEntries(
    Object.entries(shards).flatMap(([file, those]) => those.map(({ name }) => [name, file])),
  );
  server = await startServer({
    "/m/model.safetensors.index.json": jsonBytes({ metadata: {}, weight_map }),
    "/m/a.safetensors": safetensorsOf(shards["a.safetensors"]),
    "/m/b.safetensors": safetensorsOf(shards["b.safetensors"]),
    "/m/config.json": jsonBytes(config),
    "/m/tokenizer.json": jsonBytes(tinyTokenizer()),
  });
});
afterAll(() => server.close());

test("on a server, what tells of it is found beside its shards, and a layer is read without the others", async () => {
  const source = await openUrl(`${server.base}/m/model.safetensors.index.json`, "s", { cache: new TensorCache() });
  const model = await openModel(source, signal);
  expect([...model.problems, ...model.notes]).toEqual([]);
  const before = server.sent;
  const weights = await model.weights(1, signal);
  const size = model.size(1);
  expect(size.read).toBe(size.memory);
  // Reads of a tensor take its bytes; small ones come in blocks that are kept.
  expect(server.sent - before).toBeLessThan(2 * size.read + 2 * 65_536);
  const wanted = tensors.find(({ name }) => name === "model.layers.1.mlp.up_proj.weight")!;
  expect(weights.get(wanted.name)).toEqual(wanted.values);
  source.close();
});

test("reading a layer can be cancelled", async () => {
  const source = await openTiny({ "model.safetensors": safetensorsOf(tensors), "config.json": jsonBytes(config) });
  const model = await openModel(source, signal);
  const cancelled = AbortSignal.abort();
  await expect(model.weights(0, cancelled)).rejects.toThrow(expect.objectContaining({ name: "AbortError" }));
});

test("only what is replaced is read and given, where a recipe is put through", async () => {
  const source = await openTiny({ "model.safetensors": safetensorsOf(tensors), "config.json": jsonBytes(config) });
  const model = await openModel(source, signal);
  const asked: string[] = [];
  const weights = await model.weights(0, signal, async (stored, read) => {
    asked.push(stored.tensor);
    return /up_proj/.test(stored.tensor) ? (await read()).map((value) => 2 * value) : null;
  });
  expect([...weights.keys()]).toEqual(["model.layers.0.mlp.up_proj.weight"]);
  expect(asked).toHaveLength(9);
  const wanted = tensors.find(({ name }) => name === "model.layers.0.mlp.up_proj.weight")!;
  expect(weights.get(wanted.name)).toEqual(wanted.values.map((value) => 2 * value));
  await expect(model.weights(0, signal, async () => new Float32Array(3))).rejects.toThrow(/3 values for a/);
});

test("a quantized checkpoint runs as it is decoded", async () => {
  const plain = await openTiny({ "model.safetensors": safetensorsOf(tensors), "config.json": jsonBytes(config) });
  const packed = await written(plain, { format: "compressed-tensors", recipe: "*proj*=int4/32;*=keep" });
  const { config: said } = packed.summary;
  const source = await openTiny({
    "model.safetensors": packed.bytes,
    "config.json": jsonBytes({ ...config, ...JSON.parse(said!) }),
    "tokenizer.json": jsonBytes(tinyTokenizer()),
  });
  const model = await openModel(source, signal);
  expect([...model.problems, ...model.notes]).toEqual([]);
  const { stored } = model.parts.get("model.layers.1.self_attn.v_proj.weight")!;
  expect(stored.tensor).toBe("model.layers.1.self_attn.v_proj.weight");
  expect(stored.bitsPerWeight).toBeGreaterThan(4);
  expect(stored.bitsPerWeight).toBeLessThan(8);
  const values = (await model.weights(1, signal)).get("model.layers.1.self_attn.v_proj.weight")!;
  expect(values).toEqual(await source.tensor(stored.tensor).read(0, values.length));
  const original = tensors.find(({ name }) => name === stored.tensor)!.values;
  const worst = Math.max(...values.map((value, i) => Math.abs(value - original[i])));
  expect(worst).toBeGreaterThan(0);
  expect(worst).toBeLessThan(0.25 / 7 / 2 + 0.01);
});
