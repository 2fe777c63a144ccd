"""Seconds of k-means (12 rounds over 2^15 vectors of four, k = 256) and of coding 2^20 values by it; and of the nearest of E8P's 2^16
points to 2^10 vectors, scaled up to 2^17: as NumPy has it."""

import time

import numpy as np

rng = np.random.default_rng(1)
x = rng.standard_normal((1 << 18, 4)).astype(np.float32)


def nearest(v, centres):
    norms = (centres**2).sum(1)
    return np.concatenate([(norms - 2 * (p @ centres.T)).argmin(1) for p in np.array_split(v, max(1, len(v) >> 13))])


start = time.perf_counter()
some = x[::8]
centres = some[rng.integers(0, len(some), 256)]
for _ in range(12):
    own = nearest(some, centres)
    sums = np.stack([np.bincount(own, some[:, d], 256) for d in range(4)], 1)
    members = np.bincount(own, minlength=256)[:, None]
    centres = np.where(members > 0, sums / np.maximum(members, 1), centres).astype(np.float32)
nearest(x, centres)
kmeans = time.perf_counter() - start
points = rng.standard_normal((1 << 16, 8)).astype(np.float32)
start = time.perf_counter()
nearest(rng.standard_normal((1 << 10, 8)).astype(np.float32), points)
print(kmeans, (time.perf_counter() - start) * 128)
