"""Compares the sums of codes that every-float32.ts prints with those of PyTorch's casts.

python3 every_float32.py codes.jsonl: on a CUDA device where there is one, and every 64th chunk on the processor. Exit
status 1 where a sum differs.
"""

import json
import sys

import torch

CHUNK = 1 << 20
NAN = 0xFFFF
TYPES = {
    "e4m3(sat=inf)": torch.float8_e4m3fn,
    "e5m2(sat=inf)": torch.float8_e5m2,
    "e4m3fnuz(sat=inf)": torch.float8_e4m3fnuz,
    "e5m2fnuz(sat=inf)": torch.float8_e5m2fnuz,
    "e8m0(sat=nan)": torch.float8_e8m0fnu,
    "f16(sat=inf)": torch.float16,
    "bf16(sat=inf)": torch.bfloat16,
}
# How many chunks a device leaves out between two.
devices = {"cpu": 64, "cuda": 1} if torch.cuda.is_available() else {"cpu": 1}


def left_out(recipe, x):
    """Magnitudes of negative numbers, and subnormals between powers of two that PyTorch rounds up: of E8M0 alone."""
    few = (x <= 0) | ((x > 2.0**-127) & (x < 1.5 * 2.0**-127))
    return few if recipe.startswith("e8m0") else torch.zeros_like(few)


def sum_of(recipe, chunk, device):
    index = torch.arange(CHUNK, dtype=torch.int64, device=device)
    weights = ((index * 0x9E3779B1 & 0xFFFFFFFF) >> 16) | 1
    bits = index + chunk * CHUNK
    x = torch.where(bits >= 1 << 31, bits - (1 << 32), bits).to(torch.int32).view(torch.float32)
    y = x.to(TYPES[recipe])
    wide = y.element_size() == 2
    codes = y.view(torch.int16 if wide else torch.uint8).to(torch.int64) & (0xFFFF if wide else 0xFF)
    codes[x.isnan() | y.to(torch.float32).isnan() | left_out(recipe, x)] = NAN
    return int((codes * weights).sum())


found = {}
with open(sys.argv[1]) as lines:
    for line in lines:
        one = json.loads(line)
        found.setdefault(one["recipe"], []).append(one)
failed = False
for recipe, sums in found.items():
    for device, every in devices.items():
        known = {}
        wrong = []
        for one in (one for one in sums if one["chunk"] % every == 0):
            if one["chunk"] not in known:
                known[one["chunk"]] = sum_of(recipe, one["chunk"], device)
            if known[one["chunk"]] != one["sum"]:
                wrong.append(f"{one['backend']} {one['chunk'] * CHUNK:#010x}")
        failed = failed or len(wrong) > 0
        backends = sorted({one["backend"] for one in sums})
        print(
            f"{recipe} by {' and '.join(backends)}, PyTorch {torch.__version__} on {device}: {len(known) * CHUNK} inputs, "
            + (f"{len(wrong)} chunks differ, first at {wrong[:4]}" if wrong else "every code equal"),
            flush=True,
        )
sys.exit(1 if failed else 0)
