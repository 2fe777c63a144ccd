"""The same figures as a fused report and a sweep, in PyTorch: eager, and torch.compile(mode="max-autotune").

python3 torch-peer.py [--sweep-only]; needs a CUDA device. Prints milliseconds, best of several batches by CUDA events.
"""

import sys

import torch

SIDE = 8192
SWEEP_SIDE = 4096
BATCHES, CALLS = 5, 10

NF4 = torch.tensor([-1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635,
                    -0.18477343022823334, -0.09105003625154495, 0.0, 0.07958029955625534, 0.16093020141124725,
                    0.24611230194568634, 0.33791524171829224, 0.44070982933044434, 0.5626170039176941,
                    0.7229568362236023, 1.0])


def e2m1(q):
    a = q.abs()
    n = ((a > 0.25).int() + (a >= 0.75) + (a > 1.25) + (a >= 1.75) + (a > 2.5) + (a >= 3.5) + (a > 5))
    level = torch.where(n < 4, n * 0.5, torch.where(n == 4, 2.0, torch.where(n == 5, 3.0, torch.where(n == 6, 4.0, 6.0))))
    return torch.copysign(level, q), n + 8 * (q < 0), 6.0


def int4(q):
    k = q.round().clamp(-7, 7)
    return k, k.int() & 15, 7.0


def e4m3(q):
    c = q.clamp(-448, 448).to(torch.float8_e4m3fn)
    return c.float(), c.view(torch.uint8).int(), 448.0


def nf4(q):
    table = NF4.to(q.device)
    code = torch.bucketize(q, (table[1:] + table[:-1]) / 2)
    return table[code], code, 1.0


def amax_of(b):
    return b.abs().amax(-1, keepdim=True)


def nvfp4_scale(b):
    t = b.abs().amax() / (6 * 448)
    return (amax_of(b) / (6 * t)).to(torch.float8_e4m3fn).float() * t


def mxfp4_scale(b):
    return torch.exp2(torch.frexp(amax_of(b))[1].float() - 1 - 2)


RECIPES = {
    "nvfp4": (16, nvfp4_scale, e2m1, 16),
    "mxfp4": (32, mxfp4_scale, e2m1, 16),
    "int4/128:f16": (128, lambda b: (amax_of(b) / 7).half().float(), int4, 16),
    "e4m3/row": (None, lambda b: amax_of(b) / 448, e4m3, 256),
    "nf4/64": (64, amax_of, nf4, 16),
}


def encoded(x, recipe):
    block, scale, encode, _ = recipe
    b = x.view(x.shape[0], -1, block or x.shape[1])
    s = scale(b)
    q = b / s
    level, code, most = encode(q)
    return (level * s).view_as(x), code.view_as(x), (q.abs() > most * (1 + 2**-16)).sum(), ((level == 0) & (b != 0)).sum()


def sums_of(x, y):
    e = x - y
    return e, torch.stack([(x * x).sum(), (e * e).sum(), e.abs().sum(), (x * y).sum(), (y * y).sum(), e.abs().max()])


def report(x, recipe, exponent):
    """Sums, largest error, counts, histograms of values, errors and codes, errors and signals by block, row and column."""
    y, code, saturated, flushed = encoded(x, recipe)
    e, sums = sums_of(x, y)
    values = torch.histc(x, 512, -(2.0**exponent), 2.0**exponent)
    errors = torch.histc((e.abs().view(torch.int32) >> 21).float(), 1024, -0.5, 1023.5)
    codes = torch.histc(code.float(), recipe[3], -0.5, recipe[3] - 0.5)
    e2, x2 = e * e, x * x
    block = recipe[0] or x.shape[1]
    profiles = []
    for t in (e2, x2):
        profiles += [t.view(x.shape[0], -1, block).sum(-1), t.sum(1), t.sum(0)]
    a = e.abs()
    profiles += [a.view(x.shape[0], -1, block).amax(-1), a.amax(1), a.amax(0)]
    return sums, saturated, flushed, values, errors, codes, *profiles


def figures(x, recipe):
    """What a sweep shows of a recipe."""
    y, _, saturated, flushed = encoded(x, recipe)
    return sums_of(x, y)[1], saturated, flushed


def time(work):
    for _ in range(3):
        work()
    best = float("inf")
    for _ in range(BATCHES):
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        start.record()
        for _ in range(CALLS):
            work()
        end.record()
        torch.cuda.synchronize()
        best = min(best, start.elapsed_time(end) / CALLS)
    return best


def compare(name, work, x, *args):
    with torch.no_grad():
        eager = time(lambda: work(x, *args))
        torch._dynamo.reset()
        compiled = torch.compile(lambda x: work(x, *args), mode="max-autotune")
        print(f"{name:32} eager {eager:9.3f} ms   torch.compile {time(lambda: compiled(x)):9.3f} ms", flush=True)


def main():
    torch.manual_seed(1)
    print(torch.__version__, torch.cuda.get_device_name())
    if "--sweep-only" not in sys.argv:
        x = torch.randn(SIDE, SIDE, device="cuda")
        exponent = int(torch.frexp(x.abs().max())[1])
        for name, recipe in RECIPES.items():
            compare(f"report {name}", report, x, recipe, exponent)
        del x
    x = torch.randn(SWEEP_SIDE, SWEEP_SIDE, device="cuda")
    for name in ("int4/128:f16", "mxfp4", "e4m3/row", "nf4/64"):
        compare(f"one recipe of a sweep {name}", figures, x, RECIPES[name])


main()
