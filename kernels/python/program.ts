/** The parts of a program that every recipe has: reading the tensor, and writing what came of it. */

/** A program in the order in which it runs, without what is the same for all. */
export interface Program {
  functions: readonly string[];
  constants: readonly string[];
  main: readonly string[];
}

/** The program's first lines, with the modules that its pieces use. */
export function head(recipe: string, pieces: readonly string[]): string {
  const uses = (what: string) => pieces.some((piece) => piece.includes(what));
  const modules = [...(uses("math.") ? ["import math\n"] : []), "import sys\n"];
  if (uses("Fraction(")) modules.push("from fractions import Fraction\n");
  return `#!/usr/bin/env python3
"""${recipe}

python3 this.py x.npy OUT   reads a tensor and writes OUT.result.npy (float32) and, where the recipe has them, OUT.codes.npy
and OUT.scales0.npy, OUT.scales1.npy ... (innermost first). The matrix has the tensor's first dimension as its rows.
"""
${modules.join("")}
import numpy as np
`;
}

export const READ = `
np.seterr(all="ignore")
tensor = np.load(sys.argv[1]).astype(np.float32)
original = tensor.reshape(tensor.shape[0] if tensor.ndim > 1 else 1, -1)
rows, cols = original.shape
`;

export const WRITE = `
out = sys.argv[2]
np.save(out + ".result.npy", result.reshape(tensor.shape))
if codes is not None:
    np.save(out + ".codes.npy", codes.reshape(tensor.shape))
for k, values in enumerate(scales):
    np.save(f"{out}.scales{k}.npy", values)
good = np.isfinite(original) & np.isfinite(result)
error = (original - result)[good].astype(np.float64)
signal = original[good].astype(np.float64)
print("nmse", np.sum(error**2) / np.sum(signal**2) if np.any(signal) else 0.0)
`;

/** The place of each element in the tensor, by which random rounding draws: in order, until a step moves columns. */
export const EACH_PLACE = "np.arange(len(flat))";

/** A direct cast, or float32 itself. */
export const CAST = `
flat = x.ravel().astype(np.float64)
result, codes = encode(flat, np.ones(len(flat)), np.zeros(len(flat)), ${EACH_PLACE}, MODE)
result, codes, scales = result.astype(np.float32).reshape(rows, cols), codes.reshape(rows, cols), []
`;

export const COPY = `result, codes, scales = x, None, []\n`;

/** What is known of each block of elements. */
export const STATISTICS = `
flat = x.ravel().astype(np.float64)
finite = np.isfinite(flat)
block, grid_rows, grid_cols = lay(LEVELS[0]["block"], rows, cols)
count = grid_rows * grid_cols
known = np.where(finite, flat, 0)
amax = gather(block, count, np.abs(known), np.maximum, 0)
bad = gather(block, count, ~finite, np.maximum, 0) > 0
low, high = gather(block, count, known, np.minimum, 0), gather(block, count, known, np.maximum, 0)
full = signed_max(block, count, known) if LEVELS[0]["divisor"] < 0 else amax.copy()
`;

/** Blocks one by one, for rules that need all their values. `CLIP` gives the ends of `v`. */
export const EACH_BLOCK = `
order = np.argsort(block, kind="stable")
for b, members in enumerate(np.split(order, np.cumsum(np.bincount(block, minlength=count))[:-1])):
    v = flat[members][finite[members]]
    low[b], full[b] = CLIP(v, full[b], low[b], high[b])
high = full
`;

/** The scales in force by the rule alone. */
export const RESOLVE = `
STORED = []
if AFFINE:
    hi, lo = two_sum(high, low)
else:
    hi = shared_exponent(full, *LEVELS[0]["mx"]) * LEVELS[0]["divisor"] if LEVELS[0]["mx"] else full.copy()
    lo = np.zeros(count)
force, over = resolve(0, hi, lo, LEVELS[0]["divisor"], grid_rows, grid_cols)
`;

/** The zero points that follow from the ends of each block. */
export const ZEROS = `zeros = zero_point(low, force) if AFFINE else np.zeros(count)\n`;

/** What the scales in force give. */
export const QUANTIZE = `
if ZERO_SCALE is not None:
    empty = (amax == 0) & ~bad
    one = np.ones(1)
    code, value = store(LEVELS[0], 0, np.full(1, ZERO_SCALE), 0 * one, one)
    STORED[0][1] = np.where(empty, value[0], STORED[0][1])
    force = np.where(empty, value[0] if over is None else product(value[0], over), force)
if POISON:
    force = np.where(bad, np.nan, force)
    STORED[0][1] = np.where(bad, np.nan, STORED[0][1])
result, codes = encode(flat, force[block], zeros[block], ${EACH_PLACE}, MODE)
result, codes = result.astype(np.float32).reshape(rows, cols), codes.reshape(rows, cols)
scales = [value.astype(np.float32).reshape(shape) for _, value, shape in STORED]
`;

/** Blocks of ggml. */
export const BLOCK_QUANTIZE = `
if cols % ELEMENTS:
    sys.exit(f"rows need whole blocks of {ELEMENTS}")
codes, scales, offsets = quantize(np.where(np.isfinite(x), x, f32(0)).reshape(-1, ELEMENTS))


def spread(fields):
    total = 1.0
    for v in fields:
        total = total * np.repeat(v.reshape(len(codes), -1), ELEMENTS // (v.size // len(codes)), 1).astype(np.float64)
    return total


result = spread(scales) * LEVEL_OF[codes]
if offsets:
    result = result + spread(offsets)
result, codes = result.astype(np.float32).reshape(rows, cols), codes.reshape(rows, cols)
scales = [v.astype(np.float32).reshape(rows, -1) for v in [*scales, *(abs(v) if OFFSETS_DOWN else v for v in offsets)]]
`;
