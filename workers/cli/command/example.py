"""A quantizer of one's own for `--quantizer 'python3 example.py'`: int4/32:f16, written in NumPy."""

import json
import pathlib
import sys

import numpy as np

BLOCK = 32


def main(matrix_path: str, results: str) -> None:
    x = np.load(matrix_path)  # float32, rows x cols
    rows, cols = x.shape
    if cols % BLOCK != 0:
        sys.exit(f"rows of {cols} values are not whole blocks of {BLOCK}")
    blocks = x.astype(np.float64).reshape(rows, cols // BLOCK, BLOCK)

    # The largest magnitude of a block is code 7; scales are stored as float16.
    scales = (np.abs(blocks).max(axis=2, keepdims=True) / 7).astype(np.float16).astype(np.float64)
    divisor = np.where(scales == 0, 1, scales)
    codes = np.clip(np.rint(blocks / divisor), -7, 7)
    codes = np.where(scales == 0, 0, codes)

    folder = pathlib.Path(results)
    result = (codes * scales).astype(np.float32).reshape(rows, cols)
    np.save(folder / "result.npy", result)  # float32, rows x cols

    # Optional: codes as whole numbers, for their entropy and their use.
    np.save(folder / "codes.npy", (codes.reshape(rows, cols).astype(np.int64) & 15).astype(np.uint8))

    # Everything that would be stored, in bits a weight.
    bits = [
        {"what": "codes", "bitsPerWeight": 4},
        {"what": "scales (f16)", "bitsPerWeight": 16 / BLOCK},
    ]
    (folder / "bits.json").write_text(json.dumps(bits))


main(*sys.argv[1:])
