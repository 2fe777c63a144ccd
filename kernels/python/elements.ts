/** Python: from values and scales in force to codes and results, and the rotation before it. */
import { DRAWN } from "./ladder.ts";

export const ENCODE_LADDER = `
def encode(x, s, _, index, mode):
    """Codes and results of values under scales in force (s is NaN where a block is undefined)."""
    q = np.divide(x, s, out=np.zeros_like(x), where=s != 0)
    plain = np.isfinite(q) & np.isfinite(x)
    scaled = plain & (s != 0)
    hi, den = np.where(scaled, x, np.where(plain, q, 0)), np.where(scaled, s, 1)
    r = rank(ELEMENT, mode, hi, np.zeros_like(hi), den, index, 0, WIDE)
    levels, last = ELEMENT.levels, len(ELEMENT.levels) - 1
    signs = np.where(np.where(s < 0, x < 0, x > 0), np.inf, -np.inf)
    overflow = np.zeros(len(x), bool)
    if SAT != "clamp":
        q2, low, high = np.where(plain, q, 0), ELEMENT.beyond[0], ELEMENT.beyond[1]
        word = draw(mode[1], 0, index) if mode[0] in ${DRAWN} else None
        full = lambda v: np.full(len(x), float(v))
        decide = lambda a, b, odd: takes_upper(mode, hi, 0 * hi, den, q2, full(a), full(b), np.full(len(x), odd), word, False, full((a + b) / 2))
        r = np.where((r < 0) & (q2 > low) & decide(low, levels[0], not ELEMENT.odd[0]), 0, r)
        r = np.where((r > last) & (q2 < high) & ~decide(levels[last], high, bool(ELEMENT.odd[last])), last, r)
        overflow = plain & ((r > last) | ((r < 0) & (q < 0))) | (~plain & ~np.isnan(x) & ~np.isnan(s))
    r = np.clip(np.where(plain, r, np.where(signs > 0, last, 0)), 0, last)
    level, code = levels[r], ELEMENT.codes[r].astype(np.int64)
    minus = (level == 0) & plain & np.signbit(x) & (ELEMENT.minus_zero > 0)
    with np.errstate(all="ignore"):
        result = np.where(plain & (level == 0), np.where(minus, -0.0, 0.0), (level * s).astype(np.float32).astype(np.float64))
    code = np.where(minus, code + ELEMENT.minus_zero, code)
    if SAT != "clamp":
        up = np.where(plain, q > 0, signs > 0)
        infinite = (SAT == "inf" and ELEMENT.inf is not None) & (up | (ELEMENT.sign > 0))
        nan, inf = ELEMENT.nan or 0, ELEMENT.inf or 0
        beyond = np.where(infinite, inf, nan) + np.where(up | (~infinite & FNUZ), 0, ELEMENT.sign)
        result = np.where(overflow, np.where(infinite, np.where(up, np.inf, -np.inf), np.nan), result)
        code = np.where(overflow, beyond, code)
    undefined = np.isnan(x) | np.isnan(s)
    code = np.where(undefined, ELEMENT.codes[ELEMENT.zero] if ELEMENT.nan is None else ELEMENT.nan, code)
    return np.where(undefined, np.nan, result), code
`;

export const ENCODE_INTEGER = `
def encode(x, s, zero, index, mode):
    """Codes and results of values under scales in force and zero points."""
    step = 2.0**FRAC
    q = np.divide(x, s, out=np.zeros_like(x), where=s != 0) * step
    plain = np.isfinite(q) & np.isfinite(x)
    p = np.where(plain, q, 0)
    lower = np.floor(p)
    scaled = plain & (s != 0)
    word = draw(mode[1], 0, index) if mode[0] in ${DRAWN} else None
    hi, den = np.where(scaled, x * step, p), np.where(scaled, s, 1)
    up = takes_upper(mode, hi, 0 * hi, den, p, lower, lower + 1, lower % 2 != 0, word, False, lower + 0.5)
    k = np.where((p == lower) | ~up, lower, lower + 1)
    k = np.where(plain, k, np.where(np.where(s < 0, x < 0, x > 0), np.inf, -np.inf))
    k = np.clip(k + zero, LEAST, MOST)
    level = (k - zero) / step
    result = np.where(level == 0, 0.0, (level * s).astype(np.float32).astype(np.float64))
    undefined = np.isnan(x) | np.isnan(s)
    k = np.where(undefined, zero, k)
    return np.where(undefined, np.nan, result), np.where(k < 0, k + 2**BITS, k).astype(np.int64)
`;

export const ROTATION = `
def paley(order):
    q = order - 1
    squares = {i * i % q for i in range(1, q)}
    chi = lambda a: 0 if a % q == 0 else 1 if a % q in squares else -1
    inside = lambda i, j: (0 if j == 0 else 1) if i == 0 else -1 if j == 0 else chi(j - i)
    return [[inside(i, j) + (i == j) for j in range(order)] for i in range(order)]


def rotate(x, n, inverse):
    """Block Hadamard rotation of each n values of a row in float32: sums of distance 1, 2, 4 ..., then one factor."""
    order = next(p for p in (1, 12, 20) if n % p == 0 and (n // p) & (n // p - 1) == 0)
    power = n // order
    y = x.reshape(-1, order, power).copy()
    h = 1
    while h < power:
        y = y.reshape(-1, order, power // (2 * h), 2, h)
        y = np.stack([y[..., 0, :] + y[..., 1, :], y[..., 0, :] - y[..., 1, :]], -2).reshape(-1, order, power)
        h *= 2
    if order > 1:
        matrix = np.array(paley(order), np.float32)
        matrix = matrix.T if inverse else matrix
        mixed = np.zeros_like(y)
        for i in range(order):
            for j in range(order):
                mixed[:, i] += matrix[i, j] * y[:, j]
        y = mixed
    return (y * np.float32(1 / math.sqrt(n))).reshape(x.shape)


def step(x, n, seed, stream, inverse, skip):
    """A rotation, with random signs where there is a seed; blocks that hold NaN or Inf are left as they are."""
    signs = np.ones(x.shape[1], np.float32)
    if seed is not None:
        signs = np.where(draw(seed, stream, np.arange(x.shape[1])) >> 31 == 1, -1, 1).astype(np.float32)
    with np.errstate(all="ignore"):
        y = rotate(x, n, True) * signs if inverse else rotate(x * signs, n, False)
    bad = np.repeat(skip.reshape(len(x), -1, n).any(2), n, 1)
    return np.where(bad, x, y)
`;
