/** A recipe.yaml of llm-compressor, whose weights are stored as compressed-tensors (QuantizationArgs of that library). */

import { formatArgs } from "../formats/registry.ts";
import type { Format } from "../formats/types.ts";
import type { Definition, Recipe } from "../grammar/ast.ts";
import { RecipeError } from "../grammar/errors.ts";
import { isPlainRule, type Plan, type ScaleLevel } from "../plan/plan.ts";
import { prepareRecipe } from "../prepare/prepare.ts";
import type { RuleName } from "../scales/rules/index.ts";
import type { ToolConfig } from "./types.ts";

const target = "llm-compressor";

/** Large enough for any block that these configurations know. */
const SIDE = 4096;

/** A scheme of the library as arguments of a config group's weights: what stands between the braces of a YAML mapping. */
export interface CompressorWeights {
  args: string;
  /** How its scales are found, further arguments. */
  observer: string | null;
  /** The name of a scheme that is all of it. */
  preset: string | null;
  exact: boolean;
  note: string;
}

/** Why the library has nothing like a recipe. */
interface Nothing {
  args: null;
  note: string;
}

const none = (note: string): Nothing => ({ args: null, note });

/** The weights' arguments, as far as a recipe gives them. */
interface Weights {
  num_bits: number;
  type: "int" | "float";
  symmetric: boolean;
  strategy: string;
  size: string;
}

/** A quantization modifier over all linear layers. */
const yaml = (scheme: string) => `quant_stage:
  quant_modifiers:
    QuantizationModifier:
      ignore: [lm_head]
${scheme}`;

const preset = (name: string) => yaml(`      targets: [Linear]\n      scheme: ${name}\n`);

const custom = (args: string, observer: string | null) =>
  yaml(`      config_groups:
        group_0:
          targets: [Linear]
          weights: {${args},
            ${observer}}
`);

const argsOf = ({ num_bits, type, symmetric, strategy, size }: Weights): string =>
  `num_bits: ${num_bits}, type: ${type}, symmetric: ${symmetric}, strategy: ${strategy}${size}, dynamic: false`;

/** Where the same sums come out otherwise, whatever the recipe. */
const ARITHMETIC =
  "It computes in the checkpoint's own type and stores scales in it, where the recipe's quotients are exact; an all-zero block gets a small scale";

/** The recipe.yaml that gives every linear layer this recipe. */
export function compressorConfig(recipe: Recipe, definitions: readonly Definition[]): ToolConfig {
  const found = compressorWeights(recipe, definitions);
  if (found.args === null) return { target, text: null, exact: false, note: found.note };
  const { args, observer, preset: name, exact, note } = found;
  return { target, text: name === null ? custom(args, observer) : preset(name), exact, note };
}

/** A recipe as the library's arguments for a weight; without `args` where it has nothing like it. */
export function compressorWeights(recipe: Recipe, definitions: readonly Definition[]): CompressorWeights | Nothing {
  const [step] = [...recipe.before, ...recipe.after];
  if (step) return none(`${step.name} is no part of its quantization modifier`);
  let plan: Plan;
  try {
    plan = prepareRecipe(recipe, [...definitions], SIDE, SIDE);
  } catch (error) {
    if (error instanceof RecipeError) return none(error.message);
    throw error;
  }
  if (plan.codec) return none("it has no block types of ggml");
  const { element, levels } = plan;
  const [level, outer] = levels;
  if (!level) return none("it quantizes with scales only: give the recipe a block, such as /row");
  if (element.rounding.mode !== "rne") return none("it rounds to nearest, ties to even");
  if (element.arith !== "exact" || element.sat !== "clamp") return none("it has no such arithmetic");
  if (levels.some(({ reach }) => reach)) return none("it scales the largest magnitude to the largest level");
  const { format } = element;
  if (format.kind === "float" && format.name === "e2m1") {
    if (format.bias !== 1 || format.top !== "none") return none("its E2M1 is OCP's: a bias of 1, and no NaN or Inf");
    return fp4(level, outer);
  }
  if (outer) return none("only its NVFP4 has scales of scales");
  const shape = shapeOf(level);
  if (!shape) return none("its scales are one a tensor, a row, a group of a row or a square block");
  const scale = level.format.name;
  if (format.kind === "float" && format.name === "e4m3") {
    if (!isE4m3(format)) return none("its E4M3 is OCP's: a bias of 7, and one NaN");
    const args: Weights = { num_bits: 8, type: "float", symmetric: true, ...shape };
    if (scale === "e8m0") return mxfp8(level);
    return withRule(args, level, scale, []);
  }
  if (format.kind !== "integer" || format.frac > 0 || (!element.affine && format.min === 0)) {
    return none(`it has integers, E4M3 and E2M1, and no ${format.name}`);
  }
  const args: Weights = { num_bits: format.bits, type: "int", symmetric: !element.affine, ...shape };
  const range = formatArgs(recipe.quantizer.base).word("range") ?? "narrow";
  const other: string[] = [];
  if (!element.affine && range !== "half") {
    const half = 2 ** (format.bits - 1) - 0.5;
    other.push(`its symmetric scale is amax/${half} with one code more below zero, which is int${format.bits}(half)`);
  }
  if (element.zeroPoint && element.zeroPoint.format.name !== `uint${format.bits}`)
    other.push(`its zero points are integers of ${format.bits} bits`);
  return withRule(args, level, scale, other);
}

function shapeOf({ shape }: ScaleLevel): Pick<Weights, "strategy" | "size"> | null {
  switch (shape.kind) {
    case "run":
      return { strategy: "group", size: `, group_size: ${shape.n}` };
    case "row":
      return { strategy: "channel", size: "" };
    case "tensor":
      return { strategy: "tensor", size: "" };
    case "tile":
      return { strategy: "block", size: `, block_structure: [${shape.rows}, ${shape.cols}]` };
    default:
      return null;
  }
}

/** The configuration with the observer that the scale rule is nearest to; `differs` are reasons why it is not exact. */
function withRule(args: Weights, level: ScaleLevel, scale: string, differs: readonly string[]): CompressorWeights {
  const { rule } = level;
  const { finding } = rule;
  const why = [...differs];
  if (!["f32", "f16", "bf16"].includes(scale)) why.push(`it stores no scales in ${scale}`);
  if (level.rounding.mode !== "rne") why.push("it rounds scales to nearest, ties to even");
  if (level.least > 0 || level.offset !== "none") why.push("it takes scales as they are, without a least or a mean");
  let observer = "observer: memoryless_minmax";
  if (finding.kind === "search" || finding.kind === "shrink") {
    const shrink = Number((1 - finding.least).toPrecision(6));
    const grid = Math.round(finding.grid / shrink);
    observer = `observer: memoryless_mse, observer_kwargs: {norm: ${finding.p}, grid: ${grid}, maxshrink: ${shrink}}`;
    if (finding.kind === "search") why.push("its search only shrinks the clip, as ~shrink does");
    if (finding.weighted) why.push("its search counts all input channels alike");
    why.push("its search stops early where five clips in a row are no better");
  } else if (!isPlainRule(rule)) {
    why.push(`it has no rule like ~${rule.name}`);
  }
  const note = why.length > 0 ? `${why.join("; ")}. ${ARITHMETIC}` : ARITHMETIC;
  return { args: argsOf(args), observer, preset: null, exact: why.length === 0, note };
}

/** OCP's E4M3, and not one with another bias or other top codes. */
const isE4m3 = (format: Format): boolean =>
  format.kind === "float" && format.name === "e4m3" && format.bias === 7 && format.top === "nan";

function fp4(level: ScaleLevel, outer: ScaleLevel | undefined): CompressorWeights | Nothing {
  const size = level.shape.kind === "run" ? level.shape.n : 0;
  const absmax = isPlainRule(level.rule);
  if (size === 16 && isE4m3(level.format) && outer?.shape.kind === "tensor" && outer.format.kind === "identity") {
    const note = `It keeps the reciprocal of the tensor's scale, so that a few block scales round otherwise. ${ARITHMETIC}`;
    const args = `${argsOf({ ...fourBits, strategy: "tensor_group", size: ", group_size: 16" })}, scale_dtype: torch.float8_e4m3fn, zp_dtype: torch.float8_e4m3fn`;
    return absmax ? { args, observer: null, preset: "NVFP4A16", exact: false, note } : none("its NVFP4 takes amax");
  }
  if (size === 32 && level.format.name === "e8m0" && !outer) return mx("MXFP4A16", level);
  return none("it has E2M1 as NVFP4 (blocks of 16, scales in E4M3 a tensor's float32) or MXFP4 (blocks of 32, E8M0)");
}

const fourBits = { num_bits: 4, type: "float", symmetric: true } as const;

function mxfp8(level: ScaleLevel): CompressorWeights | Nothing {
  if (level.shape.kind !== "run" || level.shape.n !== 32)
    return none("E4M3 with scales in E8M0 has blocks of 32 there");
  return mx("MXFP8A16", level);
}

/** The rule whose exponents the library has, for E2M1. */
const EVEN: RuleName = "mx";

/** Shared exponents: the library rounds amax to E2M1's precision first, for E4M3 too. */
function mx(scheme: string, { rule }: ScaleLevel): CompressorWeights {
  const same = scheme === "MXFP4A16" && rule.name === EVEN && rule.params.how === "even";
  const note = same
    ? ARITHMETIC
    : `It takes the next exponent from 1.75 times a power of two on, as mxfp4~mx(even) does. ${ARITHMETIC}`;
  const bits = scheme === "MXFP4A16" ? fourBits : { ...fourBits, num_bits: 8 };
  const args = `${argsOf({ ...bits, strategy: "group", size: ", group_size: 32" })}, scale_dtype: torch.uint8, zp_dtype: torch.uint8`;
  return { args, observer: null, preset: scheme, exact: same, note };
}
