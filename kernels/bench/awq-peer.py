"""AWQ's search over 20 ratios in NumPy, INT4 in blocks of 128: python3 awq-peer.py SIDE TOKENS prints its seconds."""

import sys
import time

import numpy as np

side, tokens = int(sys.argv[1]), int(sys.argv[2])
rng = np.random.default_rng(1)
w = rng.standard_normal((side, side), dtype=np.float32)
x = rng.standard_normal((tokens, side)) * np.where(np.arange(side) % 9 == 0, 20, 1)


def quantize(values):
    blocks = values.reshape(side, -1, 128)
    scale = np.max(np.abs(blocks), axis=2, keepdims=True) / np.float32(7)
    return (np.clip(np.rint(blocks / scale), -7, 7) * scale).reshape(side, side)


start = time.perf_counter()
mean = np.mean(np.abs(x), axis=0)
best = None
for k in range(20):
    s = np.maximum(mean ** (k / 20), 1e-4)
    s = np.float32(s / np.sqrt(np.max(s) * np.min(s)))
    apart = (w - quantize(w * s) / s).astype(np.float64)
    loss = np.sum((x @ apart.T) ** 2)
    if best is None or loss < best[0]:
        best = (loss, k)
print(time.perf_counter() - start)
