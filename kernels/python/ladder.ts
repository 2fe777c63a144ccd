/** Python: formats as ladders of levels, and the rounding of exact quotients onto them. */
import { modes } from "../rounding/modes/index.ts";
import type { Deciding } from "../rounding/modes/mode.ts";

export const LADDER = `
class Ladder:
    """Levels in ascending order with their codes; odd levels lose ties."""

    def __init__(self, levels, codes, odd, nan=None, inf=None, sign=0, minus_zero=0, beyond=None):
        self.levels, self.codes, self.odd = levels, codes, odd
        self.nan, self.inf, self.sign, self.minus_zero = nan, inf, sign, minus_zero
        self.zero = int(np.flatnonzero(levels == 0)[0]) if np.any(levels == 0) else 0
        first, last = levels[0] - (levels[1] - levels[0]), levels[-1] + (levels[-1] - levels[-2])
        self.beyond = beyond(first, last) if beyond else (first, last)  # where the next levels would be
`;

export const FLOAT = `
def floats(e, m, bias, top, signed, subnormals=True):
    code = np.arange(2 ** (e + m + signed))
    magnitude = code % 2 ** (e + m)
    exponent, fraction = magnitude >> m, magnitude % 2**m
    tiny = (exponent == 0) & subnormals
    value = np.ldexp(np.where(tiny, fraction, 2**m + fraction).astype(np.float64), np.maximum(exponent, 1 if subnormals else 0) - bias - m)
    value = np.where(code >= 2 ** (e + m), -value, value)
    number = ~((value == 0) & (code >= 2 ** (e + m)))  # minus zero is no level of its own
    nan = inf = None
    if top == "nan":
        number &= magnitude != 2 ** (e + m) - 1
        nan = 2 ** (e + m) - 1
    if top == "ieee":
        number &= exponent != 2**e - 1
        inf = (2**e - 1) << m
        nan = inf + 2 ** (m - 1) if m else None
    if top == "fnuz":
        nan = 2 ** (e + m)
    if top == "p3109":
        ones = 2 ** (e + m) - 1
        nan, inf = (ones + 1, ones) if signed else (ones, ones - 1)
        number &= magnitude < inf
    code, value = code[number], value[number]
    order = np.argsort(value, kind="stable")
    code, value = code[order], value[order]
    odd = code % 2 == 1 if subnormals else np.ones(len(code), bool)
    if signed and e + m == 0:
        odd = np.zeros(len(code), bool)
    sign = 2 ** (e + m) if signed else 0
    full = value[-1] + max(value[-1] - value[-2], np.ldexp(1.0, np.frexp(value[-1])[1] - 1 - m))  # the next code's number
    beyond = lambda first, last: (-full if signed else first, full)
    return Ladder(value, code, odd, nan, inf, sign, 0 if top in ("fnuz", "p3109") else sign, beyond)
`;

export const CODEBOOK = `
def codebook(*values):
    values = np.array(values, np.float32).astype(np.float64)
    codes = np.flatnonzero(~((values == 0) & np.signbit(values)))
    codes = codes[np.argsort(values[codes], kind="stable")]
    return Ladder(values[codes], codes, np.arange(len(codes)) % 2 == 1)
`;

export const INTEGERS = `
def integers(bits, least, most, frac=0):
    values = np.arange(least, most + 1)
    return Ladder(values / 2**frac, values % 2**bits, values % 2 == 1)
`;

const deciding = (by: Deciding["by"]) =>
  modes.flatMap(({ name, decides }) => (decides.by === by ? [{ name, python: decides.python }] : []));
const [nearest, directed, chance] = (["nearest", "side", "chance"] as const).map(deciding);
const words = (some: typeof nearest) => some.map(({ name }) => `"${name}"`).join(", ");
const table = (some: typeof nearest) => some.map(({ name, python }) => `"${name}": ${python}`).join(", ");
const random = chance
  .map(({ name, python }) => `    if mode[0] == "${name}":\n${python.replace(/^/gm, "        ")}`)
  .join("\n");

/** The names of the roundings that draw random words, as a tuple. */
export const DRAWN = `(${words(chance)})`;

export const ROUNDING = `
NEAR = 2.0**-50


def ratio(hi, lo, den):
    return (Fraction(float(hi)) + Fraction(float(lo))) / Fraction(float(den))


def side(hi, lo, den, q, t, exact, t2=None):
    """Sign of (hi + lo) / den - t, t being (t + t2) / 2 where there is a t2; by fractions where doubles might err."""
    s = np.sign(q - t if t2 is None else q - (t / 2 + t2 / 2))
    if exact:
        middle = t if t2 is None else t / 2 + t2 / 2
        for i in np.flatnonzero((np.abs(q - middle) <= np.abs(middle) * NEAR) & np.isfinite(hi) & np.isfinite(den)):
            f = Fraction(float(t[i])) if t2 is None else (Fraction(float(t[i])) + Fraction(float(t2[i]))) / 2
            f = ratio(hi[i], lo[i], den[i]) - f
            s[i] = (f > 0) - (f < 0)
    return s


def takes_upper(mode, hi, lo, den, q, lower, upper, odd, word, exact, middle=None):
    """Whether a quotient strictly between two levels goes to the upper one."""
${random}
    if mode[0] in (${words(directed)}):
        return {${table(directed)}}[mode[0]]
    if middle is None:
        s = side(hi, lo, den, q, lower, exact, upper)
    else:
        s = np.sign(q - middle)
    tie = {${table(nearest)}}[mode[0]]
    return np.where(s == 0, tie, s > 0)


def rank(ladder, mode, hi, lo, den, index, stream, exact):
    """Rank of the level that each exact (hi + lo) / den rounds to; -1 and len(levels) beyond the ends."""
    hi, lo, den = (np.broadcast_to(np.asarray(v, np.float64), np.shape(hi)) for v in (hi, lo, den))
    q = (hi + lo) / den
    levels, n = ladder.levels, len(ladder.levels)
    r = np.searchsorted(levels, q, "right") - 1
    at = lambda k: levels[np.clip(k, 0, n - 1)]
    if exact:
        r = np.where((r >= 0) & (side(hi, lo, den, q, at(r), True) < 0), r - 1, r)
        r = np.where((r + 1 < n) & (side(hi, lo, den, q, at(r + 1), True) >= 0), r + 1, r)
    on = (r >= 0) & (side(hi, lo, den, q, at(r), exact) == 0)
    word = draw(mode[1], stream, index) if mode[0] in ${DRAWN} else None
    odd = ladder.odd[np.clip(r, 0, n - 1)]
    inner = (r >= 0) & (r < n - 1)
    upper = np.where(inner, at(r + 1), at(r) + 1)
    up = takes_upper(mode, hi, lo, den, q, at(r), upper, odd, word, exact)
    return np.where(r < 0, -1, np.where(on, r, np.where(r == n - 1, n, r + up)))
`;

export const RANDOM = `
def draw(seed, stream, index):
    """First word of Threefry-2x32-20 under the key (seed, stream), one for each index."""
    index = np.asarray(index, np.uint64)
    a, b = (index & np.uint64(0xFFFFFFFF)).astype(np.uint32), (index >> np.uint64(32)).astype(np.uint32)
    key = [seed & 0xFFFFFFFF, stream & 0xFFFFFFFF]
    key = [np.uint32(k) for k in (*key, 0x1BD11BDA ^ key[0] ^ key[1])]
    with np.errstate(over="ignore"):
        a, b = a + key[0], b + key[1]
        for turn in range(20):
            by = ((13, 15, 26, 6), (17, 29, 16, 24))[turn // 4 % 2][turn % 4]
            a = a + b
            b = ((b << np.uint32(by)) | (b >> np.uint32(32 - by))) ^ a
            if turn % 4 == 3:
                k = turn // 4 + 1
                a, b = a + key[k % 3], b + key[(k + 1) % 3] + np.uint32(k)
    return a.astype(np.int64)
`;

export const FLOAT32 = `
MAX = np.float64(np.finfo(np.float32).max)


def saturate(v):
    return np.minimum(np.maximum(v, -MAX), MAX) + 0.0


def to_float32(hi, lo, den):
    """(hi + lo) / den rounded once to float32, ties to even, as doubles."""
    q = (hi + lo) / den
    f = q.astype(np.float32).astype(np.float64)
    unsure = (q * (1 + NEAR)).astype(np.float32) != (q * (1 - NEAR)).astype(np.float32)
    for i in np.flatnonzero(unsure & np.isfinite(f) & (q != 0)):
        near = [np.float32(f[i]), *(np.nextafter(np.float32(f[i]), np.float32(v)) for v in (-np.inf, np.inf))]
        near = [v for v in near if np.isfinite(v)]
        exactly = ratio(hi[i], lo[i], den[i])
        f[i] = min(near, key=lambda v: (abs(Fraction(float(v)) - exactly), int(v.view(np.uint32)) & 1))
    return saturate(f)
`;
