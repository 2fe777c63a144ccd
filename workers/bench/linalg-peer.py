"""What numpy takes for the same as linalg.ts, on as many threads as OPENBLAS_NUM_THREADS says: seconds as one line of JSON.

python3 linalg-peer.py SIDE ROUNDS
"""

import json
import sys
import time

import numpy as np

side, rounds, rank = int(sys.argv[1]), int(sys.argv[2]), 64


def seconds(work):
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return {"wall": time.perf_counter() - wall, "processor": time.process_time() - processor}


def randomised_svd(a):
    basis = np.linalg.qr(rng.standard_normal((side, rank + 8)))[0]
    for _ in range(rounds):
        basis = np.linalg.qr(a.T @ np.linalg.qr(a @ basis)[0])[0]
    return np.linalg.svd(a @ basis, full_matrices=False)


rng = np.random.default_rng(1)
tokens = rng.standard_normal((2 * side, side)).astype(np.float32)
exact = tokens.astype(np.float64)
gram = exact.T @ exact
gram[np.diag_indices(side)] += 1
square = np.ascontiguousarray(exact[:side])
quarter = np.ascontiguousarray(exact[: -(-side // 4), : -(-side // 4)])
square @ square
print(
    json.dumps(
        {
            "gram": seconds(lambda: (lambda x: x.T @ x)(tokens.astype(np.float64))),
            "cholesky": seconds(lambda: np.linalg.cholesky(gram)),
            "inverse": seconds(lambda: (np.linalg.cholesky(gram), np.linalg.inv(gram))),
            "multiply": seconds(lambda: square @ square),
            "svd": seconds(lambda: randomised_svd(square)),
            "qr": seconds(lambda: np.linalg.qr(square)),
            "eigh": seconds(lambda: np.linalg.eigh(quarter.T @ quarter)),
        }
    )
)
