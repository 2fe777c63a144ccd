import { RecipeError } from "../../grammar/errors.ts";
import type { Fit } from "./fit.ts";

/** The largest magnitudes of the groups of `size` columns, row by row; NaN and Inf are left out. */
function ranges(values: Float32Array, cols: number, size: number): Float64Array {
  const each = Math.ceil(cols / size);
  const out = new Float64Array((values.length / cols) * each);
  for (let i = 0; i < values.length; i++) {
    const m = Math.abs(values[i]);
    const group = Math.floor(i / cols) * each + Math.floor((i % cols) / size);
    if (m > out[group] && m < Infinity) out[group] = m;
  }
  return out;
}

/**
 * FineQuant's adaptive granularity (arXiv 2308.09723): groups of a row are halved as long as that shrinks their range on average by at
 * least `alpha`, down to `least` columns. Reconstructed: the paper states a heuristic of weights alone, not its rule. Halving Gaussian rows gains
 * 5 to 9 per cent at every size, those of t(4) some 15: a tenth tells them apart.
 */
export const fine: Fit = async (plan, { values, cols }, pace) => {
  const [{ shape, rule }] = plan.levels;
  if (shape.kind !== "row" && shape.kind !== "run")
    throw new RecipeError("~fine begins with rows or runs, as in int4/row~fine");
  const { alpha, least } = rule.params as { alpha: number; least: number };
  let size = plan.grid.blockCols;
  let own = ranges(values, cols, size);
  while (size % 2 === 0 && size / 2 >= least && cols % (size / 2) === 0) {
    await pace();
    const halves = ranges(values, cols, size / 2);
    const [each, eachHalf] = [Math.ceil(cols / size), cols / (size / 2)];
    let [gain, groups] = [0, 0];
    own.forEach((range, g) => {
      if (range === 0) return;
      const at = Math.floor(g / each) * eachHalf + 2 * (g % each);
      groups++;
      gain += 1 - (halves[at] + halves[at + 1]) / 2 / range;
    });
    if (groups === 0 || gain / groups < alpha) break;
    size /= 2;
    own = halves;
  }
  const { quantizer } = plan.recipe;
  return {
    quantizer: { ...quantizer, rule: null, block: size === cols ? { kind: "row" } : { kind: "run", n: size } },
    notes: [`~fine settled on ${size === cols ? "whole rows" : `groups of ${size}`}`],
  };
};
