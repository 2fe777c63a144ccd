/** The program of a recipe whose elements are rounded one by one. */
import { hasMinusZero } from "../exact/small-float.ts";
import type { CodedFormat, Format } from "../formats/types.ts";
import { RecipeError } from "../grammar/errors.ts";
import { type ElementSpec, isWeighted, type Plan, type ScaleLevel } from "../plan/plan.ts";
import { isRandom } from "../rounding/modes/index.ts";
import { withoutChance } from "../rounding/rounding.ts";
import { zeroBelow } from "../scales/candidates.ts";
import { powersFrom } from "../scales/shared-exponent.ts";
import { type Search, searchesCodes, stepsAbove } from "../scales/tried.ts";
import { holdsCodes } from "../scales/zero-point.ts";
import { BEST, BEST_OF_EACH_BLOCK } from "./best.ts";
import { ENCODE_INTEGER, ENCODE_LADDER } from "./elements.ts";
import { CODEBOOK, FLOAT, FLOAT32, INTEGERS, LADDER, RANDOM, ROUNDING } from "./ladder.ts";
import { block, bool, ladder, leastPositive, mode, number } from "./literals.ts";
import { CAST, COPY, EACH_BLOCK, type Program, QUANTIZE, RESOLVE, STATISTICS, ZEROS } from "./program.ts";
import { BLOCKS, GRID_SEARCH, MX, RANGE, STORE } from "./scales.ts";

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
  const random = [element.rounding, ...levels.map((l) => l.rounding)].some((r) => isRandom(r.mode));
  const finding = levels[0]?.rule.finding;
  if (isWeighted(finding)) {
    throw new RecipeError(
      `~${levels[0].rule.name}(weights=inputs) is not written as Python: it weighs errors by a calibration, which the program does not have`,
    );
  }
  if (
    finding?.kind === "learned" ||
    finding?.kind === "fit" ||
    (finding?.kind === "clip" && !finding.python) ||
    (finding?.kind === "shrink" && finding.factors)
  ) {
    throw new RecipeError(`~${levels[0].rule.name} is not written as Python: export its codes and scales`);
  }
  const searches = finding?.kind === "search" || finding?.kind === "shrink";
  const clip = finding?.kind === "clip" ? finding.python!(number) : null;
  const functions = [
    ...(coded.length > 0 ? [LADDER] : []),
    ...(has("float") ? [FLOAT] : []),
    ...(has("integer") ? [INTEGERS] : []),
    ...(has("codebook") ? [CODEBOOK] : []),
    ...(random ? [RANDOM] : []),
    ROUNDING,
    ...(scaled ? [FLOAT32, BLOCKS] : []),
    ...(levels.some((l) => l.rule.exponent) ? [MX] : []),
    ...(scaled ? [STORE] : []),
    ...(element.affine || searches ? [RANGE] : []),
    ...(clip?.functions ?? []),
    element.integer ? ENCODE_INTEGER : ENCODE_LADDER,
    ...(finding?.kind === "shrink" ? [GRID_SEARCH] : []),
    ...(finding?.kind === "search" ? [BEST] : []),
  ];
  const constants = [...elementConstants(element), ...(scaled ? scaleConstants(plan) : [])];
  const ends =
    finding?.kind === "shrink"
      ? `search(v, full, low, high, ${number(finding.p)}, ${finding.grid}, ${number(finding.least)})`
      : clip?.clip;
  const scales = [RESOLVE, finding?.kind === "search" ? BEST_OF_EACH_BLOCK : ZEROS];
  const main = scaled
    ? [STATISTICS, ...(ends ? [`CLIP = lambda v, full, low, high: ${ends}\n${EACH_BLOCK}`] : []), ...scales, QUANTIZE]
    : [CAST];
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
    `SAT, WIDE, FNUZ = "${sat}", ${bool(element.ladder!.wide)}, ${bool(format.kind === "float" && !hasMinusZero(format.top))}`,
  ];
}

function scaleConstants({ element, levels }: Plan): string[] {
  const { affine, zeroScale, nonfinite, rounding } = element;
  const zero = zeroScale === "min" ? leastPositive(levels[0].ladder) : zeroScale;
  const zeros = zeroFormat(element);
  const { finding } = levels[0].rule;
  const searched = finding.kind === "search" || finding.kind === "shrink";
  return [
    `LEVELS = [\n${levels.map((l) => `    ${levelOf(l)},\n`).join("")}]`,
    `AFFINE, POISON = ${bool(affine)}, ${bool(nonfinite === "poison")}`,
    `ZERO_SCALE = ${zero === null ? "None" : number(zero)}`,
    ...(affine ? [`ZERO_FORMAT = ${zeros ? ladder(zeros) : "None"}`] : []),
    ...(finding.kind === "search" ? [`SEARCH = ${searchOf(finding, element, levels[0])}`] : []),
    ...(searched ? [`SEARCH_MODE = ${isRandom(rounding.mode) ? mode(withoutChance(rounding)) : "MODE"}`] : []),
  ];
}

/** What a search tries: every code, or a grid of factors and the powers of two of ~mx. */
function searchOf(search: Search, element: ElementSpec, level: ScaleLevel): string {
  const powers = powersFrom(element, level);
  const grid = `"grid": ${search.grid}, "least": ${number(search.least)}, "above": ${stepsAbove(search)}`;
  const top = powers ? `(${powers.exponent}, ${powers.count})` : "None";
  const zero = number(zeroBelow(element));
  const factors = search.factors ? `[${search.factors.map(number).join(", ")}]` : "None";
  return `{"p": ${number(search.p)}, "factors": ${factors}, "codes": ${bool(searchesCodes(level))}, ${grid}, "top": ${top}, "zero": ${zero}}`;
}

function levelOf(level: ScaleLevel): string {
  const { shape, format, rounding, divisor, least, offset, rule } = level;
  const mx = rule.exponent ? `(${number(rule.exponent.from)}, ${rule.exponent.shift})` : "None";
  const stored = `"format": ${ladder(format)}, "mode": ${mode(rounding)}, "least": ${number(least)}`;
  const found = `"divisor": ${number(divisor)}, "mean": ${bool(offset === "mean")}, "mx": ${mx}`;
  return `{"block": ${block(shape)}, ${stored}, ${found}}`;
}
