/** The GGUF of the sample as an independent reader in NumPy finds it, with llama.cpp's own way of putting rows of heads into pairs. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { inNumpy } from "../../../kernels/testing/numpy.ts";
import { openSampleModel, sampleFolder } from "../../models/golden-for-test.ts";
import { written } from "../write-for-test.ts";

/** Reads the file by docs/gguf.md alone and the sample by safetensors' own description; leaves what it found in `numbers` and `same`. */
const READER = `
import json, struct

data = open(GGUF, "rb").read()
at = 0
def take(form):
    global at
    value, = struct.unpack_from("<" + form, data, at)
    at += struct.calcsize("<" + form)
    return value
def text():
    global at
    size = take("Q")
    at += size
    return data[at - size:at].decode("utf8")
FORMS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
def value(kind):
    if kind == 8:
        return text()
    if kind == 9:
        of, count = take("I"), take("Q")
        return [value(of) for _ in range(count)]
    return take(FORMS[kind])
assert data[:4] == b"GGUF"
at = 4
version, tensors, pairs = take("I"), take("Q"), take("Q")
keys = {}
for _ in range(pairs):
    key = text()
    keys[key] = value(take("I"))
entries = {}
for _ in range(tensors):
    name = text()
    dims = [take("Q") for _ in range(take("I"))]
    entries[name] = (dims[::-1], take("I"), take("Q"))
start = (at + 31) // 32 * 32
def bf16(raw):
    return (np.frombuffer(raw, "<u2").astype(np.uint32) << 16).view(np.float32)
def tensor(name):
    shape, kind, offset = entries[name]
    count = int(np.prod(shape))
    raw = data[start + offset:start + offset + count * (4 if kind == 0 else 2)]
    assert kind in (0, 30) and offset % 32 == 0
    return (np.frombuffer(raw, "<f4") if kind == 0 else bf16(raw)).reshape(shape)

stored = open(FOLDER + "/model.safetensors", "rb").read()
size, = struct.unpack_from("<Q", stored, 0)
header = json.loads(stored[8:8 + size])
def own(name):
    entry = header[name]
    begin, end = entry["data_offsets"]
    return bf16(stored[8 + size + begin:8 + size + end]).reshape(entry["shape"])
def permute(weights, heads):
    return weights.reshape(heads, 2, weights.shape[0] // heads // 2, *weights.shape[1:]).swapaxes(1, 2).reshape(weights.shape)

same = []
names = {"attn_q": ("self_attn.q_proj", 8), "attn_k": ("self_attn.k_proj", 4), "attn_v": ("self_attn.v_proj", 0),
         "attn_output": ("self_attn.o_proj", 0), "ffn_gate": ("mlp.gate_proj", 0), "ffn_up": ("mlp.up_proj", 0),
         "ffn_down": ("mlp.down_proj", 0), "attn_norm": ("input_layernorm", 0), "ffn_norm": ("post_attention_layernorm", 0)}
for layer in range(6):
    for ours, (theirs, heads) in names.items():
        wanted = own(f"model.layers.{layer}.{theirs}.weight")
        same.append(np.array_equal(tensor(f"blk.{layer}.{ours}.weight"), permute(wanted, heads) if heads else wanted))
same.append(np.array_equal(tensor("token_embd.weight"), own("model.embed_tokens.weight")))
same.append(np.array_equal(tensor("output_norm.weight"), own("model.norm.weight")))
same.append(tensors == len(header) - 1 == len(entries))
same.append(all(entries[name][1] == 0 for name in entries if "norm" in name))

config = json.load(open(FOLDER + "/config.json"))
tokenizer = json.load(open(FOLDER + "/tokenizer.json"))
wanted = {"context_length": "max_position_embeddings", "embedding_length": "hidden_size", "block_count": "num_hidden_layers",
          "feed_forward_length": "intermediate_size", "attention.head_count": "num_attention_heads",
          "attention.head_count_kv": "num_key_value_heads", "rope.dimension_count": "head_dim", "vocab_size": "vocab_size"}
same += [keys["general.architecture"] == "llama", version == 3]
same += [keys["llama." + ours] == config[theirs] for ours, theirs in wanted.items()]
same += [keys["llama.rope.freq_base"] == 10000, abs(keys["llama.attention.layer_norm_rms_epsilon"] / 1e-5 - 1) < 1e-6]
vocabulary = tokenizer["model"]["vocab"]
same += [keys["tokenizer.ggml.model"] == "gpt2", keys["tokenizer.ggml.pre"] == "gpt-2"]
same += [keys["tokenizer.ggml.tokens"] == sorted(vocabulary, key=vocabulary.get)]
same += [keys["tokenizer.ggml.merges"] == [" ".join(pair) for pair in tokenizer["model"]["merges"]]]
same += [keys["tokenizer.ggml.token_type"] == [3] + [1] * 4095]
same += [keys["tokenizer.ggml.bos_token_id"] == 0, keys["tokenizer.ggml.eos_token_id"] == 0, keys["tokenizer.ggml.add_bos_token"] is False]
numbers = np.array([[len(same)]])
same = np.array([same])
`;

test("the sample as GGUF is what an independent reader makes of llama.cpp's conventions", async () => {
  const source = await openSampleModel();
  const { bytes } = await written(source, { format: "gguf", recipe: "*=keep" });
  source.close();
  const folder = mkdtempSync(join(tmpdir(), "gguf-"));
  try {
    const path = join(folder, "model.gguf");
    writeFileSync(path, bytes);
    const program = `GGUF, FOLDER = ${JSON.stringify(path)}, ${JSON.stringify(sampleFolder)}\n${READER}`;
    const { same, numbers } = inNumpy(program, {}, ["same", "numbers"]);
    expect([...same].flatMap((one, i) => (one === 1 ? [] : [i]))).toEqual([]);
    expect(numbers[0]).toBe(6 * 9 + 2 + 2 + 2 + 8 + 2 + 2 + 1 + 1 + 1 + 3);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
