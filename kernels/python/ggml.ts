/** Python: the quantizers of ggml, over all blocks at once; every operation is float32 in ggml's order. */

export const GGML_TOOLS = `
f32 = np.float32
EPSILON = f32(1e-15)


def inverse(d):
    return np.divide(f32(1), d, out=np.zeros_like(d), where=d != 0)


def half(x):
    with np.errstate(over="ignore"):
        return x.astype(np.float16).astype(np.float32)


def nearest(x):
    """The nearest integer, ties to even; beyond 22 bits what adding 1.5 * 2^23 leaves in the low bits."""
    return ((x + f32(12582912)).astype(f32).view(np.int32) & 0x7FFFFF) - 0x400000


def signed_max(x):
    size = np.nan_to_num(np.abs(x), nan=0, posinf=np.inf)
    return np.take_along_axis(x, size.argmax(-1)[..., None], -1)[..., 0] + f32(0)


def truncate(x):
    return np.where(np.isfinite(x), np.trunc(x), 0).astype(np.int64)


def away(x):
    return truncate(np.where(x < 0, x - 0.5, x + 0.5).astype(np.float64))
`;

export const GGML_SIGNED = `
def quantize(x):
    half_range = 2 ** (BITS - 1)
    d = signed_max(x) / f32(-half_range)
    code = np.minimum(2 * half_range - 1, truncate(x * inverse(d)[:, None] + f32(half_range + 0.5)))
    return code, [half(d)], []
`;

export const GGML_AFFINE = `
def quantize(x):
    low, high = x.min(1), x.max(1)
    first = x[np.arange(len(x)), (x == low[:, None]).argmax(1)]  # of two zeros the first
    d = (high - low) / f32(2**BITS - 1)
    code = np.minimum(2**BITS - 1, truncate((x - first[:, None]) * inverse(d)[:, None] + f32(0.5)))
    return code, [half(d)], [half(first)]
`;

export const GGML_Q8 = `
def quantize(x):
    d = np.abs(x).max(1) / f32(127)
    return away((x * inverse(d)[:, None]).astype(np.float64)) & 255, [half(d)], []
`;

export const GGML_SIGNS = `
def quantize(x):
    total = np.zeros(len(x), f32)
    for j in range(x.shape[1]):
        total = total + np.abs(x[:, j])
    return (x >= 0).astype(np.int64), [half(total / f32(x.shape[1]))], []
`;

export const GGML_TERNARY = `
def quantize(x):
    d = np.abs(x).max(1)
    q = x * inverse(d)[:, None]
    code = away(q.astype(np.float64)) + 1
    return np.where(np.isfinite(q), np.clip(code, 0, 3), WITHOUT_SCALE), [half(d)], []
`;

export const GGML_SEARCH_AFFINE = `
def search_affine(x, weight, most, rmin, steps, magnitudes):
    """Scale and minimum (to be taken off) of each row of x, and its codes from 0 to most."""
    low, high = x.min(-1), x.max(-1)
    sum_w, sum_x = np.zeros_like(low), np.zeros_like(low)
    for j in range(x.shape[-1]):
        sum_w, sum_x = sum_w + weight[..., j], sum_x + weight[..., j] * x[..., j]
    low = np.minimum(low, f32(0))
    flat = high == low
    cost = (lambda e: np.abs(e)) if magnitudes else (lambda e: e * e)

    def codes(inv, low):
        return np.clip(nearest(inv[..., None] * (x - low[..., None])), 0, most).astype(f32)

    def error(scale, low, code):
        total = np.zeros_like(low)
        for j in range(x.shape[-1]):
            total = total + weight[..., j] * cost(scale * code[..., j] + low - x[..., j])
        return total

    inv = f32(most) / (high - low)
    scale = f32(1) / inv
    best = codes(inv, low)
    least = error(scale, low, best)
    for k in range(steps + 1):
        inv = (f32(rmin) + f32(0.1) * f32(k) + f32(most)) / (high - low)
        code = codes(inv, low)
        sum_l, sum_l2, sum_xl = np.zeros_like(low), np.zeros_like(low), np.zeros_like(low)
        for j in range(x.shape[-1]):
            wl = weight[..., j] * code[..., j]
            sum_l, sum_l2, sum_xl = sum_l + wl, sum_l2 + wl * code[..., j], sum_xl + wl * x[..., j]
        det = sum_w * sum_l2 - sum_l * sum_l
        new_scale, new_low = (sum_w * sum_xl - sum_x * sum_l) / det, (sum_l2 * sum_x - sum_l * sum_xl) / det
        above = new_low > 0
        new_scale, new_low = np.where(above, sum_xl / sum_l2, new_scale), np.where(above, f32(0), new_low)
        err = error(new_scale, new_low, code)
        take = (det > 0) & (err < least) & ~flat
        least, scale, low = np.where(take, err, least), np.where(take, new_scale, scale), np.where(take, new_low, low)
        best = np.where(take[..., None], code, best)
    return np.where(flat, f32(0), scale), -low, np.where(flat[..., None], 0, best).astype(np.int64)
`;

export const GGML_K_AFFINE = `
def quantize(x):
    x = x.reshape(len(x), -1, SUB)
    weight = np.abs(x)
    if SUB == 32:
        squares = np.zeros(x.shape[:2], f32)
        for j in range(SUB):
            squares = squares + x[..., j] * x[..., j]
        weight = np.sqrt(squares / f32(32))[..., None] + weight
    scale, low, code = search_affine(x, weight, MOST, RMIN, STEPS, SUB == 16)
    stored = []
    for v in (scale, low):
        largest = np.fmax(np.fmax.reduce(v, 1), f32(0))
        inv = np.where(largest > 0, f32(STORED_MOST) / largest, f32(0))
        stored.append(np.minimum(STORED_MOST, nearest(inv[:, None] * v) & 255).astype(f32))
        stored.append(half(largest / f32(STORED_MOST)))
    sc, d, m, dmin = stored
    ds, dm = (d[:, None] * sc)[..., None], (dmin[:, None] * m)[..., None]
    again = np.clip(nearest((x + dm) / ds), 0, MOST)
    return np.where(ds == 0, code, again).reshape(len(x), -1), [sc, d], [-m, dmin]
`;

export const GGML_K_SIGNED_STORE = `
def store_signed(x, scale, code, most, limit, half_range):
    largest = signed_max(scale)
    inv = f32(-limit) / largest
    d = np.where(largest == 0, f32(0), half(f32(1) / inv))
    wrapped = (nearest(inv[:, None] * scale) + 128) % 256 - 128 if limit == 32 else nearest(inv[:, None] * scale)
    sc = np.clip(wrapped, -limit, most)
    sc = np.where((largest == 0)[:, None], -limit if limit == 32 else 0, sc).astype(f32)
    ds = (d[:, None] * sc)[..., None]
    again = np.clip(nearest(x / ds), -half_range, half_range - 1) + half_range
    return np.where(ds == 0, code, again).reshape(len(x), -1), [sc, d], []
`;

export const GGML_Q6 = `
def quantize(x):
    x = x.reshape(len(x), -1, 16)
    largest = signed_max(x)
    zero = np.abs(largest) < EPSILON
    scale = best = code = None
    for k in [None, *range(-9, 0), *range(1, 10)]:
        inv = f32(-32) / largest if k is None else -(f32(32) + f32(0.1) * f32(k)) / largest
        l = np.clip(nearest(inv[..., None] * x), -32, 31)
        sum_x, sum_2 = np.zeros_like(largest), np.zeros_like(largest)
        for j in range(16):
            v, n = x[..., j], l[..., j].astype(f32)
            w = v * v
            sum_x, sum_2 = sum_x + w * v * n, sum_2 + w * n * n
        new = np.where(sum_2 != 0, sum_x / sum_2, f32(0))
        if k is None:
            scale, best, code = new, new * sum_x, l + 32
            continue
        take = (sum_2 > 0) & (sum_x * sum_x > best * sum_2)
        scale, best = np.where(take, new, scale), np.where(take, new * sum_x, best)
        code = np.where(take[..., None], l + 32, code)
    scale, code = np.where(zero, f32(0), scale), np.where(zero[..., None], 0, code)
    code, (sc, d), none = store_signed(x, scale, code, 127, 128, 32)
    empty = np.abs(signed_max(scale)) < EPSILON
    return np.where(empty[:, None], 0, code), [np.where(empty[:, None], 0, sc), np.where(empty, 0, d)], none
`;

export const GGML_Q3 = `
def quantize(x):
    x = x.reshape(len(x), -1, 16)
    largest = signed_max(x)
    zero = np.abs(largest) < EPSILON
    inv = f32(-4) / largest
    l = np.clip(nearest(inv[..., None] * x), -4, 3).astype(f32)
    sum_x, sum_2 = np.zeros_like(largest), np.zeros_like(largest)
    for j in range(16):
        w = x[..., j] * x[..., j]
        sum_x, sum_2 = sum_x + w * x[..., j] * l[..., j], sum_2 + w * l[..., j] * l[..., j]
    live = np.ones(largest.shape, bool)
    for _ in range(5):
        changed = np.zeros(largest.shape, bool)
        for j in range(16):
            v, old = x[..., j], l[..., j]
            w = v * v
            slx, sl2 = sum_x - w * v * old, sum_2 - w * old * old
            new = np.clip(nearest(v * sl2 / slx), -4, 3).astype(f32)
            move = live & (slx > 0) & (new != old)
            slx, sl2 = slx + w * v * new, sl2 + w * new * new
            move &= (sl2 > 0) & (slx * slx * sum_2 > sum_x * sum_x * sl2)
            l[..., j] = np.where(move, new, old)
            sum_x, sum_2 = np.where(move, slx, sum_x), np.where(move, sl2, sum_2)
            changed |= move
        live &= changed
    scale = np.where(zero | ~(sum_2 > 0), f32(0), sum_x / sum_2)
    return store_signed(x, scale, np.where(zero[..., None], 0, l + 4).astype(np.int64), 31, 32, 4)
`;

export const GGML_IQ4 = `
def level_of(x):
    low = np.clip(np.searchsorted(LEVELS, x, "right") - 1, 0, 14)
    return np.where(x - LEVELS[low] < LEVELS[low + 1] - x, low, low + 1)


def quantize(x):
    x = x.reshape(len(x), -1, 32)
    largest = signed_max(x)
    d = -largest / LEVELS[0]
    best = None
    for k in [None, *range(-7, 8)]:
        inv = f32(1) / d if k is None else f32(k + LEVELS[0]) / largest
        q = LEVELS[level_of(inv[..., None] * x)]
        sum_x, sum_2 = np.zeros_like(d), np.zeros_like(d)
        for j in range(32):
            wq = x[..., j] * x[..., j] * q[..., j]
            sum_x, sum_2 = sum_x + wq * x[..., j], sum_2 + wq * q[..., j]
        if k is None:
            d = np.where(sum_2 > 0, sum_x / sum_2, f32(0))
            best = d * sum_x
            continue
        take = (sum_2 > 0) & (sum_x * sum_x > best * sum_2)
        d = np.where(take, sum_x / sum_2, d)
        best = np.where(take, d * sum_x, best)
    d = np.where(np.abs(largest) < EPSILON, f32(0), d)
    if x.shape[1] == 1:
        code = level_of(inverse(d)[..., None] * x)
        return code.reshape(len(x), -1), [half(d[:, 0])], []
    whole = -signed_max(d) / f32(32)
    sc = np.clip(nearest(inverse(whole)[:, None] * d), -32, 31).astype(f32)
    code = level_of(inverse(whole[:, None] * sc)[..., None] * x)
    return code.reshape(len(x), -1), [sc, half(whole)], []
`;

export const GGML_FP4 = `
DOUBLED = np.array([0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12], f32)


def fp4(x, d):
    error = np.abs(DOUBLED * d[..., None, None] - x[..., None])
    return error.argmin(-1)
`;

export const GGML_MXFP4 = `
def quantize(x):
    largest = np.abs(x).max(1)
    e = np.zeros(len(x), np.int64)
    some = largest > 0
    e[some] = (np.floor(np.log2(largest[some].astype(np.float64)).astype(f32)).astype(np.int64) - 2 + 127) & 255
    return fp4(x, np.ldexp(f32(1), e - 128).astype(f32)), [np.ldexp(1.0, e - 127)], []
`;

export const GGML_NVFP4 = `
def ue4m3(x):
    bits = np.minimum(x, f32(448)).view(np.int32)
    e = (bits >> 23) - 127 + 7
    normal = np.where((e >= 15) | ((e << 3) + ((bits >> 20) & 7) + ((bits >> 19) & 1) >= 120), 0x7E, (e << 3) + ((bits >> 20) & 7) + ((bits >> 19) & 1))
    small = np.minimum(7, truncate(x * f32(512) + f32(0.5)))
    return np.where(~(x > 0), 0, np.where(e <= 0, small, normal))


def quantize(x):
    x = x.reshape(len(x), 4, 16)
    code = ue4m3(np.abs(x).max(2) / f32(6))
    e, m = code >> 3, code & 7
    d = np.where(e == 0, np.ldexp(1.0 * m, -9), np.ldexp(8.0 + m, e - 10)).astype(f32)
    return fp4(x, f32(0.5) * d).reshape(len(x), -1), [d], []
`;
