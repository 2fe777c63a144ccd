/** Python: blocks, their statistics, and scales resolved from the outermost level in. */

export const BLOCKS = `
def lay(shape, rows, cols):
    """The block of each element, row-major, and the rows and columns of the grid of blocks."""
    kind, *size = shape
    r, c = np.divmod(np.arange(rows * cols), cols)
    if kind == "flat":
        n = min(size[0], rows * cols)
        return (r * cols + c) // n, 1, -(-rows * cols // n)
    down, across = {
        "run": lambda n: (1, min(n, cols)),
        "tile": lambda h, w: (min(h, rows), min(w, cols)),
        "row": lambda: (1, cols),
        "col": lambda: (rows, 1),
        "tensor": lambda: (rows, cols),
    }[kind](*size)
    grid_cols = -(-cols // across)
    return r // down * grid_cols + c // across, -(-rows // down), grid_cols


def gather(block, n, values, ufunc, start):
    out = np.full(n, start, np.float64)
    ufunc.at(out, block, values)
    return out


def signed_max(block, n, values):
    """Of each block the value of largest magnitude, the first of equals."""
    size = np.abs(values)
    largest = gather(block, n, size, np.maximum, 0)
    hits = np.flatnonzero((size == largest[block]) & (size > 0))
    first = np.full(n, -1)
    first[block[hits][::-1]] = hits[::-1]
    return np.where(first < 0, 0, values[np.maximum(first, 0)])
`;

export const MX = `
def shared_exponent(clip, raised, top):
    """The power of two that ~mx takes for a clip; 0 for 0."""
    m, e = np.frexp(np.where(clip == 0, 1, np.abs(clip)))
    return np.where(clip == 0, 0, np.ldexp(1.0, e - 1 + (2 * m >= raised) - top))
`;

export const STORE = `
def store(level, depth, hi, lo, den, index=None):
    """Ideal scales (hi + lo) / den rounded once into their format, saturating: codes and values."""
    index = np.arange(len(hi)) if index is None else index
    low = (hi + lo) / den < (level["least"] or -np.inf)
    hi, lo, den = np.where(low, level["least"], hi), np.where(low, 0, lo), np.where(low, 1, den)
    ladder = level["format"]
    if ladder is None:
        return None, to_float32(hi, lo, den)
    r = np.clip(rank(ladder, level["mode"], hi, lo, den, index, 1 + depth, True), 0, len(ladder.levels) - 1)
    return ladder.codes[r], ladder.levels[r]


def product(a, b):
    return saturate((a * b).astype(np.float32).astype(np.float64))


def resolve(depth, hi, lo, den, rows, cols):
    """Scales in force of a level, and of the one outside; fills STORED from the innermost out."""
    level = LEVELS[depth]
    STORED.append(None)
    offset = np.float64(np.float32(np.cumsum(hi / den)[-1] / len(hi))) if level["mean"] else 0.0
    if offset:
        hi = ((hi + lo) / den).astype(np.float32).astype(np.float64)
        hi = (hi - offset).astype(np.float32).astype(np.float64)
        lo, den = np.zeros_like(hi), 1.0
    over = outer = None
    if depth + 1 < len(LEVELS):
        outer = resolve_outer(depth + 1, hi, lo, den, rows, cols)
        block, *_ = lay(LEVELS[depth + 1]["block"], rows, cols)
        over = outer[block]
    if over is None:
        code, value = store(level, depth, hi, lo, np.full(len(hi), den))
        force = saturate(value.astype(np.float32).astype(np.float64))
    else:
        none = over == 0
        safe = np.where(none, 1, over)
        code, value = store(level, depth, np.where(none, 0, hi), np.where(none, 0, lo), np.where(none, 1, den * safe))
        force = product(value, over)
    STORED[depth] = [code, value, (rows, cols)]
    force = (force + offset).astype(np.float32).astype(np.float64)
    return (force, over) if depth == 0 else force


def resolve_outer(depth, hi, lo, den, rows, cols):
    level = LEVELS[depth]
    block, grid_rows, grid_cols = lay(level["block"], rows, cols)
    n = grid_rows * grid_cols
    ideal = -hi if den < 0 else hi
    clip = signed_max(block, n, ideal) if level["divisor"] < 0 else gather(block, n, np.abs(ideal), np.maximum, 0)
    largest = np.abs(ideal) == np.abs(clip)[block]
    low = np.zeros(n)
    np.maximum.at(low, block, np.where(largest, lo, 0))
    if level["mx"]:
        clip = shared_exponent(clip / abs(den), *level["mx"]) * level["divisor"] * abs(den)
        low = np.zeros(n)
    return resolve(depth, clip, low, abs(den) * level["divisor"], grid_rows, grid_cols)
`;

export const RANGE = `
def two_sum(high, low):
    """high - low as an exact sum of two doubles."""
    b = -low
    s = high + b
    bb = s - high
    return s, high - (s - bb) + (b - bb)


def zero_point(low, scale):
    q = np.divide(-low, scale, out=np.zeros_like(low), where=(scale != 0) & ~np.isnan(scale))
    z = np.clip(np.rint(q), 0, MOST)
    if ZERO_FORMAT is None:
        return z
    z = np.atleast_1d(z)
    r = rank(ZERO_FORMAT, ("rne",), z, 0, 1, None, 0, True)
    return np.where((scale == 0) | np.isnan(scale), 0, ZERO_FORMAT.levels[np.clip(r, 0, len(ZERO_FORMAT.levels) - 1)])
`;

export const GRID_SEARCH = `
def stable_pow(x, p):
    """|x|^p from + - * / alone."""
    a = np.abs(x)
    if p == 1 or p == 2:
        return a if p == 1 else a * a
    m, e = np.frexp(np.where(a == 0, 1, a))
    m, e = 2 * m, e - 1
    large = m > math.sqrt(2)
    m, e = np.where(large, m * 0.5, m), e + large
    z = (m - 1) / (m + 1)
    total = np.zeros_like(z)
    for k in range(25, 0, -2):
        total = total * (z * z) + 1 / k
    y = p * (e * math.log(2) + 2 * z * total)
    k = np.floor(y / math.log(2) + 0.5)
    r = y - k * 0.6931471803691238 - k * 1.9082149292705877e-10
    total = np.ones_like(r)
    for i in range(18, 0, -1):
        total = 1 + r / i * total
    return np.where((a == 0) | (y < -700), 0, np.ldexp(total, k.astype(int)))


def search(values, full, low, high, p, grid, least):
    """The factor on the clip with the least sum of |error|^p; the larger clip wins among equals."""
    best, smallest = 1.0, np.inf
    one = lambda v: np.array([v], np.float64)
    level = LEVELS[0]
    for i in range(grid + 1):
        factor = 1 - i * (1 - least) / grid
        hi, lo = two_sum(one(high * factor), one(low * factor)) if AFFINE else (one(full * factor), one(0))
        if len(LEVELS) == 1:
            scale = store(level, 0, hi, lo, one(level["divisor"]))[1]
        else:
            scale = ((hi + lo) / level["divisor"]).astype(np.float32).astype(np.float64)
        if scale[0] == 0:
            continue
        zero = zero_point(one(low * factor), scale) if AFFINE else one(0)
        s, z = np.full(len(values), scale[0]), np.full(len(values), zero[0])
        result, _ = encode(values, s, z, np.arange(len(values)), SEARCH_MODE)
        error = (values - result).astype(np.float32).astype(np.float64)
        total = np.cumsum(stable_pow(error, p))[-1] if len(values) else 0.0
        if total < smallest * (1 - NEAR):
            best, smallest = factor, total
    return (low * best, high * best) if AFFINE else (0.0, full * best)
`;
