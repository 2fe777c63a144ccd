"""Solvers in NumPy, by their papers and published code, row-major and without blocks: what the tests hold the kernels to.

Reads cases as JSON from standard input and writes {codes, result, loss} of each. Scales stand (rows x groups); `bits`, `affine`
say what codes there are. Sources: GPTQ arXiv 2210.17323; LDLQ arXiv 2307.13304; Qronos arXiv 2505.11695 and brevitas' qronos.py;
GPTAQ arXiv 2504.02692, algorithm 1; HQQ, hqq/core/optimize.py.
"""
import json
import sys

import numpy as np


def quantizer(case):
    """Codes and values of a column: symmetric -(2^(b-1)-1) .. 2^(b-1)-1, or affine with zero points."""
    scale = case["scales"] = np.array(case["scales"])
    zero = np.array(case["zeros"]) if case["affine"] else None
    top = 2 ** case["bits"] - 1 if case["affine"] else 2 ** (case["bits"] - 1) - 1

    def quantize(w, col):
        group = col // case["group"]
        s = scale[:, group]
        w = w.astype(np.float32).astype(np.float64)
        if zero is None:
            k = np.clip(np.rint(w / s), -top, top)
            return k, (k * s).astype(np.float32).astype(np.float64)
        k = np.clip(np.rint(w / s) + zero[:, group], 0, top)
        return k, ((k - zero[:, group]) * s).astype(np.float32).astype(np.float64)

    return quantize


def hessian(case):
    x = np.array(case["x"])
    return 2 / len(x) * x.T @ x


def damped(h, damp):
    return h + damp * np.mean(np.diag(h)) * np.eye(len(h))


def upper_of_inverse(h):
    return np.linalg.cholesky(np.linalg.inv(h)).T


def gptq(case, order=None, push=None, start=None, skip=0):
    quantize = quantizer(case)
    h = damped(hessian(case), case["damp"])
    order = np.arange(len(h)) if order is None else order
    u = upper_of_inverse(h[order][:, order]) if push is None else push[0]
    p = np.zeros_like(u) if push is None else push[1]
    w = np.array(case["w"])[:, order] if start is None else start
    codes, result, loss = np.zeros_like(w), np.zeros_like(w), 0.0
    for i in range(w.shape[1]):
        if case.get("dynamic") and i % case["group"] == 0:
            now = np.abs(w[:, i : i + case["group"]].astype(np.float32)).max(1).astype(np.float64)
            case["scales"][:, i // case["group"]] = (now / (2 ** (case["bits"] - 1) - 1)).astype(np.float32)
        column = w[:, i].copy()
        k, q = quantize(column, order[i])
        codes[:, order[i]], result[:, order[i]] = k, q
        if i < skip:
            continue
        e = (column - q) / u[i, i]
        loss += np.sum(e**2) / 2
        w[:, i + 1 :] -= np.outer(e, u[i, i + 1 :]) - np.outer(column, p[i, i + 1 :])
    return codes, result, loss


def act_order(h):
    return np.argsort(-np.diag(h), kind="stable")


def gptq_order(case):
    return gptq(case, act_order(hessian(case)))


def ldlq(case):
    """H = (A + I) D (A + I)^T by elimination from the last column on."""
    quantize = quantizer(case)
    h = damped(hessian(case), case["damp"])
    lower = np.linalg.cholesky(h[::-1, ::-1])
    r = lower[::-1, ::-1]
    a = r / np.diag(r)[None, :] - np.eye(len(h))
    w = np.array(case["w"])
    codes, result = np.zeros_like(w), np.zeros_like(w)
    for k in range(w.shape[1]):
        codes[:, k], result[:, k] = quantize(w[:, k] + (w[:, :k] - result[:, :k]) @ a[:k, k], k)
    return codes, result, 0.0


def gptaq(case):
    h = hessian(case)
    x, before = np.array(case["x"]), np.array(case["before"])
    u = upper_of_inverse(damped(h, case["damp"]))
    moved = 2 / len(x) * (before - x).T @ x
    p = case["alpha"] * np.triu(moved @ u.T, 1) @ u
    return gptq(case, push=(u, p))


def qronos(case):
    quantize = quantizer(case)
    h = hessian(case)
    x, before, w = np.array(case["x"]), np.array(case["before"]), np.array(case["w"])
    g = 2 / len(x) * before.T @ x
    v = np.ones(len(h)) / np.sqrt(len(h))
    for _ in range(30):
        v = h @ v
        largest = np.linalg.norm(v)
        v = v / largest
    damping = case["damp"] * largest * np.eye(len(h))
    start = w.copy()
    start[:, 0] = (w @ g[:, 0] - w[:, 1:] @ h[0, 1:]) / h[0, 0]
    _, q = quantize(start[:, 0], 0)
    rest = np.linalg.inv((h + damping)[1:, 1:])
    start[:, 1:] = (w @ (g + damping)[:, 1:] - np.outer(q, h[0, 1:])) @ rest
    u = upper_of_inverse(h + damping)
    u[1:, 1:] = upper_of_inverse((h + damping)[1:, 1:])
    return gptq(case, push=(u, np.zeros_like(u)), start=start, skip=1)


def hqq(case):
    """Zero points by blocks; each ends at its first round without gain and keeps the best, as it is stored (f16)."""
    w, scale = np.array(case["w"]), np.array(case["scales"])
    top = 2 ** case["bits"] - 1
    codes, result = np.zeros_like(w), np.zeros_like(w)
    for r in range(len(w)):
        for g in range(scale.shape[1]):
            part = slice(g * case["group"], (g + 1) * case["group"])
            x, s = w[r, part], scale[r, g]
            zero = best = case["zeros"][r][g]
            least, beta = np.inf, case["beta"]
            for _ in range(case["iters"]):
                k = np.clip(np.rint(x / s + zero), 0, top)
                e = x - (k - zero) * s
                if not np.sum(np.abs(e)) < least:
                    break
                least, best = np.sum(np.abs(e)), zero
                size = np.abs(e)
                with np.errstate(divide="ignore", invalid="ignore"):
                    rest = np.where(size > 0, np.maximum(size - size ** (case["p"] - 1) / beta, 0), 0) * np.sign(e)
                zero = float(np.float16(np.mean(k - (x - rest) / s)))
                beta *= case["kappa"]
            codes[r, part] = np.clip(np.rint(x / s + best), 0, top)
            result[r, part] = ((codes[r, part] - best) * s).astype(np.float32)
    return codes, result, 0.0


SOLVERS = {f.__name__: f for f in (gptq, gptq_order, ldlq, gptaq, qronos, hqq)}
out = []
for case in json.load(sys.stdin):
    codes, result, loss = SOLVERS[case["solver"]](case)
    out.append({"codes": codes.astype(int).tolist(), "result": result.tolist(), "loss": loss})
json.dump(out, sys.stdout)
