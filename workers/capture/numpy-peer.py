"""Captures the inputs of the sample model's linear layers in NumPy alone, in float64, and compares them with a captured folder.

    python3 numpy-peer.py MODEL_FOLDER CAPTURED_FOLDER TOKENS.json

TOKENS.json is a list of windows of token ids. Prints a JSON object: the largest difference of each kind, over the largest magnitude.
"""
import glob, json, os, struct, sys
import numpy as np

TYPES = {"F64": "<f8", "F32": "<f4", "I64": "<i8"}


def read(path):
    data = open(path, "rb").read()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + length])
    metadata = header.pop("__metadata__", {})
    arrays = {}
    for name, entry in header.items():
        begin, end = (8 + length + at for at in entry["data_offsets"])
        raw = data[begin:end]
        if entry["dtype"] == "BF16":
            values = (np.frombuffer(raw, "<u2").astype("<u4") << 16).view("<f4")
        else:
            values = np.frombuffer(raw, TYPES[entry["dtype"]])
        arrays[name] = values.reshape(entry["shape"])
    return arrays, metadata


def norm(x, gain):
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-5) * gain


def rotated(x, cos, sin):
    half = x.shape[-1] // 2
    a, b = x[..., :half], x[..., half:]
    return np.concatenate([a * cos - b * sin, b * cos + a * sin], -1)


def inputs(weights, config, ids):
    """Of one window: the input of each linear layer, and queries, keys and values, by name."""
    w = lambda name: weights[name].astype(np.float64)
    heads, key_heads = config["num_attention_heads"], config["num_key_value_heads"]
    size, tokens = config["hidden_size"] // heads, len(ids)
    angles = np.outer(np.arange(tokens), 10000.0 ** (-np.arange(0, size, 2) / size))[:, None]
    cos, sin = np.cos(angles), np.sin(angles)
    seen = np.tril(np.ones((tokens, tokens), bool))
    h = w("model.embed_tokens.weight")[ids]
    out = {}
    for layer in range(config["num_hidden_layers"]):
        at = f"model.layers.{layer}."
        x = norm(h, w(at + "input_layernorm.weight"))
        q, k, v = (x @ w(f"{at}self_attn.{name}_proj.weight").T for name in "qkv")
        q, k, v = (one.reshape(tokens, -1, size) for one in (q, k, v))
        q, k = rotated(q, cos, sin), rotated(k, cos, sin)
        out.update({at + "self_attn.q_proj.weight": x, at + "self_attn.queries": q, at + "self_attn.keys": k, at + "self_attn.values": v})
        k, v = (np.repeat(one, heads // key_heads, 1) for one in (k, v))
        scores = np.where(seen, np.einsum("ihd,jhd->hij", q, k) / np.sqrt(size), -np.inf)
        shares = np.exp(scores - scores.max(-1, keepdims=True))
        shares /= shares.sum(-1, keepdims=True)
        c = np.einsum("hij,jhd->ihd", shares, v).reshape(tokens, -1)
        h = h + c @ w(at + "self_attn.o_proj.weight").T
        x2 = norm(h, w(at + "post_attention_layernorm.weight"))
        gate = x2 @ w(at + "mlp.gate_proj.weight").T
        y = gate / (1 + np.exp(-gate)) * (x2 @ w(at + "mlp.up_proj.weight").T)
        h = h + y @ w(at + "mlp.down_proj.weight").T
        out.update({at + "self_attn.o_proj.weight": c, at + "mlp.gate_proj.weight": x2, at + "mlp.down_proj.weight": y})
    return out


model, captured, ids = sys.argv[1:]
weights, _ = read(os.path.join(model, "model.safetensors"))
config = json.load(open(os.path.join(model, "config.json")))
arrays = {}
for path in sorted(glob.glob(os.path.join(captured, "*.safetensors"))):
    arrays.update(read(path)[0])
windows = [inputs(weights, config, np.array(window)) for window in json.load(open(ids))]
worst = {}


def compare(kind, found, wanted):
    apart = float(np.abs(found - wanted).max() / np.abs(wanted).max())
    worst[kind] = max(worst.get(kind, 0.0), apart)


for name in windows[0]:
    x = np.concatenate([window[name].reshape(len(window[name]), -1) for window in windows])
    if not name.endswith(".weight"):
        compare("attention", arrays[name], x[: len(arrays[name])])
        continue
    compare("gram", arrays[name + ".gram"], x.T @ x)
    compare("mean", arrays[name + ".mean"], x.mean(0))
    compare("mean_abs", arrays[name + ".mean_abs"], np.abs(x).mean(0))
    compare("mean_square", arrays[name + ".mean_square"], (x * x).mean(0))
    compare("min", arrays[name + ".min"], x.min(0))
    compare("max", arrays[name + ".max"], x.max(0))
    # Whole tokens in their order: each kept row is the next token that it is near. (Before attention equal tokens have equal inputs.)
    at, most = -1, np.abs(x).max()
    for row in arrays[name + ".rows"]:
        near = np.flatnonzero(np.abs(x[at + 1 :, :16] - row[:16]).max(1) < 1e-5 * most)
        assert len(near) > 0, "rows are not tokens in their order"
        at += 1 + int(near[0])
        worst["rows"] = max(worst.get("rows", 0.0), float(np.abs(row - x[at]).max() / most))
    assert int(arrays[name + ".tokens"]) == len(x)
print(json.dumps(worst))
