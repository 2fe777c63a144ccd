"""GPTQ in NumPy, float64, blocks of 128 columns: seconds for a side x side weight in INT4 with groups of 128. A peer for the bench."""
import sys
import time

import numpy as np

side, group, block = int(sys.argv[1]), 128, 128
rng = np.random.default_rng(1)
x = rng.standard_normal((side + 64, side)).astype(np.float32).astype(np.float64)
h = 2 / len(x) * x.T @ x
w = rng.standard_normal((side, side)).astype(np.float32)
began = time.perf_counter()
h[np.diag_indices(side)] += 0.01 * np.mean(np.diag(h))
u = np.linalg.cholesky(np.linalg.inv(h)).T
factored = time.perf_counter()
scale = np.abs(w.reshape(side, -1, group)).max(2) / 7
now = w.astype(np.float64)
codes = np.zeros((side, side), np.int8)
for first in range(0, side, block):
    end = min(side, first + block)
    part, errors = now[:, first:end].copy(), np.zeros((side, end - first))
    for i in range(end - first):
        s = scale[:, (first + i) // group]
        k = np.clip(np.rint(part[:, i].astype(np.float32) / s), -7, 7)
        codes[:, first + i] = k
        errors[:, i] = (part[:, i] - k * s) / u[first + i, first + i]
        part[:, i + 1 :] -= np.outer(errors[:, i], u[first + i, first + i + 1 : end])
    now[:, end:] -= errors @ u[first:end, end:]
print(factored - began, time.perf_counter() - began)
