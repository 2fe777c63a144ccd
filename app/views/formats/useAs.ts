/** A format of this view as a recipe of the Bench: with the blocks and scales that stand there. */
import type { Definition, Recipe } from "../../../kernels/grammar/ast.ts";
import { parseRecipe, printRecipe } from "../../../kernels/notation/index.ts";
import { prepareRecipe } from "../../../kernels/prepare/prepare.ts";
import { parse } from "../../controls/parsed.ts";
import type { Shown } from "./readFormat.ts";

/** A matrix that takes every usual block, to see whether a recipe can be run at all. */
const SIDE = 4096;

function runs(recipe: Recipe, definitions: readonly Definition[]): boolean {
  try {
    prepareRecipe(recipe, [...definitions], SIDE, SIDE);
    return true;
  } catch {
    return false;
  }
}

/**
 * The recipe that shows a format on the Bench in place of `now`. A text with blocks or steps of its own is taken as it
 * is; elements alone take the place of the elements of `now`, as long as its blocks and scales suit them; else they get
 * blocks of 32, since without a scale most tensors are nothing but zeros.
 */
export function recipeWith(shown: Shown, now: string, definitions: readonly Definition[]): string {
  const options = { definitions: [...definitions] };
  const print = (recipe: Recipe) => printRecipe(recipe, options);
  if (shown.elements !== null || shown.format.kind === "identity") return print(shown.recipe);
  const { base, rounding } = shown.recipe.quantizer;
  const current = parse(now, definitions).recipe;
  if (current?.quantizer.block) {
    const { quantizer: q } = current;
    for (const rule of [q.rule, null]) {
      const next = { ...current, quantizer: { ...q, base, rounding: rounding ?? q.rounding, rule } };
      if (runs(next, definitions)) return print(next);
    }
  }
  const plain = { ...shown.recipe, quantizer: { ...shown.recipe.quantizer, block: { kind: "run", n: 32 } as const } };
  return runs(plain, definitions) ? print(plain) : print(parseRecipe(shown.text, options));
}
