import { formatArgs, GIVEN } from "../formats/registry.ts";
import type { Recipe } from "../grammar/ast.ts";

/** Which of the other checkpoints a recipe takes its results from, counted from 0; null for a recipe that computes them. */
export function givenIndex({ quantizer }: Recipe): number | null {
  return quantizer.base.name === GIVEN ? (formatArgs(quantizer.base).number("of") ?? 1) - 1 : null;
}
