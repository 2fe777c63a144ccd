import type { Library } from "../formats/library-ladder.ts";
import type { Quantizer } from "../grammar/ast.ts";
import { RecipeError } from "../grammar/errors.ts";
import { type ElementSpec, isPlainRule, type ScaleLevel } from "../plan/plan.ts";

/** What the arithmetic of each library knows: its elements, and how scales are stored inside the outermost float32. */
const known: Record<Library, { elements: string[]; scale: string; unscaled: boolean; says: string }> = {
  bnb: {
    elements: ["nf4", "bnbfp4"],
    scale: "dynamic8",
    unscaled: true,
    says: "nf4 or bnbfp4 with float32 scales, or with :dynamic8(offset=mean)/flat(256)",
  },
  torchao: {
    elements: ["e2m1"],
    scale: "e4m3",
    unscaled: false,
    says: "e2m1 with :e4m3(least=0.015625)/tensor or :e4m3(least=0.015625)",
  },
  modelopt: {
    elements: ["e2m1"],
    scale: "e4m3",
    unscaled: false,
    says: "e2m1 with :e4m3(least=0.001953125)/tensor",
  },
};

/** A library's arithmetic is that of its own quantizer: for any other there is nothing to imitate. */
export function checkLibrary(library: Library, quantizer: Quantizer, element: ElementSpec, levels: ScaleLevel[]): void {
  const { elements, scale, unscaled, says } = known[library];
  const [level, outer] = levels;
  const plain = (one: ScaleLevel | undefined) => !one || (one.format.kind === "identity" && one.offset === "none");
  const stores = () => level.format.name === scale && (level.offset === "mean") === (library === "bnb") && plain(outer);
  const fits =
    elements.includes(element.format.name) &&
    levels.length > 0 &&
    levels.length <= 2 &&
    levels.every(({ rule, rounding, divisor, inner }) => {
      return isPlainRule(rule) && rounding.mode === "rne" && divisor === inner.maxAbs;
    }) &&
    ((unscaled && levels.length === 1 && plain(level)) || (stores() && (library === "torchao" || levels.length === 2)));
  if (!fits) throw new RecipeError(`arith=${library} is the arithmetic of one quantizer: ${says}`);
  if (quantizer.rounding !== null) {
    throw new RecipeError(`arith=${library} rounds as the library does: leave out @${quantizer.rounding.name}`);
  }
  if (element.sat !== "clamp") throw new RecipeError(`arith=${library} saturates as the library does: leave out sat=`);
}
