/** Python: the search of ~mse, block by block. */

export const BEST = `
LOG_TERMS = [1 / k for k in range(15, 0, -2)]
EXP_TERMS = [1 / math.factorial(k) for k in range(11, -1, -1)]


def scaled_pow(x, p, shift):
    """(|x| / 2^shift)^p from + - * / alone; NaN where x is not finite."""
    a = np.abs(x)
    if p == 1 or p == 2:
        return a if p == 1 else a * a
    zero = a == 0
    m, e = np.frexp(np.where(zero | ~np.isfinite(a), 1, a))
    m, e = 2 * m, e - 1
    large = m > math.sqrt(2)
    m, e = np.where(large, m * 0.5, m), e + large
    z = (m - 1) / (m + 1)
    total = np.full_like(z, LOG_TERMS[0])
    for term in LOG_TERMS[1:]:
        total = total * (z * z) + term
    y = p * ((e - shift) * math.log(2) + (z + z) * total)
    k = np.floor(np.clip(y, -700, 700) * 1.4426950408889634 + 0.5)
    r = y - k * 0.6931471803691238 - k * 1.9082149292705877e-10
    total = np.full_like(r, EXP_TERMS[0])
    for term in EXP_TERMS[1:]:
        total = total * r + term
    power = np.where(y < -700, 0, np.where(y > 700, np.inf, np.ldexp(total, k.astype(int))))
    return np.where(np.isfinite(a), np.where(zero, 0, power), np.nan)


def cost(values, result, p, shift):
    """Sums of |error|^p, one a row: value i adds to sum i mod 4, and the four are added crosswise."""
    terms = scaled_pow((values - result).astype(np.float32).astype(np.float64), p, shift)
    terms = np.pad(terms, ((0, 0), (0, -terms.shape[1] % 4))).reshape(len(terms), -1, 4)
    sums = np.cumsum(terms, axis=1)[:, -1]
    return (sums[:, 0] + sums[:, 2]) + (sums[:, 1] + sums[:, 3])


def in_force(stored, over, offset):
    force = saturate(stored.astype(np.float32).astype(np.float64)) if over is None else product(stored, over)
    return (force + offset).astype(np.float32).astype(np.float64)


def candidates(b, own, ideal, over, offset, largest):
    """Stored scales in the order in which they are tried: the plain rule's, smaller ones, larger ones, the other sign."""
    level = LEVELS[0]
    one = lambda v: (v, np.zeros(len(v)), np.ones(len(v)), np.full(len(v), b))
    if SEARCH["factors"] is not None:
        wanted = (ideal * np.array(SEARCH["factors"]) - offset) / (1.0 if over is None else over)
        tried = store(level, 0, *one(wanted))[1]
        return tried[tried != own]
    if SEARCH["codes"]:
        levels = level["format"].levels
        levels = levels[(levels == 0) | (np.abs(levels) >= level["least"])]
        if level["mean"]:
            force = in_force(levels, over, offset)
            above, below, other = levels[levels > own], levels[(levels < own) & (force > 0)][::-1], levels[:0]
        else:
            up, down = levels[levels >= 0], -levels[levels < 0][::-1]
            mine, theirs, sign = (down, up, -1) if ideal < 0 else (up, down, 1)
            size = own * sign
            above, below = sign * mine[mine > size], sign * mine[mine < size][::-1]
            other = -sign * theirs[theirs > 0] if level["divisor"] < 0 else levels[:0]
        again = [own] if AFFINE else []
        kept = []
        for each in (above, other):
            small = np.flatnonzero(largest < SEARCH["zero"] * np.abs(in_force(each, over, offset)) * (1 - 2.0**-20))
            kept.append(each[: small[0] + 1] if len(small) else each)
        return np.concatenate([again, below, kept[0], kept[1]]) + 0.0
    h = (1 - SEARCH["least"]) / SEARCH["grid"]
    up = 1 + np.arange(1, SEARCH["above"] + 1) * h
    i = np.arange(1, SEARCH["grid"] + 1)
    down = 1 - i * (1 - SEARCH["least"]) / SEARCH["grid"]
    wanted = (ideal * np.concatenate([down, up]) - offset) / (1.0 if over is None else over)
    tried = store(level, 0, *one(wanted))[1]
    if SEARCH["top"] is not None:
        exponent, several = SEARCH["top"]
        power = 2.0 ** (math.frexp(largest)[1] - 1 - exponent + np.arange(several))
        den = np.full(several, 1.0 if over is None else over)
        powers = store(level, 0, power, np.zeros(several), den, np.full(several, b))[1]
        tried = np.insert(tried, SEARCH["grid"], powers)
    return tried[tried != 0]


def best(b, values, own, ideal, over, offset, largest, low):
    """The stored scale with the least cost, and its zero point; the first of equals."""
    level = LEVELS[0]
    one = lambda v: np.array([v], np.float64)
    zero = zero_point(one(low), in_force(one(own), over, offset))[0] if AFFINE else 0.0
    if largest == 0 or over == 0:
        return own, zero
    stored = candidates(b, own, ideal, over, offset, largest)
    force = in_force(stored, over, offset)
    zeros = np.zeros(len(stored))
    if AFFINE:
        middle = zero_point(low * (force / ideal), force)
        if SEARCH["codes"]:
            z = np.stack([middle, middle - 1, middle + 1], 1)
            keep = ((z >= 0) & (z <= MOST)) | (np.arange(3) == 0)
            keep[force == 0, 1:] = False
            around = zero_point((-z * force[:, None]).ravel(), np.repeat(force, 3)).reshape(z.shape)
            z = np.where(np.arange(3) == 0, z, around)
            stored, force, zeros = np.repeat(stored, 3)[keep.ravel()], np.repeat(force, 3)[keep.ravel()], z.ravel()[keep.ravel()]
        else:
            zeros = middle
    stored, zeros = np.append(own, stored), np.append(zero, zeros)
    force = in_force(stored, over, offset)
    n, shift = len(values), math.frexp(largest)[1] - 1
    smallest, found = np.inf, 0
    for i in range(0, len(stored), 16):
        part = slice(i, i + 16)
        m = len(stored[part])
        each = lambda v: np.repeat(v[part], n)
        result, _ = encode(np.tile(values, m), each(force), each(zeros), np.tile(np.arange(n), m), SEARCH_MODE)
        costs = cost(values, result.reshape(m, n), SEARCH["p"], shift)
        costs = np.where(np.isnan(costs), np.inf, costs)
        if costs.min() < smallest:
            smallest, found = costs.min(), i + int(np.argmin(costs))
    return stored[found], zeros[found]
`;

/** After the plain rule's scales stand: those that the search finds in their place. */
export const BEST_OF_EACH_BLOCK = `
ideals = (hi + lo) / LEVELS[0]["divisor"]
offset = np.float64(np.float32(np.cumsum(hi / LEVELS[0]["divisor"])[-1] / len(hi))) if LEVELS[0]["mean"] else 0.0
zeros = np.zeros(count)
order = np.argsort(block, kind="stable")
for b, members in enumerate(np.split(order, np.cumsum(np.bincount(block, minlength=count))[:-1])):
    v = flat[members][finite[members]]
    outside = None if over is None else over[b]
    STORED[0][1][b], zeros[b] = best(b, v, STORED[0][1][b], ideals[b], outside, offset, amax[b], low[b])
if LEVELS[0]["format"] is not None:
    STORED[0][0] = LEVELS[0]["format"].codes[np.searchsorted(LEVELS[0]["format"].levels, STORED[0][1])]
force = in_force(STORED[0][1], over, offset)
`;
