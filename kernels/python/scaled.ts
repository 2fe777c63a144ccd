/** The program of a recipe whose elements are rounded one by one. */
import type { CodedFormat, Format } from "../formats/types.ts";
import type { ElementSpec, Plan, ScaleLevel, ScaleRule } from "../plan/plan.ts";
import { powersFrom, type SearchRule, searchesCodes, stepsAbove, zeroBelow } from "../scales/candidates.ts";
import { sharedExponent } from "../scales/ideal.ts";
import { holdsCodes } from "../scales/zero-point.ts";
import { BEST, BEST_OF_EACH_BLOCK } from "./best.ts";
import { ENCODE_INTEGER, ENCODE_LADDER } from "./elements.ts";
import { CODEBOOK, FLOAT, FLOAT32, INTEGERS, LADDER, RANDOM, ROUNDING } from "./ladder.ts";
import { block, bool, ladder, leastPositive, mode, number } from "./literals.ts";
import { CAST, COPY, EACH_BLOCK, type Program, QUANTIZE, RESOLVE, STATISTICS, ZEROS } from "./program.ts";
import { BLOCKS, DEVIATION, GRID_SEARCH, MX, PERCENTILE, RANGE, STORE } from "./scales.ts";

const isSearch = (rule: ScaleRule | undefined) => rule?.name === "mse" || rule?.name === "shrink";

/** What the codes of a zero point are rounded onto, where that changes them. */
function zeroFormat({ affine, zeroPoint, integer }: ElementSpec): Format | null {
  if (!affine || !zeroPoint || zeroPoint.format.kind === "identity") return null;
  return holdsCodes(zeroPoint.format, integer!) ? null : zeroPoint.format;
}

/** Functions and constants before the tensor is read, and what is done with it. */
export function scaledProgram(plan: Plan): Program {
  const { element, levels } = plan;
  if (element.format.kind === "identity") return { functions: [], constants: [], main: [COPY] };
  const scaled = levels.length > 0;
  const formats = [element.integer ? null : element.format, ...levels.map((l) => l.format), zeroFormat(element)];
  const coded = formats.filter((f): f is CodedFormat => f !== null && f.kind !== "identity");
  const has = (kind: CodedFormat["kind"]) => coded.some((f) => f.kind === kind);
  const random = [element.rounding, ...levels.map((l) => l.rounding)].some((r) => r.mode === "sr" || r.mode === "coin");
  const rule = levels[0]?.rule;
  const functions = [
    ...(coded.length > 0 ? [LADDER] : []),
    ...(has("float") ? [FLOAT] : []),
    ...(has("integer") ? [INTEGERS] : []),
    ...(has("codebook") ? [CODEBOOK] : []),
    ...(random ? [RANDOM] : []),
    ROUNDING,
    ...(scaled ? [FLOAT32, BLOCKS] : []),
    ...(levels.some((l) => l.rule.name === "mx") ? [MX] : []),
    ...(scaled ? [STORE] : []),
    ...(element.affine || isSearch(rule) ? [RANGE] : []),
    ...(rule?.name === "pct" ? [PERCENTILE] : []),
    ...(rule?.name === "std" ? [DEVIATION] : []),
    element.integer ? ENCODE_INTEGER : ENCODE_LADDER,
    ...(rule?.name === "shrink" ? [GRID_SEARCH] : []),
    ...(rule?.name === "mse" ? [BEST] : []),
  ];
  const constants = [...elementConstants(element), ...(scaled ? scaleConstants(plan) : [])];
  const clip = rule ? clipOf(rule, element.affine) : null;
  const scales = [RESOLVE, rule?.name === "mse" ? BEST_OF_EACH_BLOCK : ZEROS];
  const main = scaled ? [STATISTICS, ...(clip ? [`CLIP = ${clip}\n${EACH_BLOCK}`] : []), ...scales, QUANTIZE] : [CAST];
  return { functions, constants, main };
}

function elementConstants(element: ElementSpec): string[] {
  const { rounding, integer } = element;
  const shared = [`MODE = ${mode(rounding)}`];
  if (integer) {
    const { min, max, bits, frac } = integer;
    return [...shared, `LEAST, MOST, BITS, FRAC = ${min}, ${max}, ${bits}, ${frac}`];
  }
  const { format, sat } = element;
  return [
    `ELEMENT = ${ladder(format)}`,
    ...shared,
    `SAT, WIDE, FNUZ = "${sat}", ${bool(element.ladder!.wide)}, ${bool(format.kind === "float" && format.top === "fnuz")}`,
  ];
}

function scaleConstants({ element, levels }: Plan): string[] {
  const { affine, zeroScale, nonfinite, rounding } = element;
  const zero = zeroScale === "min" ? leastPositive(levels[0].ladder) : zeroScale;
  const zeros = zeroFormat(element);
  const searched = isSearch(levels[0].rule);
  const drawn = rounding.mode === "sr" || rounding.mode === "coin";
  return [
    `LEVELS = [\n${levels.map((l) => `    ${levelOf(l)},\n`).join("")}]`,
    `AFFINE, POISON = ${bool(affine)}, ${bool(nonfinite === "poison")}`,
    `ZERO_SCALE = ${zero === null ? "None" : number(zero)}`,
    ...(affine ? [`ZERO_FORMAT = ${zeros ? ladder(zeros) : "None"}`] : []),
    ...(levels[0].rule.name === "mse" ? [`SEARCH = ${searchOf(levels[0].rule, element, levels[0])}`] : []),
    ...(searched ? [`SEARCH_MODE = ${drawn ? '("rne",)' : "MODE"}`] : []),
  ];
}

/** What a search tries: every code, or a grid of factors and the powers of two of ~mx. */
function searchOf(rule: SearchRule, element: ElementSpec, level: ScaleLevel): string {
  const powers = powersFrom(element, level);
  const grid = `"grid": ${rule.grid}, "least": ${number(rule.least)}, "above": ${stepsAbove(rule)}`;
  const top = powers ? `(${powers.exponent}, ${powers.count})` : "None";
  const zero = number(zeroBelow(element));
  return `{"p": ${number(rule.p)}, "codes": ${bool(searchesCodes(level))}, ${grid}, "top": ${top}, "zero": ${zero}}`;
}

function levelOf(level: ScaleLevel): string {
  const { shape, format, rounding, divisor, least, offset, rule } = level;
  let mx = "None";
  if (rule.name === "mx") {
    const { from, shift } = sharedExponent(level);
    mx = `(${number(from)}, ${shift})`;
  }
  const stored = `"format": ${ladder(format)}, "mode": ${mode(rounding)}, "least": ${number(least)}`;
  const found = `"divisor": ${number(divisor)}, "mean": ${bool(offset === "mean")}, "mx": ${mx}`;
  return `{"block": ${block(shape)}, ${stored}, ${found}}`;
}

/** The ends of a block's clip as a lambda of its values, its clip without a search, its least and its greatest value. */
function clipOf(rule: ScaleRule, affine: boolean): string | null {
  const head = "lambda v, full, low, high:";
  const mean = (of: string) => `(np.cumsum(${of})[-1] / len(v) if len(v) else 0.0)`;
  switch (rule.name) {
    case "pct":
      return affine
        ? `${head} (-max(0.0, nearest_rank(-v, ${rule.p})), max(0.0, nearest_rank(v, ${rule.p})))`
        : `${head} (0.0, nearest_rank(np.abs(v), ${rule.p}))`;
    case "rms":
      return `${head} (0.0, ${number(rule.k)} * math.sqrt${mean("v * v")})`;
    case "std":
      return `${head} (0.0, ${number(rule.k)} * deviation(v))`;
    case "absmean":
      return `${head} (0.0, ${number(rule.k)} * ${mean("np.abs(v)")})`;
    case "shrink":
      return `${head} search(v, full, low, high, ${number(rule.p)}, ${rule.grid}, ${number(rule.least)})`;
    default:
      return null;
  }
}
