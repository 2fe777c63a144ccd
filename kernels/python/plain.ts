/**
 * Programs of ordinary recipes, a page long: one level of scale, nearest even, and numbers so short that a double quotient
 * decides every tie. The others take the long way of `scaled.ts`.
 */
import { hasMinusZero } from "../exact/small-float.ts";
import { nanCode, signBit } from "../formats/codes.ts";
import type { Ladder } from "../formats/ladder.ts";
import type { Format } from "../formats/types.ts";
import type { BlockShape } from "../grammar/ast.ts";
import type { ElementSpec, Plan, ScaleLevel } from "../plan/plan.ts";
import { number, wrapped } from "./literals.ts";
import type { Program } from "./program.ts";

/** The most levels that are written out. */
const MOST_LEVELS = 256;

/** The program, or null for a recipe that is not as plain as that. */
export function plainProgram(plan: Plan): Program | null {
  const { element, levels } = plan;
  const [level, outer] = levels;
  if (outer || !isPlainElement(element) || (level && !isPlainLevel(level, element))) return null;
  const store = level ? storeLines(level) : null;
  if (level && !store) return null;
  const table = element.integer ? null : element.ladder!;
  const functions = table || store?.table ? [NEAREST] : [];
  const constants = [
    ...(table ? tableLines("", table, wantsMinusZero(element.format)) : []),
    ...(store?.table ? tableLines("SCALE_", store.table, 0) : []),
  ];
  const scale = level ? [`${blockLines(level.shape)}\n${AMAX}\n${store!.text}`] : [NO_SCALE];
  const encode = element.integer ? integerLines(element.integer) : tableEncode(wantsMinusZero(element.format) > 0);
  const grid = level ? `scales = [scale.astype(np.float32).reshape(grid)]` : "scales = []";
  return { functions, constants, main: [`${scale[0]}\n${encode}\n${grid}`] };
}

function isPlainElement({ format, rounding, sat, arith, nonfinite, zeroScale, affine, ladder }: ElementSpec): boolean {
  const ordinary = rounding.mode === "rne" && sat === "clamp" && arith === "exact" && nonfinite === "skip";
  if (!ordinary || zeroScale !== null || affine || format.kind === "identity" || !ladder || ladder.wide) return false;
  return (
    format.kind === "integer" ||
    (ladder.levels.length <= MOST_LEVELS && (format.kind !== "float" || hasMinusZero(format.top)))
  );
}

function isPlainLevel({ rule, rounding, divisor, least, offset }: ScaleLevel, { ladder }: ElementSpec): boolean {
  const ordinary = rounding.mode === "rne" && least === 0 && offset === "none" && ladder !== null;
  // Divisors of a few bits leave a double quotient that decides.
  const short = divisor >= 1 && Math.fround(divisor) === divisor;
  return ordinary && short && rule.finding.kind === "extent";
}

/** What a negative zero adds to the code; 0 where there is none. */
const wantsMinusZero = (format: Format): number => (format.kind === "float" ? signBit(format) : 0);

/** How the ideal scale becomes the stored one; null where it takes long arithmetic. */
function storeLines(level: ScaleLevel): { text: string; table: Ladder | null } | null {
  const { rule, format, divisor } = level;
  const isE8m0 = format.kind === "float" && format.name === "e8m0";
  if (rule.exponent) {
    if (!isE8m0) return null;
    const { from, shift } = rule.exponent;
    const text = `m, e = np.frexp(amax)
e = e - 1 + (2 * m >= ${number(from)}) - ${shift}
scale = np.ldexp(1.0, np.clip(np.where(amax == 0, -127, e), -127, 127))`;
    return { text, table: null };
  }
  const ideal = `amax / ${number(divisor)}`;
  if (format.kind === "identity") {
    return { text: `scale = (${ideal}).astype(np.float32).astype(np.float64)`, table: null };
  }
  if (format.kind === "float" && format.name === "f16") {
    return { text: `scale = np.minimum(${ideal}, 65504).astype(np.float16).astype(np.float64)`, table: null };
  }
  return null;
}

const BLOCKS: Record<BlockShape["kind"], (n: number, m: number) => string> = {
  run: (n) => `grid = rows, -(-cols // ${n})\nblock = r * grid[1] + c // ${n}`,
  tile: (n, m) => `grid = -(-rows // ${n}), -(-cols // ${m})\nblock = r // ${n} * grid[1] + c // ${m}`,
  row: () => `grid = rows, 1\nblock = r`,
  col: () => `grid = 1, cols\nblock = c`,
  tensor: () => `grid = 1, 1\nblock = 0 * r`,
  flat: (n) => `grid = 1, -(-rows * cols // ${n})\nblock = (r * cols + c) // ${n}`,
};

function blockLines(shape: BlockShape): string {
  const sizes = shape.kind === "tile" ? [shape.rows, shape.cols] : "n" in shape ? [shape.n, 0] : [0, 0];
  return `r, c = np.divmod(np.arange(rows * cols), cols)\n${BLOCKS[shape.kind](sizes[0], sizes[1])}`;
}

const AMAX = `
flat = x.ravel().astype(np.float64)
finite = np.isfinite(flat)
amax = np.zeros(grid[0] * grid[1])
np.maximum.at(amax, block, np.where(finite, np.abs(flat), 0))`.trim();

const NO_SCALE = `
flat = x.ravel().astype(np.float64)
finite = np.isfinite(flat)
scale, block = np.ones(1), np.zeros(rows * cols, int)`.trim();

/** Where the scale is zero, everything is zero but what is not finite, which keeps to the end of its sign. */
const QUOTIENT = `
s = scale[block]
q = np.where(s == 0, np.where(finite, 0, flat), flat / s)
nan = np.isnan(flat)`.trim();

const NEAREST = `
def nearest(q, levels, odd):
    """Index of the level nearest to q; midway between two the one that is not odd."""
    mids = (levels[:-1] + levels[1:]) / 2
    k = np.searchsorted(mids, q)
    tie = (k < len(mids)) & (q == mids[np.minimum(k, len(mids) - 1)])
    return k + (tie & odd[k])
`;

function tableLines(prefix: string, { format, levels, codes, odd, zero }: Ladder, minusZero: number): string[] {
  const array = (name: string, values: ArrayLike<number>, type = "") =>
    `${prefix}${name} = np.array([\n    ${wrapped(Array.from(values))}\n]${type})`;
  return [
    array("LEVELS", levels, ", np.float64"),
    array("CODES", codes),
    array("ODD", odd, ", bool"),
    ...(prefix === "" ? [`NAN_CODE, MINUS_ZERO = ${nanCode(format) ?? codes[Math.max(0, zero)]}, ${minusZero}`] : []),
  ];
}

function tableEncode(minusZero: boolean): string {
  const signed = `minus = (level == 0) & np.signbit(flat)
codes, level = codes + MINUS_ZERO * minus, np.where(minus, -0.0, level)`;
  return `${QUOTIENT}
k = nearest(np.where(nan, 0, q), LEVELS, ODD)
level, codes = LEVELS[k], CODES[k]
${minusZero ? signed : ""}
result = np.where(nan, np.nan, level * s).astype(np.float32).reshape(rows, cols)
codes = np.where(nan, NAN_CODE, codes).reshape(rows, cols)`.replace(/\n\n/, "\n");
}

function integerLines({ min, max, bits, frac }: { min: number; max: number; bits: number; frac: number }): string {
  const step = 2 ** frac;
  return `${QUOTIENT}
k = np.where(nan, 0, np.clip(np.rint(q${step > 1 ? ` * ${step}` : ""}), ${min}, ${max})) + 0.0
result = np.where(nan, np.nan, k${step > 1 ? ` / ${step}` : ""} * s).astype(np.float32).reshape(rows, cols)
codes = np.where(k < 0, k + ${2 ** bits}, k).astype(np.int64).reshape(rows, cols)`;
}
