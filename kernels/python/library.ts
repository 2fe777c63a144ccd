/** Programs of recipes in the float32 arithmetic of a library: the steps that it takes itself. */
import type { Ladder } from "../formats/ladder.ts";
import type { Plan } from "../plan/plan.ts";
import { block, bool, number, wrapped } from "./literals.ts";
import type { Program } from "./program.ts";
import { BLOCKS } from "./scales.ts";

/** The program, or null for a recipe of exact arithmetic. */
export function libraryProgram(plan: Plan): Program | null {
  const { arith, ladder, middles, rounding, zeroScale, nonfinite } = plan.element;
  if (arith === "exact") return null;
  const [level, outer] = plan.levels;
  const ties = { rne: "ODD[:-1]", inward: "MIDS < 0" }[rounding.mode as string] ?? "MIDS != MIDS";
  const constants = [
    "f32 = np.float32",
    ...table("", ladder!),
    `MIDS = np.array([\n    ${wrapped([...middles])}\n], f32)`,
    `TIE_UP = ${ties}`,
    ...(level.ladder ? table("SCALE_", level.ladder) : []),
    `BLOCK, OUTER = ${block(level.shape)}, ${outer ? block(outer.shape) : "None"}`,
    `DIVISOR, WHOLE = f32(${number(level.divisor)}), f32(${number(level.divisor * (outer?.divisor ?? 1))})`,
    `LEAST, ZERO_SCALE = f32(${number(level.least)}), ${typeof zeroScale === "number" ? number(zeroScale) : "None"}`,
    `ZERO_CODE = ${ladder!.codes[ladder!.zero]}`,
    `SIGNED_ZERO, POISON = ${arith === "torchao" ? 8 : 0}, ${bool(nonfinite === "poison")}`,
  ];
  const scales = { bnb: BNB, torchao: `${STORE}\n${TORCHAO}`, modelopt: `${STORE}\n${MODELOPT}` }[arith];
  return { functions: [BLOCKS, NEAREST], constants, main: [STATISTICS, scales, ENCODE] };
}

const table = (prefix: string, { levels, codes, odd }: Ladder): string[] => [
  `${prefix}LEVELS = np.array([\n    ${wrapped([...levels])}\n], f32)`,
  `${prefix}CODES = np.array([\n    ${wrapped([...codes])}\n])`,
  `${prefix}ODD = np.array([\n    ${wrapped([...odd])}\n], bool)`,
];

const NEAREST = `
def nearest(q, levels, mids, tie_up):
    """Index of the level nearest to each q; which way a tie goes is given by threshold. Between two zeros zero is the upper."""
    k = np.searchsorted(mids, q)
    at = np.minimum(k, len(mids) - 1)
    return k + ((k < len(mids)) & (q == mids[at]) & (tie_up[at] | (levels[at] == levels[at + 1])))
`;

/** Largest magnitudes by block, and which block of the outer level holds each. */
const STATISTICS = `
flat = x.ravel()
finite = np.isfinite(flat)
inner, grid_rows, grid_cols = lay(BLOCK, rows, cols)
count = grid_rows * grid_cols
amax = gather(inner, count, np.where(finite, np.abs(flat), 0), np.maximum, 0).astype(f32)
bad = gather(inner, count, ~finite, np.maximum, 0) > 0
if OUTER:
    outer, outer_rows, outer_cols = lay(OUTER, grid_rows, grid_cols)
    largest = lambda values: gather(outer, outer_rows * outer_cols, np.abs(values), np.maximum, 0).astype(f32)
MAX = np.finfo(f32).max`;

const BNB = `
factor = np.where(amax == 0, np.nan if CODES[0] == 0 else 1, np.minimum(f32(1) / amax, MAX)).astype(f32)
if OUTER:
    offset = f32(np.cumsum(amax, dtype=np.float64)[-1] / count)
    less = amax - offset
    second = largest(less)
    mids = (SCALE_LEVELS[:-1] + SCALE_LEVELS[1:]) / f32(2)
    k = nearest(less * (f32(1) / second)[outer], SCALE_LEVELS, mids, SCALE_ODD[:-1])
    k = np.where(second[outer] == 0, 0, k)
    first = SCALE_LEVELS[k]
    force = first * second[outer] + offset
    scales = [first.reshape(grid_rows, grid_cols), second.reshape(outer_rows, outer_cols)]
else:
    force, scales = amax, [amax.reshape(grid_rows, grid_cols)]
quotient = flat * factor[inner]`;

/** Block scales by their float32, and the tensor's scale. */
const STORE = `
whole = largest(amax) / WHOLE if OUTER else np.ones(1, f32)
over = whole[outer] if OUTER else np.ones(count, f32)


def store(scale):
    k = nearest(np.clip(scale, LEAST, SCALE_LEVELS[-1]), SCALE_LEVELS, (SCALE_LEVELS[:-1] + SCALE_LEVELS[1:]) / 2, SCALE_ODD[:-1])
    return np.where(np.isnan(scale), f32(np.nan), SCALE_LEVELS[np.minimum(k, len(SCALE_LEVELS) - 1)])
`;

const FORCE = `
force = np.minimum(over * first, MAX)
scales = [first.reshape(grid_rows, grid_cols)] + ([whole.reshape(outer_rows, outer_cols)] if OUTER else [])`;

const TORCHAO = `
first = store(amax / DIVISOR / over)${FORCE}
quotient = flat * np.minimum((f32(1) / over) / first, MAX)[inner]`;

const MODELOPT = `
scale = amax / (DIVISOR * over)
first = store(np.where(scale == 0, f32(0 if ZERO_SCALE is None else ZERO_SCALE), scale))${FORCE}
quotient = np.where(force[inner] == 0, f32(0), flat / force[inner])`;

/** Values that are not finite keep to an end of the range; what is undefined is NaN and has the code of zero. */
const ENCODE = `
if POISON:
    force, scales[0] = np.where(bad, f32(np.nan), force), np.where(bad.reshape(grid_rows, grid_cols), f32(np.nan), scales[0])
s = force[inner]
k = nearest(np.where(np.isfinite(quotient) & finite, quotient, 0), LEVELS, MIDS, TIE_UP)
beyond = ~(np.isfinite(quotient) & finite)
k = np.where(beyond, np.where(np.where(s < 0, flat < 0, flat > 0), len(LEVELS) - 1, 0), k)
level, codes = LEVELS[k], CODES[k]
minus = ~beyond & (level == 0) & np.signbit(flat) & (SIGNED_ZERO > 0)
undefined = np.isnan(flat) | np.isnan(s)
codes = np.where(undefined, ZERO_CODE, codes + SIGNED_ZERO * minus).reshape(rows, cols)
result = np.where(undefined, f32(np.nan), np.where(minus, f32(-0.0), level * s)).reshape(rows, cols)`;
