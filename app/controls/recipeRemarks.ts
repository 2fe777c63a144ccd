/** What a recipe's words leave open and its figures show: sentences without their ends, each of one clause or two. */

import { ladderOf } from "../../kernels/formats/ladder.ts";
import { buildFormat, isAffine } from "../../kernels/formats/registry.ts";
import type { Call, Quantizer } from "../../kernels/grammar/ast.ts";
import { wordArg } from "../../kernels/notation/index.ts";
import { vocabulary } from "../../kernels/notation/vocabulary.ts";
import { ruleArgs, ruleNamed } from "../../kernels/scales/rules/known.ts";

/** `name` is the preset's, where the recipe is one. */
export function recipeRemarks(quantizer: Quantizer, name: string | null): string[] {
  const preset = vocabulary.aliases.find((alias) => alias.name === name)?.differs;
  return [
    ...(preset ? [preset] : []),
    ...elementRemarks(quantizer),
    ...ruleRemarks(quantizer),
    ...scaleRemarks(quantizer),
  ];
}

/** The levels of a call's format; null where it has none of its own, or where its arguments make no format. */
function levelsOf(base: Call): { levels: Float64Array; bits: number } | null {
  if (vocabulary.format(base.name)?.whole) return null;
  try {
    const format = buildFormat(base);
    return format.kind === "identity" ? null : { levels: ladderOf(format).levels, bits: format.bits };
  } catch {
    return null;
  }
}

function elementRemarks({ base, block }: Quantizer): string[] {
  const known = levelsOf(base);
  if (!known) return [];
  const { levels, bits } = known;
  const affine = isAffine(base);
  const remarks: string[] = [];
  if (block && wordArg(base, "range") === "half") {
    remarks.push(
      "the largest value of a block saturates by design, half a step beyond the last code, where it is positive",
    );
  }
  if (
    Math.log2(levels.length) <= bits - 1 ||
    (base.name === "codebook" && levels.length < 2 ** bits) ||
    base.name === "ternary"
  ) {
    remarks.push(`${levels.length} levels are counted at ${bits} bits each`);
  }
  if (levels[0] >= 0 && !affine) remarks.push(`what is below ${levels[0]} goes to ${levels[0]}`);
  else if (!levels.includes(0)) remarks.push("no level is zero");
  return remarks;
}

function ruleRemarks({ rule }: Quantizer): string[] {
  const remark = rule && ruleNamed(rule.name)?.remark?.(ruleArgs(rule));
  return remark ? [remark] : [];
}

function scaleRemarks({ block, scale }: Quantizer): string[] {
  if (!block || !scale) return [];
  const remarks: string[] = [];
  if (scale.base.name === "ue4m3") {
    remarks.push("a scale in UE4M3 is counted at 7 bits; NVFP4 stores it in 8, as e4m3");
  }
  return [...remarks, ...scaleRemarks(scale)];
}
