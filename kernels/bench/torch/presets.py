"""Holds kernels/scales/libraries.py, which the presets' tests rest on, against PyTorch's own operations.

python3 kernels/bench/torch/presets.py   needs PyTorch 2.11; a GPU for the last two lines. Prints one line a check, exits 1
where one that should agree does not. On a GPU it also says how often an approximate reciprocal (bitsandbytes builds its
kernels with --use_fast_math) differs from the rounded one, and how many codes follow.
"""
import os
import sys

import numpy as np
import torch

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../scales"))
import libraries  # noqa: E402

failed = 0


def check(what, same):
    global failed
    failed += not same
    print(f"{'ok  ' if same else 'FAIL'} {what}", flush=True)


def bits(x):
    return np.ascontiguousarray(x).reshape(-1).view(np.uint32)


def torch_dynamic_map():
    data = []
    for i in range(7):
        boundaries = torch.linspace(0.1, 1, 2**i + 1, dtype=torch.float32)
        means = (boundaries[:-1] + boundaries[1:]) / 2.0
        data += ((10 ** (-6 + i)) * means).tolist() + (-(10 ** (-6 + i)) * means).tolist()
    return torch.tensor(sorted(data + [0, 1.0]), dtype=torch.float32)


def e2m1(x):
    """Nearest even by comparison with the middles, for a float32 tensor."""
    bounds = torch.tensor([0.25, 0.75, 1.25, 1.75, 2.5, 3.5, 5], device=x.device)
    size = x.abs()
    up = torch.searchsorted(bounds, size, right=False) + ((size == 0.75) | (size == 1.75) | (size == 3.5))
    return up


def torchao_nvfp4(x):
    whole = x.abs().amax() / (448.0 * 6.0)
    data = x.reshape(-1, 16)
    scale = torch.clamp(data.abs().amax(1) / 6.0 / whole, 2.0**-6, 448.0).to(torch.float8_e4m3fn)
    factor = (1.0 / whole) / scale.float()
    scaled = torch.clamp(data * factor[:, None], -6, 6)
    codes = e2m1(scaled) + 8 * torch.signbit(scaled)
    return codes, scale.view(torch.uint8), whole


def modelopt_nvfp4(x):
    whole = x.abs().amax() / (6.0 * 448.0)
    data = x.reshape(-1, 16)
    scale = data.abs().amax(1) / (6.0 * whole)
    scale[scale == 0] = 1.0
    scale = scale.clamp(2.0**-9, 448.0).to(torch.float8_e4m3fn)
    scaled = data / (scale.float() * whole)[:, None]
    return e2m1(scaled) + 8 * (scaled < 0), scale.view(torch.uint8), whole


ours = libraries.dynamic_map()
differ = int((bits(ours) != bits(torch_dynamic_map().numpy())).sum())
check(f"dynamic map: {differ} of 256 levels differ from torch.linspace", differ == 0)

devices = ["cpu"] + (["cuda"] if torch.cuda.is_available() else [])
generator = torch.Generator().manual_seed(7)
for spread in (0, 40):
    x = torch.randn(512, 1024, generator=generator) * torch.exp2(-torch.randint(0, spread + 1, (512, 64), generator=generator)).repeat_interleave(16, 1)
    for name, of in (("torchao_nvfp4", torchao_nvfp4), ("modelopt_nvfp4", modelopt_nvfp4)):
        codes, _, scales, stored = libraries.PRESETS[name](x.numpy())
        for device in devices:
            c, s, whole = (t.cpu().numpy() for t in of(x.to(device)))
            wrong = int((c.reshape(-1) != codes).sum()), int((s.reshape(-1) != stored).sum()), int(bits(whole)[0] != bits(scales[1])[0])
            check(f"{name} on {device}, blocks over {spread} octaves: {wrong} codes, scales, tensor scales differ", wrong == (0, 0, 0))

if torch.cuda.is_available() and hasattr(torch.cuda, "_compile_kernel"):
    source = "extern \"C\" __global__ void inverse(const float* a, float* b, int n) { int i = blockIdx.x * 256 + threadIdx.x; if (i < n) b[i] = 1.0f / a[i]; }"
    kernel = torch.cuda._compile_kernel(source, "inverse", nvcc_options=["--use_fast_math"])
    x = torch.randn(4096 * 4096, device="cuda").reshape(-1, 64)
    absmax = x.abs().amax(1)
    fast = torch.empty_like(absmax)
    kernel(((absmax.numel() + 255) // 256, 1, 1), (256, 1, 1), (absmax, fast, absmax.numel()))
    torch.cuda.synchronize()
    true = 1.0 / absmax
    tree = torch.tensor(libraries.NF4_TREE, device="cuda")
    a, b = (torch.searchsorted(tree, x * f[:, None], right=False) for f in (fast, true))
    print(f"note approximate reciprocals: {int((fast != true).sum())} of {absmax.numel()} differ, and {int((a != b).sum())} of {x.numel()} NF4 codes")
    mean = [float(absmax.mean()), float(np.float32(absmax.double().mean().item()))]
    print(f"note mean of the maxima: {mean[0]!r} in torch's order, {mean[1]!r} in float64")

sys.exit(failed > 0)
