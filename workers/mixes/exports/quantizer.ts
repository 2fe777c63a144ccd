/** A recipe as the few numbers that other tools know a quantizer by, where it has no more than those. */
import { formatArgs } from "../../../kernels/formats/registry.ts";
import type { Format } from "../../../kernels/formats/types.ts";
import type { BlockShape, Definition, Recipe } from "../../../kernels/grammar/ast.ts";
import { RecipeError } from "../../../kernels/grammar/errors.ts";
import { prepareRecipe } from "../../../kernels/index.ts";
import { isPlainRule, type Plan } from "../../../kernels/plan/plan.ts";

export interface SimpleQuantizer {
  element: "int" | "e4m3" | "e2m1";
  bits: number;
  /** Of integers: what amax is divided by and which codes there are; `asym`: with a zero point. "" for floats. */
  range: string;
  block: BlockShape;
  /** How scales are stored: "f32", "bf16", "e8m0" ...; "e4m3/tensor" where they have one of their own. */
  scale: string;
  /** "absmax", or the rule that finds the scales: "mx(even)"; "absmax@up" where E8M0 is rounded up. */
  rule: string;
}

/** Large enough for any block that other tools know. */
const SIDE = 4096;

/** The quantizer in numbers; a reason, in a clause, for what has more to it. */
export function simpleQuantizer(recipe: Recipe, definitions: readonly Definition[]): SimpleQuantizer | string {
  const [step] = [...recipe.before, ...recipe.after];
  if (step) return `the step ${step.name} is no part of it`;
  let plan: Plan;
  try {
    plan = prepareRecipe(recipe, [...definitions], SIDE, SIDE);
  } catch (error) {
    if (error instanceof RecipeError) return error.message;
    throw error;
  }
  if (plan.codec) return "it has no block types of ggml";
  if (plan.code || plan.module !== undefined || plan.choice) return "it has no such codes";
  const { element, levels } = plan;
  const [level, outer, more] = levels;
  if (!level || more) return "it has one scale a block, or one of those a tensor";
  if (outer && outer.shape.kind !== "tensor") return "it has scales of scales for a tensor alone";
  const up = level.format.name === "e8m0" && level.rounding.mode === "up";
  if (element.rounding.mode !== "rne" || (!up && levels.some(({ rounding }) => rounding.mode !== "rne")))
    return "it rounds to nearest, ties to even";
  if (element.arith !== "exact" || element.sat !== "clamp") return "it has no such arithmetic";
  if (levels.some((one) => one.reach || one.offset !== "none")) return "it takes scales as they are";
  const kind = elementOf(element.format);
  if (!kind) return `it has integers, E4M3 and E2M1, and no ${element.format.name}`;
  const integer = kind === "int";
  if (integer && !element.affine && element.format.kind === "integer" && element.format.min === 0)
    return "it has integers with a sign or a zero point";
  return {
    element: kind,
    bits: element.format.kind === "integer" ? element.format.bits : kind === "e4m3" ? 8 : 4,
    range: !integer ? "" : element.affine ? "asym" : (formatArgs(recipe.quantizer.base).word("range") ?? "narrow"),
    block: level.shape,
    scale: outer ? `${level.format.name}/tensor` : level.format.name,
    rule: (isPlainRule(level.rule) ? "absmax" : ruleText(level.rule)) + (up ? "@up" : ""),
  };
}

function ruleText({ name, params }: { name: string; params: Readonly<Record<string, number | string>> }): string {
  const values = Object.values(params);
  return values.length === 0 ? name : `${name}(${values.join(",")})`;
}

function elementOf(format: Format): SimpleQuantizer["element"] | null {
  if (format.kind === "integer") return format.frac > 0 ? null : "int";
  if (format.kind !== "float") return null;
  if (format.name === "e4m3" && format.bias === 7 && format.top === "nan") return "e4m3";
  return format.name === "e2m1" && format.bias === 1 && format.top === "none" ? "e2m1" : null;
}
