import { ladderOf } from "../formats/ladder.ts";
import { buildFormat, formatArgs, isAffine } from "../formats/registry.ts";
import type { IntegerFormat } from "../formats/types.ts";
import type { Quantizer } from "../grammar/ast.ts";
import { buildRounding } from "../rounding/rounding.ts";
import type { Rounded } from "./pieces.ts";

type Element = Pick<Quantizer, "base" | "rounding">;

/**
 * A recipe's elements with the rounding in force; `null` for float32, whose levels cannot be listed.
 * @throws {RecipeError} where its arguments make no format.
 */
export function roundedOf({ base, rounding }: Element): Rounded | null {
  const format = buildFormat(base);
  if (format.kind === "identity") return null;
  const { mode, bits } = buildRounding(rounding);
  const sat = (formatArgs(base).word("sat") ?? "clamp") as Rounded["sat"];
  return { ladder: ladderOf(format), mode, bits, sat };
}

/** The same for values around zero: integers that carry a zero point lie about it, from -2^(b-1) to 2^(b-1) - 1. */
export function centredOf(element: Element): Rounded | null {
  const rounded = roundedOf(element);
  if (!rounded || !isAffine(element.base)) return rounded;
  const format = rounded.ladder.format as IntegerFormat;
  const half = 2 ** (format.bits - 1);
  return { ...rounded, ladder: ladderOf({ ...format, min: -half, max: half - 1 }) };
}
