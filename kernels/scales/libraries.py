"""The arithmetic of libraries, step by step in float32, written from their public sources:

bnb_nf4, bnb_fp4   bitsandbytes 95f9af3: functional.py quantize_4bit, create_dynamic_map; csrc/kernels.cu dQuantizeNF4,
                   dQuantizeFP4, dQuantize. Division and subnormals as IEEE has them, the mean in float64.
torchao_nvfp4      torchao 36027d8: prototype/mx_formats/nvfp4_tensor.py nvfp4_quantize, NVFP4Tensor.dequantize
torchao_mxfp4      torchao 36027d8: prototype/mx_formats/mx_tensor.py to_mx (FLOOR), to_dtype
modelopt_nvfp4     Model-Optimizer a2fbac7: modelopt/torch/quantization/qtensor/nvfp4_tensor.py

python3 libraries.py JOBS.json   reads [{preset, rows, cols, values}] with paths of raw float32 files, and writes beside each
PATH.codes (uint32), PATH.result (float32) and PATH.scales0, PATH.scales1 (float32, innermost first), PATH.stored (uint32).
"""
import json
import sys

import numpy as np

f32 = np.float32
np.seterr(all="ignore")

NF4 = np.array(
    [-1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635, -0.18477343022823334,
     -0.09105003625154495, 0.0, 0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224,
     0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1.0], f32)
NF4_TREE = np.array(
    [-0.8480964004993439, -0.6106329262256622, -0.4599952697753906, -0.33967943489551544, -0.23460740596055984,
     -0.13791173323988914, -0.045525018125772476, 0.03979014977812767, 0.1202552504837513, 0.2035212516784668,
     0.2920137718319893, 0.3893125355243683, 0.5016634166240692, 0.6427869200706482, 0.8614784181118011], f32)
FP4 = np.array([0.0, 0.005208333333, 0.66666667, 1.0, 0.33333333, 0.5, 0.16666667, 0.25], f32)
E2M1 = np.array([0, 0.5, 1, 1.5, 2, 3, 4, 6], f32)


def linspace(start, end, n):
    """torch.linspace on a CPU: from both ends, product and sum fused."""
    start, end = f32(start), f32(end)
    step = f32(f32(end - start) / f32(n - 1))
    return np.array([f32(float(start) + float(step) * i if i < n // 2 else float(end) - float(step) * (n - 1 - i)) for i in range(n)], f32)


def dynamic_map():
    data = []
    for i in range(7):
        boundaries = linspace(0.1, 1, 2**i + 1)
        means = (boundaries[:-1] + boundaries[1:]) / f32(2)
        data += (f32(10.0 ** (i - 6)) * means).tolist() + (-f32(10.0 ** (i - 6)) * means).tolist()
    return np.sort(np.array(data + [0, 1.0], f32))


def d_quantize(code, x):
    """The bisection of dQuantize<0>, for one float32."""
    pivot, upper_pivot, lower_pivot = 127, 255, 0
    lower, upper, val = f32(-1), f32(1), code[127]
    for i in (64, 32, 16, 8, 4, 2, 1):
        if x > val:
            lower_pivot, lower, pivot = pivot, val, pivot + i
        else:
            upper_pivot, upper, pivot = pivot, val, pivot - i
        val = code[pivot]
    upper = code[255] if upper_pivot == 255 else upper
    lower = code[0] if lower_pivot == 0 else lower
    if x > val:
        return upper_pivot if x > (upper + val) * f32(0.5) else pivot
    return lower_pivot if x < (lower + val) * f32(0.5) else pivot


def d_quantize_fp4(x):
    sign = np.where(x < 0, 8, 0)
    size = np.abs(x)
    steps = [(0.00260417, 1), (0.0859375, 6), (0.20833333, 7), (0.29166667, 4), (0.4166667, 5), (0.583333, 2), (0.8333333, 3)]
    code = np.zeros(x.shape, np.int64)
    for pivot, above in steps:
        code = np.where(size > f32(pivot), above, code)
    return code + sign


def blocks_of(x, n):
    flat = x.reshape(-1)
    return np.concatenate([flat, np.zeros(-flat.size % n, f32)]).reshape(-1, n)


def bnb(x, kind, nested):
    blocks = blocks_of(x, 64)
    absmax = np.abs(blocks).max(1)
    scaled = blocks * (f32(1) / absmax)[:, None]
    codes = (scaled[..., None] > NF4_TREE).sum(-1) if kind == "nf4" else d_quantize_fp4(scaled)
    force, scales, stored = absmax, [absmax], None
    if nested:
        code = dynamic_map()
        offset = f32(np.cumsum(absmax, dtype=np.float64)[-1] / len(absmax))
        less = absmax - offset
        rows = blocks_of(less, 256)
        nested_absmax = np.abs(rows).max(1)
        t = (rows * (f32(1) / nested_absmax)[:, None]).reshape(-1)[: len(less)]
        stored = np.array([d_quantize(code, v) for v in t])
        force = code[stored] * np.repeat(nested_absmax, 256)[: len(less)] + offset
        scales = [code[stored], nested_absmax]
    if kind == "nf4":
        back = NF4[codes] * force[:, None]
    else:
        back = (FP4[codes & 7] * np.where(codes & 8, f32(-1), f32(1))) * force[:, None]
    return codes.reshape(-1)[: x.size], back.reshape(-1)[: x.size], scales, stored


def to_e4m3(x):
    """float8_e4m3fn of float32 magnitudes up to 448, ties to even; NaN stays. Its codes, and their values."""
    code = np.arange(127)
    exponent, fraction = code >> 3, code & 7
    values = np.where(exponent == 0, fraction * 2.0**-9, (8 + fraction) * 2.0 ** (exponent - 10))
    mids = (values[:-1] + values[1:]) / 2
    k = np.searchsorted(mids, x.astype(np.float64))
    tie = (k < 126) & (mids[np.minimum(k, 125)] == x) & (k % 2 == 1)
    k = np.where(np.isnan(x), 127, np.minimum(k + tie, 126))
    return k, np.append(values, np.nan)[k].astype(f32)


def to_e2m1(x):
    """f32_to_f4_unpacked: nearest even, saturating, the sign of a zero kept."""
    size = np.abs(x).astype(np.float64)
    step = np.where(size < 2, 0.5, np.where(size < 4, 1.0, 2.0))
    rounded = np.minimum(np.rint(size / step) * step, 6)
    return np.searchsorted(E2M1, rounded) + np.where(np.signbit(x), 8, 0)


def from_e2m1(codes):
    return E2M1[codes & 7] * np.where(codes & 8, f32(-1), f32(1))


def torchao_nvfp4(x):
    per_tensor_scale = np.abs(x).max() / f32(448.0 * 6.0)
    data = blocks_of(x, 16)
    block_scale = np.abs(data).max(1) / f32(6)
    stored, scale = to_e4m3(np.clip(block_scale / per_tensor_scale, f32(2.0**-6), f32(448)))
    reciprocal = (f32(1) / per_tensor_scale) / scale
    codes = to_e2m1(np.clip(data * reciprocal[:, None], f32(-6), f32(6)))
    back = from_e2m1(codes) * (per_tensor_scale * scale)[:, None]
    return codes.reshape(-1), back.reshape(-1), [scale, np.array([per_tensor_scale])], stored


def torchao_mxfp4(x):
    data = blocks_of(x, 32)
    bits = np.abs(data).max(1).view(np.int32)
    biased = np.clip((bits >> 23 & 255) - 127 - 2, -127, 128) + 127
    inverse = np.ldexp(f32(1), 127 - biased).astype(f32)
    codes = to_e2m1(data * inverse[:, None])
    scale = np.ldexp(f32(1), biased - 127).astype(f32)
    return codes.reshape(-1), (from_e2m1(codes) * scale[:, None]).reshape(-1), [scale], biased


def modelopt_nvfp4(x):
    scale_2 = np.abs(x).max() / f32(6.0 * 448.0)
    data = blocks_of(x, 16)
    per_block = np.abs(data).max(1) / (f32(6) * scale_2)
    per_block = np.where(per_block == 0, f32(1), per_block)
    stored, scale = to_e4m3(np.clip(per_block, f32(2.0**-9), f32(448)))
    weight = data / (scale * scale_2)[:, None]
    size = np.abs(weight)
    bounds = np.array([0.25, 0.75, 1.25, 1.75, 2.5, 3.5, 5], f32)
    ordinal = np.searchsorted(bounds, size) + np.isin(size, bounds[[1, 3, 5]])
    codes = np.where(weight < 0, 8, 0) + ordinal
    values = np.array([0, 0.5, 1, 1.5, 2, 3, 4, 6, 0, -0.5, -1, -1.5, -2, -3, -4, -6], f32)
    return codes.reshape(-1), (values[codes] * (scale * scale_2)[:, None]).reshape(-1), [scale, np.array([scale_2])], stored


PRESETS = {
    "bnb_nf4": lambda x: bnb(x, "nf4", True),
    "nf4(arith=bnb)/flat(64)": lambda x: bnb(x, "nf4", False),
    "bnb_fp4": lambda x: bnb(x, "fp4", False),
    "torchao_nvfp4": torchao_nvfp4,
    "torchao_mxfp4": torchao_mxfp4,
    "modelopt_nvfp4": modelopt_nvfp4,
}

if __name__ == "__main__":
    for job in json.load(open(sys.argv[1])):
        x = np.fromfile(job["values"], f32).reshape(job["rows"], job["cols"])
        codes, result, scales, stored = PRESETS[job["preset"]](x)
        codes.astype(np.uint32).tofile(job["values"] + ".codes")
        result.astype(f32).tofile(job["values"] + ".result")
        for k, values in enumerate(scales):
            values.astype(f32).tofile(f"{job['values']}.scales{k}")
        if stored is not None:
            stored.astype(np.uint32).tofile(job["values"] + ".stored")
