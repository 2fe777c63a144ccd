import type { WindowSide } from "../request.ts";
import { type BaseRows, choose, divergence, logSumExp, lossRows, noChoices, probabilitiesOf } from "./distribution.ts";

export const emptySide = (predictions: number): WindowSide => ({
  nll: new Float64Array(predictions),
  kl: new Float64Array(predictions),
  same: new Uint8Array(predictions),
  change: new Float64Array(predictions),
  choices: noChoices(predictions),
});

/** Compares a few rows under a recipe with those of the model as it is, and writes what comes of it from `at` on. */
export function compareRows(
  base: BaseRows,
  logits: Float32Array,
  targets: Uint32Array,
  vocabulary: number,
  into: WindowSide,
  at: number,
): void {
  const wanted = lossRows(base, targets, vocabulary);
  const p = probabilitiesOf(base);
  for (let r = 0, from = 0; r < targets.length; r++, from += vocabulary) {
    const to = from + vocabulary;
    const normal = logSumExp(logits, from, to);
    const nll = normal - logits[from + targets[r]];
    into.nll[at + r] = nll;
    into.kl[at + r] = divergence(p, base.logits, logits, from, to, base.normal[r] - normal);
    const finite = normal - normal === 0 && base.normal[r] - base.normal[r] === 0;
    choose(into.choices, at + r, logits, from, to, normal);
    into.same[at + r] = finite && into.choices.tokens[at + r] === base.choices.tokens[r] ? 1 : 0;
    into.change[at + r] = Math.exp(-nll) - Math.exp(-wanted[r]);
  }
}
