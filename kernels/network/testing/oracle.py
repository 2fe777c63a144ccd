"""What small networks of every family compute, in float64 NumPy: writes oracle.golden.json beside it. Run: python3 oracle.py

Written from the papers and the semantics of transformers' configs, with nothing of the TypeScript. Weights are a hash of a part's
name, so that none are stored. Gradients are central differences of the summed negative log-likelihood.
"""
import json, math, os
import numpy as np

EPS = 1e-5
erf = np.vectorize(math.erf)


def hashed(name, count):
    seed = 2166136261
    for c in name.encode():
        seed = ((seed ^ c) * 16777619) & 0xFFFFFFFF
    x = (np.arange(count, dtype=np.uint64) * 2654435761 + seed) & 0xFFFFFFFF
    x ^= x >> 16
    x = (x * 2246822519) & 0xFFFFFFFF
    x ^= x >> 13
    return (x.astype(np.float64) / 2**32 - 0.5).astype(np.float32).astype(np.float64)


class Net:
    def __init__(self, config, tokens):
        self.c, self.tokens = config, tokens
        self.parts, self.probes, self.bumps = {}, {}, {}

    def part(self, name, *shape):
        value = hashed(name, int(np.prod(shape))).reshape(shape)
        if len(shape) == 1 and name.endswith("weight"):
            value = value + 1
        self.parts[name] = list(shape)
        return value + self.bumps.get(name, 0)

    def linear(self, x, module, outputs, bias, transposed=False):
        inputs = x.shape[-1]
        y = x @ self.part(module + ".weight", outputs, inputs).T
        if bias:
            y = y + self.part(module + ".bias", outputs)
        return y + self.probes.get(module, 0)

    def norm(self, x, module, kind, eps, one=False, bias=False, shape=None):
        if kind == "layer":
            x = x - x.mean(-1, keepdims=True)
        y = x / np.sqrt((x * x).mean(-1, keepdims=True) + eps)
        y = y * (self.part(module + ".weight", *(shape or x.shape[-1:])) + (1 if one else 0))
        return y + self.part(module + ".bias", x.shape[-1]) if bias else y


def act(x, name):
    if name == "silu":
        return x / (1 + np.exp(-x))
    if name == "gelu":
        return x * 0.5 * (1 + erf(x / math.sqrt(2)))
    if name in ("gelu_new", "gelu_pytorch_tanh"):
        return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    return np.maximum(x, 0)


def frequencies(c, size, rope, theta):
    f = theta ** (-np.arange(0, size, 2) / size)
    kind, amplitude = rope.get("rope_type", rope.get("type", "default")), 1.0
    if kind == "linear":
        f = f / rope["factor"]
    if kind == "llama3":
        L = rope["original_max_position_embeddings"]
        length = 2 * np.pi / f
        smooth = (L / length - rope["low_freq_factor"]) / (rope["high_freq_factor"] - rope["low_freq_factor"])
        smooth = np.clip(smooth, 0, 1)
        f = (1 - smooth) * f / rope["factor"] + smooth * f
    if kind == "yarn":
        L, s = rope["original_max_position_embeddings"], rope["factor"]
        dim = lambda r: size * math.log(L / (r * 2 * math.pi)) / (2 * math.log(theta))
        low, high = max(math.floor(dim(32)), 0), min(math.ceil(dim(1)), size - 1)
        ramp = np.clip((np.arange(size // 2) - low) / max(high - low, 0.001), 0, 1)
        f, amplitude = f / s * ramp + f * (1 - ramp), 0.1 * math.log(s) + 1
    if kind == "longrope":
        L = c["original_max_position_embeddings"]
        f = f / np.array(rope["short_factor" if c["tokens"] <= L else "long_factor"])
        amplitude = math.sqrt(1 + math.log(c["max_position_embeddings"] / L) / math.log(L))
    return f, amplitude


def rotate(x, f, amplitude):
    half = len(f)
    angle = np.arange(x.shape[0])[:, None, None] * f
    cos, sin = np.cos(angle) * amplitude, np.sin(angle) * amplitude
    a, b = x[..., :half], x[..., half : 2 * half]
    return np.concatenate([a * cos - b * sin, b * cos + a * sin, x[..., 2 * half :]], -1)


def attention(q, k, v, scale, cap, window):
    T, H, _ = q.shape
    k, v = (np.repeat(x, H // k.shape[1], 1) for x in (k, v))
    s = np.einsum("qhd,khd->hqk", q, k) * scale
    if cap:
        s = np.tanh(s / cap) * cap
    q_at, k_at = np.arange(T)[:, None], np.arange(T)[None]
    s = np.where((k_at <= q_at) & (q_at - k_at < (window or T)), s, -np.inf)
    p = np.exp(s - s.max(-1, keepdims=True))
    return np.einsum("hqk,khd->qhd", p / p.sum(-1, keepdims=True), v).reshape(T, -1)


def experts(net, x, m, c):
    E, n = c["num_experts"], c["num_experts_per_tok"]
    l = net.linear(x, m + "mlp.gate", E, False)
    p = np.exp(l - l.max(-1, keepdims=True))
    p /= p.sum(-1, keepdims=True)
    keep = np.argsort(-p, -1, kind="stable")[:, :n]
    w = np.zeros_like(p)
    np.put_along_axis(w, keep, np.take_along_axis(p, keep, -1), -1)
    if c.get("norm_topk_prob"):
        w /= w.sum(-1, keepdims=True)
    out = 0
    for e in range(E):
        at = f"{m}mlp.experts.{e}."
        I = c["moe_intermediate_size"]
        y = act(net.linear(x, at + "gate_proj", I, False), "silu") * net.linear(x, at + "up_proj", I, False)
        out = out + w[:, e : e + 1] * net.linear(y, at + "down_proj", x.shape[-1], False)
    return out


def spec(c):
    """What each family does, by its config."""
    t = c["model_type"]
    W, H = c.get("hidden_size", c.get("n_embd")), c.get("num_attention_heads", c.get("n_head"))
    s = dict(W=W, H=H, K=c.get("num_key_value_heads", H), D=c.get("head_dim", W // H), L=c.get("num_hidden_layers", c.get("n_layer")),
             kind="rms", eps=c.get("rms_norm_eps", 1e-6), one=False, bias=False, act=c.get("hidden_act", "silu"), pre="model.layers.", attn="self_attn.",
             before="input_layernorm", after=None, before2="post_attention_layernorm", after2=None, emb="model.embed_tokens", norm="model.norm", head="lm_head",
             qkv_bias=c.get("attention_bias", False), o_bias=c.get("attention_bias", False), o="o_proj", mlp="gated", mlp_bias=c.get("mlp_bias", False), fused=None, qk=None,
             cap=None, logit_cap=None, emb_scale=1, res=1, logit_scale=1, parallel=False, pos=None, I=c.get("intermediate_size"), tied=c.get("tie_word_embeddings", False))
    s["scale"] = s["D"] ** -0.5
    s["I"] = c.get("intermediate_size")
    layer_norm = dict(kind="layer", bias=True, eps=c.get("layer_norm_eps", 1e-5))
    if t == "qwen2":
        s.update(qkv_bias=True, o_bias=False)
    if t in ("qwen3", "qwen3_moe"):
        s.update(qk="head")
    if t in ("gemma2", "gemma3_text"):
        s.update(one=True, after="post_attention_layernorm", before2="pre_feedforward_layernorm", after2="post_feedforward_layernorm", act=c["hidden_activation"],
                 emb_scale=np.float64(np.float32(W**0.5)), scale=c["query_pre_attn_scalar"] ** -0.5, cap=c.get("attn_logit_softcapping"), logit_cap=c.get("final_logit_softcapping"), tied=True)
        if t == "gemma3_text":
            s.update(qk="head")
    if t == "olmo2":
        s.update(before=None, after="post_attention_layernorm", before2=None, after2="post_feedforward_layernorm", qk="all")
    if t == "granite":
        s.update(scale=c["attention_multiplier"], emb_scale=c["embedding_multiplier"], res=c["residual_multiplier"], logit_scale=1 / c["logits_scaling"])
    if t == "stablelm":
        s.update(**layer_norm, qkv_bias=c["use_qkv_bias"], o_bias=False, parallel=c["use_parallel_residual"], qk="own" if c["qk_layernorm"] else None)
        if s["parallel"]:
            s.update(before2=None)
    if t == "phi3":
        s.update(fused="rows")
    if t == "gpt_neox":
        s.update(**layer_norm, pre="gpt_neox.layers.", attn="attention.", fused="heads", qkv_bias=True, o_bias=True, o="dense", mlp="plain", mlp_bias=True, parallel=c["use_parallel_residual"],
                 emb="gpt_neox.embed_in", norm="gpt_neox.final_layer_norm", head="embed_out", up="mlp.dense_h_to_4h", down="mlp.dense_4h_to_h", qkv="query_key_value")
    if t == "gpt2":
        s.update(kind="layer", bias=True, eps=1e-5, pre="transformer.h.", attn="attn.", fused="rows", qkv_bias=True, o_bias=True, o="c_proj", mlp="plain", mlp_bias=True, act=c["activation_function"], before="ln_1", before2="ln_2",
                 emb="transformer.wte", norm="transformer.ln_f", up="mlp.c_fc", down="mlp.c_proj", qkv="c_attn", pos=("transformer.wpe", c["n_positions"], 0), I=c.get("n_inner") or 4 * W, tied=True)
    if t == "opt":
        s.update(kind="layer", bias=True, eps=1e-5, pre="model.decoder.layers.", qkv_bias=True, o_bias=True, o="out_proj", mlp="plain", mlp_bias=True, act="relu", before="self_attn_layer_norm", before2="final_layer_norm",
                 emb="model.decoder.embed_tokens", norm="model.decoder.final_layer_norm", up="fc1", down="fc2", pos=("model.decoder.embed_positions", c["max_position_embeddings"] + 2, 2), I=c["ffn_dim"], tied=True)
    return s


def window(c, i):
    t, w = c["model_type"], c.get("sliding_window")
    if t in ("mistral", "phi3"):
        return w
    if t == "qwen2" and c.get("use_sliding_window"):
        return w if i >= c["max_window_layers"] else None
    if t == "qwen3_moe" and c.get("use_sliding_window"):
        return w
    if t == "gemma2":
        return w if i % 2 == 0 else None
    if t == "gemma3_text":
        return w if (i + 1) % c["sliding_window_pattern"] else None
    return None


def rope(c, i, D):
    t = c["model_type"]
    if t in ("gpt2", "opt") or (t == "smollm3" and not c["no_rope_layers"][i]):
        return None
    own = c.get("rope_parameters") or c.get("rope_scaling") or {}
    theta = own.get("rope_theta", c.get("rope_theta", c.get("rotary_emb_base", 10000.0)))
    if t == "gemma3_text" and window(c, i):
        own, theta = {}, c["rope_local_base_freq"]
    part = own.get("partial_rotary_factor", c.get("partial_rotary_factor", c.get("rotary_pct", 1)))
    return frequencies(c, int(D * part), own, theta)


def layer(net, h, i):
    c, s = net.c, spec(net.c)
    m = f"{s['pre']}{i}."
    T, (W, H, K, D) = len(h), (s[x] for x in "WHKD")
    norm = lambda x, n: net.norm(x, m + n, s["kind"], s["eps"], s["one"], s["bias"]) if n else x
    x = norm(h, s["before"])
    a = m + s["attn"]
    if s["fused"]:
        y = net.linear(x, a + s.get("qkv", "qkv_proj"), (H + 2 * K) * D, s["qkv_bias"])
        if s["fused"] == "heads":
            q, k, v = (y.reshape(T, H, 3, D)[:, :, j] for j in range(3))
        else:
            q, k, v = np.split(y, [H * D, (H + K) * D], -1)
    else:
        q, k, v = (net.linear(x, a + n, N * D, s["qkv_bias"]) for n, N in (("q_proj", H), ("k_proj", K), ("v_proj", K)))
    if s["qk"] == "all":
        q, k = net.norm(q, a + "q_norm", "rms", s["eps"]), net.norm(k, a + "k_norm", "rms", s["eps"])
    q, k, v = q.reshape(T, H, D), k.reshape(T, K, D), v.reshape(T, K, D)
    if s["qk"] == "head":
        q, k = net.norm(q, a + "q_norm", "rms", s["eps"], s["one"]), net.norm(k, a + "k_norm", "rms", s["eps"], s["one"])
    if s["qk"] == "own":
        q = np.stack([net.norm(q[:, j], f"{a}q_layernorm.norms.{j}", "layer", s["eps"]) for j in range(H)], 1)
        k = np.stack([net.norm(k[:, j], f"{a}k_layernorm.norms.{j}", "layer", s["eps"]) for j in range(K)], 1)
    r = rope(c, i, D)
    if r:
        q, k = rotate(q, *r), rotate(k, *r)
    scale = s["scale"] / (i + 1) if c.get("scale_attn_by_inverse_layer_idx") else s["scale"]
    o = attention(q, k, v, scale, s["cap"], window(c, i))
    o = norm(net.linear(o, a + s["o"], W, s["o_bias"]), s["after"]) * s["res"]
    f = norm(h, s["before2"]) if s["parallel"] and s["before2"] else x if s["parallel"] else norm(h + o, s["before2"])
    if c["model_type"] == "qwen3_moe" and i not in c["mlp_only_layers"]:
        y = experts(net, f, m, c)
    elif s["mlp"] == "plain":
        y = net.linear(act(net.linear(f, m + s["up"], s["I"], s["mlp_bias"]), s["act"]), m + s["down"], W, s["mlp_bias"])
    else:
        if s["fused"]:
            g, u = np.split(net.linear(f, m + "mlp.gate_up_proj", 2 * s["I"], False), 2, -1)
        else:
            g, u = (net.linear(f, m + "mlp." + n, s["I"], s["mlp_bias"]) for n in ("gate_proj", "up_proj"))
        y = net.linear(act(g, s["act"]) * u, m + "mlp.down_proj", W, s["mlp_bias"])
    return h + o + norm(y, s["after2"]) * s["res"]


def run(net, start=None):
    """Logits, and the hidden states that the first layer reads."""
    c, s = net.c, spec(net.c)
    V = c["vocab_size"]
    E = net.part(s["emb"] + ".weight", V, s["W"])
    h = E[net.tokens] * s["emb_scale"]
    if s["pos"]:
        name, rows, offset = s["pos"]
        h = h + net.part(name + ".weight", rows, s["W"])[np.arange(len(h)) + offset]
    first = h if start is None else start
    h = first
    for i in range(s["L"]):
        h = layer(net, h, i)
    x = net.norm(h, s["norm"], s["kind"], s["eps"], s["one"], s["bias"])
    l = x @ (E if s["tied"] else net.part(s["head"] + ".weight", V, s["W"])).T * s["logit_scale"]
    return (np.tanh(l / s["logit_cap"]) * s["logit_cap"] if s["logit_cap"] else l), first


def loss(net, start=None):
    l, _ = run(net, start)
    m = l.max(-1)
    nll = m + np.log(np.exp(l - m[:, None]).sum(-1))
    return (nll[:-1] - l[np.arange(len(l) - 1), net.tokens[1:]]).sum()


def slope(at):
    e = 1e-5
    return (at(e) - at(-e)) / (2 * e)


BASE = dict(hidden_size=16, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, intermediate_size=24, vocab_size=32, max_position_embeddings=64, rms_norm_eps=1e-5)
PLAIN = {k: v for k, v in BASE.items() if k not in ("num_key_value_heads", "rms_norm_eps")}
CASES = {
    "llama with biases, linear rotation": dict(BASE, model_type="llama", attention_bias=True, mlp_bias=True, rope_theta=5000.0, rope_scaling=dict(type="linear", factor=2.0)),
    "llama, yarn": dict(BASE, model_type="llama", head_dim=16, tie_word_embeddings=True, rope_parameters=dict(rope_type="yarn", rope_theta=1000.0, factor=4.0, original_max_position_embeddings=16)),
    "llama, llama3": dict(BASE, model_type="llama", rope_theta=500.0, rope_scaling=dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=32)),
    "mistral": dict(BASE, model_type="mistral", sliding_window=3, head_dim=6),
    "qwen2, its second layer in windows": dict(BASE, model_type="qwen2", use_sliding_window=True, sliding_window=2, max_window_layers=1),
    "qwen3": dict(BASE, model_type="qwen3", head_dim=6),
    "qwen3_moe, one layer dense": dict(BASE, model_type="qwen3_moe", num_experts=5, num_experts_per_tok=2, moe_intermediate_size=8, norm_topk_prob=False, mlp_only_layers=[1], decoder_sparse_step=1),
    "qwen3_moe, shares among the chosen": dict(BASE, model_type="qwen3_moe", num_experts=4, num_experts_per_tok=2, moe_intermediate_size=8, norm_topk_prob=True, mlp_only_layers=[], use_sliding_window=True, sliding_window=4),
    "gemma2": dict(BASE, model_type="gemma2", head_dim=4, hidden_activation="gelu_pytorch_tanh", query_pre_attn_scalar=10, sliding_window=3, attn_logit_softcapping=2.0, final_logit_softcapping=4.0),
    "gemma3_text": dict(BASE, model_type="gemma3_text", head_dim=8, hidden_activation="gelu_pytorch_tanh", query_pre_attn_scalar=6, sliding_window=3, sliding_window_pattern=2, rope_theta=100000.0, rope_local_base_freq=100.0, rope_scaling=dict(rope_type="linear", factor=8.0)),
    "gpt2": dict(model_type="gpt2", n_embd=16, n_layer=2, n_head=4, n_positions=12, vocab_size=32, activation_function="gelu_new", scale_attn_by_inverse_layer_idx=True, n_inner=20),
    "gpt_neox, one half after the other": dict(PLAIN, model_type="gpt_neox", hidden_act="gelu", rotary_pct=0.5, rotary_emb_base=500, use_parallel_residual=False),
    "gpt_neox in parallel": dict(PLAIN, model_type="gpt_neox", hidden_act="gelu", rotary_pct=0.5, use_parallel_residual=True),
    "phi3, longrope": dict(BASE, model_type="phi3", original_max_position_embeddings=6, sliding_window=5, rope_parameters=dict(rope_type="longrope", rope_theta=100.0, short_factor=[1.0, 1.5], long_factor=[2.0, 3.0])),
    "olmo2": dict(BASE, model_type="olmo2"),
    "smollm3": dict(BASE, model_type="smollm3", no_rope_layers=[0, 1], tie_word_embeddings=True, rope_theta=2000000.0),
    "granite": dict(BASE, model_type="granite", attention_multiplier=0.3, embedding_multiplier=3.0, residual_multiplier=0.4, logits_scaling=2.5),
    "stablelm in parallel, heads with norms": dict(BASE, model_type="stablelm", partial_rotary_factor=0.5, use_qkv_bias=True, qk_layernorm=True, use_parallel_residual=True, hidden_act="silu"),
    "opt": dict(model_type="opt", hidden_size=16, num_hidden_layers=2, num_attention_heads=4, ffn_dim=24, vocab_size=32, max_position_embeddings=16, activation_function="relu"),
    "a long window": dict(BASE, model_type="gemma2", head_dim=4, hidden_activation="gelu_pytorch_tanh", query_pre_attn_scalar=4, sliding_window=70, attn_logit_softcapping=20.0, final_logit_softcapping=30.0, max_position_embeddings=512),
}


def case(name, config):
    T = 300 if name == "a long window" else 9
    config = dict(config, tokens=T)
    tokens = (np.arange(T) * 7 + np.arange(T) ** 2 // 3) % config["vocab_size"]
    net = Net(config, tokens)
    logits, first = run(net)
    out = dict(config={k: v for k, v in config.items() if k != "tokens"}, tokens=tokens.tolist(), parts={k: net.parts[k] for k in sorted(net.parts)},
               logits=[round(float(x), 8) for x in logits[-1]], nll=float(loss(net)))
    if T > 100:
        return out
    grad = []
    for j in range(first.size):
        def at(e, j=j):
            moved = first.copy()
            moved.flat[j] += e
            return loss(net, moved)
        grad.append(slope(at))
    out["gradient"] = [float(f"{x:.7g}") for x in grad]
    # Along one direction each: the gradient at the output of a linear layer of the first layer, and by its weight.
    pre = spec(config)["pre"] + "0."
    out["outputs"], out["weights"] = {}, {}
    for part, shape in net.parts.items():
        if not part.startswith(pre) or len(shape) != 2:
            continue
        module = part[: -len(".weight")]
        way = hashed("output " + part, T * shape[0]).reshape(T, shape[0])
        def probe(e):
            net.probes = {module: e * way}
            return loss(net, first)
        out["outputs"][part] = float(f"{slope(probe):.7g}")
        net.probes = {}
        turn = hashed("weight " + part, shape[0] * shape[1]).reshape(shape)
        def bump(e):
            net.bumps = {part: e * turn}
            return loss(net, first)
        out["weights"][part] = float(f"{slope(bump):.7g}")
        net.bumps = {}
    return out


if __name__ == "__main__":
    where = os.path.join(os.path.dirname(os.path.abspath(__file__)), "oracle.golden.json")
    with open(where, "w") as file:
        json.dump({name: case(name, config) for name, config in CASES.items()}, file, separators=(",", ":"))
        file.write("\n")
