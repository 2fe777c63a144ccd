import { planCode } from "../codes/index.ts";
import { infinityCode, nanCode } from "../formats/codes.ts";
import { type Ladder, ladderOf } from "../formats/ladder.ts";
import { libraryThresholds } from "../formats/library-ladder.ts";
import { buildFormat, choiceOf, formatArgs, formatEntry, isAffine, MODULE, ownDivisor } from "../formats/registry.ts";
import type { Format } from "../formats/types.ts";
import { codecNamed } from "../ggml/codecs.ts";
import { blockQuantizer } from "../ggml/names.ts";
import type { Call, Definition, Quantizer, Recipe } from "../grammar/ast.ts";
import { bindCall } from "../grammar/bind.ts";
import { RecipeError, type Remedy } from "../grammar/errors.ts";
import type { Role } from "../grammar/signature.ts";
import { idleOption } from "../notation/idle.ts";
import { printRecipe } from "../notation/index.ts";
import { blockCount, blockText, layBlocks } from "../plan/blocks.ts";
import type { PlannedCode } from "../plan/code.ts";
import { codesItsWay } from "../plan/layers.ts";
import { type ElementSpec, END_SLACK, isWeighted, type Plan, type ScaleLevel } from "../plan/plan.ts";
import { isRandom } from "../rounding/modes/index.ts";
import { buildRounding } from "../rounding/rounding.ts";
import { buildRule, ruleNotes } from "../scales/rule.ts";
import type { StepEntry } from "../steps/step.ts";
import { codecParts } from "./codec.ts";
import { checkLibrary } from "./library.ts";
import { checkSparse, planSteps, streamedTransforms } from "./steps.ts";

/** Deeper nesting than this is a mistake: each level scales the one inside it. */
const MAX_LEVELS = 8;

/**
 * Makes a recipe ready for a rows x cols matrix: formats built, blocks laid, bits counted.
 * Throws RecipeError with a sentence for whoever wrote the recipe.
 */
export function prepareRecipe(recipe: Recipe, definitions: Definition[], rows: number, cols: number): Plan {
  if (rows * cols === 0) throw new RecipeError("the tensor has no elements");
  const resolve = (call: Call) => resolveDefinition(call, definitions);
  const quantizer = recipe.quantizer;
  const base = resolve(quantizer.base);
  const steps = planSteps(recipe, rows, cols, definitions);
  const code = planCode(base, rows, cols);
  const elements = choiceOf(base);
  const common = (itsWay = false) => ({
    recipe,
    text: printRecipe(recipe, { definitions }),
    rows,
    cols,
    transforms: streamedTransforms(steps, code !== null || base.name === MODULE || itsWay),
    steps,
  });
  const codec = codecNamed(base.name);
  const module = base.name === MODULE ? formatArgs(base).word("of") : null;
  const solving = steps.find(({ step }) => step.entry.place === "solver")?.step.entry;
  const solver = solving?.name;
  if (solving && (codec || code || module)) checkBlocks(solving, base.name, code);
  checkSparse(steps, base.name, Boolean(codec || code || module));
  if (codec) return { ...common(), ...codecParts(codec, rows, cols), code, wholeBlocks: false, notes: [] };
  refuseIdle(base, quantizer.block ? "element" : "cast");
  const element = buildElement(base, quantizer);
  if (solver && !code) checkSolved(solver, element);
  /** The recipe with a block, for messages that name one. */
  const withBlock = (n: number): Remedy[] => {
    const block = { kind: "run", n } as const;
    return [
      { label: `add /${n}`, recipe: printRecipe({ ...recipe, quantizer: { ...quantizer, block } }, { definitions }) },
    ];
  };
  const choice = elements && {
    plans: elements.map((call) =>
      planElement({ ...quantizer, base: call }, base.name, definitions, rows, cols, withBlock),
    ),
    by: formatArgs(base).word("by") === "mae" ? ("mae" as const) : ("mse" as const),
  };
  const levels = choice ? choice.plans[0].levels : buildLevels(quantizer, resolve, element, rows, cols, withBlock);
  const itsWay = codesItsWay({ levels, ...(choice && { choice }) });
  if (solver && itsWay) {
    throw new RecipeError(
      `${solver} chooses codes under scales that stand, and ${choice ? base.name : `~${levels[0].rule.name}`} finds scales and codes together`,
    );
  }
  if (element.arith !== "exact") checkLibrary(element.arith, quantizer, element, levels);
  const grid = levels[0]?.grid ?? layBlocks(null, rows, cols);
  return {
    ...common(itsWay),
    codec: null,
    code,
    ...(choice && { choice }),
    ...(module !== null && { module }),
    element,
    levels,
    grid,
    ...(isWeighted(levels[0]?.rule.finding) && { uses: "channels" as const }),
    ...(code?.uses && { uses: code.uses }),
    wholeBlocks: levels.length > 0 && levels[0].rule.finding.kind !== "extent",
    bits: code
      ? code.bits
      : module
        ? []
        : [...countBits(element, levels, rows * cols), ...(choice ? [selectorBits(base, choice.plans)] : [])],
    notes: [...blockNotes(quantizer, levels, rows, cols), ...ruleNotes(quantizer.rule, levels[0])],
  };
}

/** One of the elements among which blocks choose, with the blocks and scales of them all. */
function planElement(
  quantizer: Quantizer,
  name: string,
  definitions: Definition[],
  rows: number,
  cols: number,
  withBlock: (n: number) => Remedy[],
): Plan {
  if (!quantizer.block) {
    throw new RecipeError(`${name} chooses an element a block: it needs one, as in /16`, null, withBlock(16));
  }
  const plan = prepareRecipe({ before: [], quantizer, after: [] }, definitions, rows, cols);
  const { element, levels } = plan;
  if (element.affine || levels[0].divisor < 0 || codesItsWay(plan)) {
    throw new RecipeError(`${name} takes symmetric elements and rules that find a scale for each by itself`);
  }
  return plan;
}

/** What says which element a block took. IF4 has the sign bit of its scale for that, where that has one. */
function selectorBits({ name }: Call, plans: readonly Plan[]): Plan["bits"][number] {
  const [{ levels, rows, cols }] = plans;
  const { format, grid } = levels[0];
  const free = name === "if4" && (format.kind === "identity" || (format.kind === "float" && format.signed));
  const bits = free ? 0 : Math.ceil(Math.log2(plans.length));
  const what = free ? "element of each block (in the scale's sign)" : "element of each block";
  return { what, bitsPerWeight: (bits * blockCount(grid)) / (rows * cols) };
}

/** What a solver makes of codes that stand for several values: most choose codes one by one. */
function checkBlocks({ name, columns }: StepEntry, base: string, code: PlannedCode | null): void {
  if (columns && code?.columns) return;
  if (columns && code)
    throw new RecipeError(`${base} finds its codes for the whole matrix, so that ${name} has none to choose`);
  throw new RecipeError(`${name} chooses codes one by one, and ${base} makes them of whole blocks`);
}

/** What a solver cannot choose codes of. */
function checkSolved(solver: string, { format, rounding }: ElementSpec): void {
  if (format.kind === "identity") {
    throw new RecipeError(`${solver} chooses codes, and ${format.name} keeps values as they are`);
  }
  if (isRandom(rounding.mode)) {
    throw new RecipeError(
      `${solver} makes up for each error in what comes after it, and @${rounding.mode} draws errors at random: leave it out`,
    );
  }
}

/** The notation refuses these with their place in the text; a tree may have been made otherwise. */
function refuseIdle(base: Call, role: Role): void {
  const entry = formatEntry(base.name);
  const idle = entry && idleOption(entry, bindCall(base, entry), role);
  if (idle) throw new RecipeError(idle.says);
}

function resolveDefinition(call: Call, definitions: Definition[]): Call {
  const known = definitions.find((d) => d.name === call.name);
  return known ? { name: known.base.name, args: [...known.base.args, ...call.args] } : call;
}

function coded(format: Format): Ladder | null {
  return format.kind === "identity" ? null : ladderOf(format);
}

function thresholdsOf(format: Format, arith: ElementSpec["arith"]): { ladder: Ladder | null; middles: Float64Array } {
  const ladder = coded(format);
  if (!ladder) return { ladder, middles: new Float64Array() };
  return arith === "exact" ? { ladder, middles: ladder.middles } : libraryThresholds(arith, format.name, ladder);
}

function buildElement(base: Call, quantizer: Quantizer): ElementSpec {
  const format = buildFormat(base);
  const args = formatArgs(base);
  const arith = (args.word("arith") ?? "exact") as ElementSpec["arith"];
  const { ladder, middles } = thresholdsOf(format, arith);
  const affine = isAffine(base);
  const sat = (args.word("sat") ?? "clamp") as ElementSpec["sat"];
  if (affine && format.kind === "integer" && format.frac > 0)
    throw new RecipeError("an affine integer has no fraction bits");
  if (sat === "nan" && nanCode(format) === null) throw new RecipeError(`${base.name} has no NaN for sat=nan`);
  if (sat === "inf" && infinityCode(format) === null && nanCode(format) === null) {
    throw new RecipeError(`${base.name} has neither Inf nor NaN for sat=inf`);
  }
  if (
    sat === "inf" &&
    format.kind === "float" &&
    !format.signed &&
    infinityCode(format) !== null &&
    nanCode(format) === null
  ) {
    throw new RecipeError(`${base.name} has no NaN, which sat=inf needs for values below zero: use sat=clamp`);
  }
  const rounding = buildRounding(quantizer.rounding);
  if (arith === "bnb") rounding.mode = base.name === "bnbfp4" ? "inward" : "lower";
  const levels = ladder?.levels ?? Float64Array.of(-Infinity, Infinity);
  const [low, high] = [levels[0], levels[levels.length - 1]];
  const zero = args.number("zero") ?? (args.word("zero") === "min" ? "min" : null);
  return {
    format,
    ladder,
    rounding,
    integer: format.kind === "integer" ? format : null,
    affine,
    middles,
    ends: affine
      ? { low: -high * (END_SLACK - 1), high: high * END_SLACK }
      : { low: endOf(low * (low < 0 ? END_SLACK : 1)), high: endOf(high * END_SLACK) },
    sat,
    nonfinite: (args.word("nonfinite") ?? "skip") as ElementSpec["nonfinite"],
    arith,
    zeroScale: zero,
    zeroPoint: affine ? buildZeroPoint(base, format.bits) : null,
  };
}

/** An end of the range as float32, as backends compare with it; as it is where it lies beyond float32. */
const endOf = (end: number): number => (Number.isFinite(Math.fround(end)) ? Math.fround(end) : end);

function buildZeroPoint(base: Call, bits: number): ElementSpec["zeroPoint"] {
  const recipe = formatArgs(base).recipe("zp");
  if (!recipe) return { format: buildFormat({ name: `uint${bits}`, args: [] }), bits };
  const { quantizer, before, after } = recipe;
  if (quantizer.block || quantizer.rounding || before.length + after.length > 0) {
    throw new RecipeError("a zero point is stored in a plain format, without blocks, rounding or steps");
  }
  if (blockQuantizer(quantizer.base.name) || choiceOf(quantizer.base))
    throw new RecipeError(`${quantizer.base.name} holds no zero points`);
  const [option] = quantizer.base.args.filter(
    ({ key }) => key !== null && !["bias", "top", "frac", "range"].includes(key),
  );
  if (option) throw new RecipeError(`${option.key}= changes nothing in how a zero point is stored: leave it out`);
  const format = buildFormat(quantizer.base);
  return { format, bits: format.bits };
}

function buildLevels(
  outer: Quantizer,
  resolve: (c: Call) => Call,
  element: ElementSpec,
  rows: number,
  cols: number,
  withBlock: (n: number) => Remedy[],
) {
  const levels: ScaleLevel[] = [];
  let quantizer: Quantizer = outer;
  let [r, c] = [rows, cols];
  while (quantizer.block) {
    if (levels.length === MAX_LEVELS) throw new RecipeError(`scales nest ${MAX_LEVELS} levels deep at most`);
    const what = resolve(quantizer.base);
    const inner = buildFormat(what);
    if (inner.kind === "identity") throw new RecipeError(`${what.name} needs no scale: leave out its block`);
    const storage: Quantizer = quantizer.scale ?? {
      base: { name: "f32", args: [] },
      rounding: null,
      block: null,
      rule: null,
      scale: null,
    };
    const base = resolve(storage.base);
    refuseIdle(base, "scale");
    if (choiceOf(base)) throw new RecipeError(`${base.name} chooses by block, and a scale is stored in one format`);
    if (isAffine(base)) throw new RecipeError("a scale is stored without a zero point: use a uint or a float");
    const format = buildFormat(base);
    const grid = layBlocks(quantizer.block, r, c);
    const ladder = ladderOf(inner);
    const divisor = ownDivisor(what) ?? ladder.maxAbs;
    checkScaleFormat(base, coded(format), divisor);
    const rule = buildRule(quantizer.rule, levels.length, {
      affine: element.affine && levels.length === 0,
      divisor,
      ladder,
    });
    levels.push({
      inner: { format: inner, maxAbs: ladder.maxAbs },
      text: printRecipe({ before: [], quantizer: { ...storage, block: null, rule: null, scale: null }, after: [] }),
      format,
      ladder: coded(format),
      rounding: buildRounding(storage.rounding),
      rule,
      divisor: rule.over ?? divisor,
      ...(formatArgs(what).number("reach") !== null && { reach: true as const }),
      grid,
      shape: quantizer.block,
      least: formatArgs(base).number("least") ?? 0,
      offset: formatArgs(base).word("offset") === "mean" ? "mean" : "none",
    });
    [r, c] = [grid.gridRows, grid.gridCols];
    quantizer = storage;
  }
  if (quantizer.rule)
    throw new RecipeError(`a scale rule (~${quantizer.rule.name}) needs a block that it works on, as in /32`);
  if (quantizer.scale)
    throw new RecipeError("a stored scale (after the colon) needs a block that it scales, as in /32");
  if (levels.length === 0 && element.affine)
    throw new RecipeError(
      "an affine integer needs a block for its scale and zero point, as in /128",
      null,
      withBlock(128),
    );
  return levels;
}

/** A scale's format must hold what is asked of it. */
function checkScaleFormat(base: Call, ladder: Ladder | null, divisor: number): void {
  if (!ladder) return;
  if (divisor < 0 && ladder.levels[0] >= 0) {
    throw new RecipeError(`a signed maximum gives negative scales, which ${base.name} cannot hold`);
  }
  if (!Number.isFinite(Math.fround(ladder.maxAbs))) {
    const bias = formatArgs(base).number("bias");
    const name = bias === null ? base.name : `${base.name}(bias=${bias})`;
    throw new RecipeError(`${name} reaches beyond float32, in which scales are multiplied`);
  }
}

function countBits(element: ElementSpec, levels: ScaleLevel[], elements: number): Plan["bits"] {
  const bits = [{ what: `elements (${element.format.name})`, bitsPerWeight: element.format.bits }];
  levels.forEach((level, i) => {
    const name = levels.length > 1 ? `scales, level ${i + 1} (${level.text})` : `scales (${level.text})`;
    bits.push({ what: name, bitsPerWeight: (blockCount(level.grid) * level.format.bits) / elements });
    if (level.offset === "mean") bits.push({ what: "offset of the scales", bitsPerWeight: 32 / elements });
  });
  if (element.zeroPoint && levels[0]) {
    bits.push({ what: "zero points", bitsPerWeight: (blockCount(levels[0].grid) * element.zeroPoint.bits) / elements });
  }
  return bits;
}

/** What the reader should know about how blocks fell on this matrix. */
function blockNotes(quantizer: Quantizer, levels: ScaleLevel[], rows: number, cols: number): string[] {
  const shape = quantizer.block;
  if (!shape || levels.length === 0) return [];
  const text = blockText(shape);
  const short = (size: number, of: number, what: string) => {
    if (size > of) return [`blocks of ${text} are cut to the ${of} ${what} there are`];
    return of % size
      ? [`the last block of each ${what === "columns" ? "row" : "column"} has ${of % size} of ${size} ${what}`]
      : [];
  };
  if (shape.kind === "run") return short(shape.n, cols, "columns");
  if (shape.kind === "tile") return [...short(shape.rows, rows, "rows"), ...short(shape.cols, cols, "columns")];
  if (shape.kind === "flat" && (rows * cols) % shape.n !== 0) {
    return [`the last block has ${(rows * cols) % shape.n} of ${shape.n} elements`];
  }
  return [];
}
