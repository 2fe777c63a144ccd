import { describe, expect, test } from "vitest";
import { matrixOf } from "../../kernels/testing/matrix.ts";
import { reorderRows } from "../runs/rows.ts";
import type { SourceInfo } from "../sources/info.ts";
import type { TensorInfo } from "../tensors/info.ts";
import { defaultView } from "../tensors/tensor.ts";
import { commonName } from "./names.ts";
import { pairTensors } from "./pair.ts";

const tensor = (name: string, shape: number[], dtype = "F32", bits = 32): TensorInfo => {
  const elements = shape.reduce((a, b) => a * b, 1);
  const bytes = { file: "f", begin: 0, end: (elements * bits) / 8 };
  return { name, dtype, shape, elements, bytes, view: defaultView(shape) };
};
/** The pairs of all tensors of `a`, by name. */
function allPairs(a: SourceInfo, b: SourceInfo, chosen?: Record<string, string>) {
  const pairing = pairTensors(a, b, chosen);
  return new Map(
    a.tensors.flatMap((t) => {
      const partner = pairing.partner(t);
      return partner ? [[t.name, partner] as const] : [];
    }),
  );
}
const source = (id: string, tensors: TensorInfo[], metadata: Record<string, string> = {}): SourceInfo => ({
  id,
  label: id,
  kind: "safetensors",
  tensors,
  notes: [],
  fingerprints: [],
  metadata,
});

describe("one name for a tensor in every home", () => {
  test.each([
    ["model.layers.3.self_attn.q_proj.weight", "blk.3.attn_q.weight", "layers.3.attention.wq.weight"],
    ["model.layers.3.self_attn.o_proj.weight", "blk.3.attn_output.weight", "layers.3.attention.wo.weight"],
    ["model.layers.0.mlp.gate_proj.weight", "blk.0.ffn_gate.weight", "layers.0.feed_forward.w1.weight"],
    ["model.layers.0.mlp.up_proj.weight", "blk.0.ffn_up.weight", "layers.0.feed_forward.w3.weight"],
    ["model.layers.0.mlp.down_proj.weight", "blk.0.ffn_down.weight", "layers.0.feed_forward.w2.weight"],
    ["model.layers.11.input_layernorm.weight", "blk.11.attn_norm.weight", "layers.11.attention_norm.weight"],
    ["model.layers.11.post_attention_layernorm.weight", "blk.11.ffn_norm.weight", "layers.11.ffn_norm.weight"],
    ["model.embed_tokens.weight", "token_embd.weight", "tok_embeddings.weight"],
    ["model.norm.weight", "output_norm.weight", "norm.weight"],
    ["lm_head.weight", "output.weight", "output.weight"],
  ])("%s = %s = %s", (huggingFace, gguf, meta) => {
    expect(commonName(gguf)).toBe(commonName(huggingFace));
    expect(commonName(meta)).toBe(commonName(huggingFace));
  });
  test("wrappers of training programs are left out", () => {
    expect(commonName("_orig_mod.module.model.layers.0.mlp.up_proj.weight")).toBe("layers.0.mlp.up_proj.weight");
    expect(commonName("conv1.weight")).toBe("conv1.weight");
  });
});

test("the same name comes before a renaming, a choice before both, and what fits nothing is left out", () => {
  const a = source("a", [
    tensor("model.norm.weight", [64]),
    tensor("x", [4, 8]),
    tensor("y", [3, 3]),
    tensor("z", [2]),
  ]);
  const b = source("b", [
    tensor("norm.weight", [64], "F16", 16),
    tensor("x", [4, 8]),
    tensor("model.x", [4, 8]),
    tensor("y", [3, 4]),
  ]);
  const pairs = allPairs(a, b);
  expect([...pairs].map(([name, p]) => [name, p.tensor.name, p.how])).toEqual([
    ["model.norm.weight", "norm.weight", "usual renaming"],
    ["x", "x", "same name"],
  ]);
  expect(pairs.get("model.norm.weight")?.given).toMatchObject({ source: "b", bitsPerWeight: 16, what: "given as F16" });
  expect(allPairs(a, b, { x: "model.x" }).get("x")?.tensor.name).toBe("model.x");
  // A choice that does not fit is no pair, rather than another than the one chosen.
  expect(allPairs(a, b, { x: "norm.weight" }).has("x")).toBe(false);
});

test("a transposed partner is turned, one of another shape with as many elements is not taken", () => {
  const a = source("a", [tensor("w", [4, 8]), tensor("v", [4, 8])]);
  const b = source("b", [tensor("w", [8, 4]), tensor("v", [2, 16])]);
  const pairs = allPairs(a, b);
  expect(pairs.get("w")?.given.view).toEqual({ split: 1, transpose: true });
  expect(pairs.get("w")?.notes).toEqual(["w is stored transposed and was turned"]);
  expect(pairs.has("v")).toBe(false);
});

test("names that several tensors share after renaming pair nothing", () => {
  const a = source("a", [tensor("norm.weight", [8])]);
  const b = source("b", [tensor("model.norm.weight", [8]), tensor("output_norm.weight", [8])]);
  expect(allPairs(a, b).size).toBe(0);
});

describe("rotary orders", () => {
  const gguf = (metadata: Record<string, string>) => source("g", [tensor("blk.0.attn_k.weight", [16, 4])], metadata);
  const hf = source("h", [tensor("model.layers.0.self_attn.k_proj.weight", [16, 4])]);
  const llama = {
    "general.architecture": "llama",
    "llama.attention.head_count": "4",
    "llama.attention.head_count_kv": "2",
  };
  const name = "model.layers.0.self_attn.k_proj.weight";
  test("rows of each head are put back where the heads are known", () => {
    expect(allPairs(hf, gguf(llama)).get(name)?.given.rows).toEqual({ heads: 2, from: "pairs" });
    expect(allPairs(gguf(llama), hf).get("blk.0.attn_k.weight")?.given.rows).toEqual({ heads: 2, from: "halves" });
  });
  test("other architectures keep the order; unknown heads are said", () => {
    const qwen = { "general.architecture": "qwen2" };
    expect(allPairs(hf, gguf(qwen)).get(name)).toMatchObject({ notes: [] });
    const { given, notes } = allPairs(hf, gguf({})).get(name)!;
    expect(given.rows).toBeUndefined();
    expect(notes[0]).toContain("the files do not tell one number of heads");
  });
  test("a quantized weight under another reading keeps the order of its heads", () => {
    const read = { ...hf.tensors[0], name: `${name}?zero=v2` };
    expect(pairTensors(hf, gguf(llama)).partner(read)?.given.rows).toEqual({ heads: 2, from: "pairs" });
  });
  test("architectures like llama's have pairs too, under keys of their own", () => {
    const granite = { "general.architecture": "granite", "granite.attention.head_count": "4" };
    expect(allPairs(hf, gguf(granite)).get(name)?.given.rows).toEqual({ heads: 4, from: "pairs" });
  });
  test("heads that differ from layer to layer, or are read as columns, are not put back but told", () => {
    const { given, notes } = allPairs(hf, gguf({ ...llama, "llama.attention.head_count_kv": "[2, 4]" })).get(name)!;
    expect(given.rows).toBeUndefined();
    expect(notes[0]).toContain("the files do not tell one number of heads");
    const turned = { ...hf.tensors[0], view: { split: 1, transpose: true } };
    const partner = pairTensors(hf, gguf(llama)).partner(turned)!;
    expect(partner.given.rows).toBeUndefined();
    expect(partner.notes).toEqual([
      "blk.0.attn_k.weight holds the rows of each head in another order; they are not put back while the tensor is read transposed",
    ]);
  });
  test("the permutation is llama.cpp's, and back", async () => {
    // reshape(heads, 2, rows / heads / 2, cols).swapaxes(1, 2), written out.
    const [rows, cols, heads] = [24, 3, 3];
    const halves = Float32Array.from({ length: rows * cols }, (_, i) => i);
    const half = rows / heads / 2;
    const pairs = new Float32Array(rows * cols);
    for (let h = 0; h < heads; h++)
      for (let i = 0; i < 2; i++)
        for (let j = 0; j < half; j++)
          for (let c = 0; c < cols; c++)
            pairs[((h * half + j) * 2 + i) * cols + c] = halves[((h * 2 + i) * half + j) * cols + c];
    const back = reorderRows(matrixOf(pairs, rows, cols), { heads, from: "pairs" });
    const forth = reorderRows(matrixOf(halves, rows, cols), { heads, from: "halves" });
    for (const [row0, row1] of [
      [0, rows],
      [5, 6],
      [7, 18],
    ]) {
      expect(await back.read(row0, row1)).toEqual(halves.slice(row0 * cols, row1 * cols));
      expect(await forth.read(row0, row1)).toEqual(pairs.slice(row0 * cols, row1 * cols));
    }
  });
});

test("a hundred thousand tensors pair quickly", () => {
  const many = (prefix: string) =>
    Array.from({ length: 100_000 }, (_, i) => tensor(`${prefix}layers.${i}.mlp.up_proj.weight`, [2, 2]));
  expect(allPairs(source("a", many("model.")), source("b", many(""))).size).toBe(100_000);
});

test("a quantized weight brings its true bits, and keeps its partner under another reading", () => {
  const kind = { layout: "GPTQ", describe: "", source: null, readings: [], recipe: null, recipeNote: null };
  const weight = { ...tensor("fc.weight", [8, 8], "int4"), stored: { kind, bitsPerWeight: 4.25, parts: [] } };
  const original = tensor("fc.weight", [8, 8]);
  const given = pairTensors(source("a", [original]), source("b", [weight])).partner(original)?.given;
  expect(given).toMatchObject({ bitsPerWeight: 4.25, what: "given as GPTQ" });
  const pairing = pairTensors(source("b", [weight]), source("a", [original]));
  expect(pairing.partner({ ...weight, name: "fc.weight?zero=v2" })?.tensor.name).toBe("fc.weight");
});
