/** Mixes that others made, llama.cpp's by name among them, as candidates beside the chosen one. */
import type { Mix, MixModel, MixPlan } from "../../../../../workers/mixes/types.ts";
import type { Candidate } from "./store.ts";

export const candidateOf = (mix: Mix, kind: "named" | "file"): Candidate => ({
  ...{ kind, label: mix.name, rules: mix.rules, notes: mix.notes },
  assigned: new Map(mix.tensors.map(({ name, recipe }) => [name, recipe])),
});

/** Bits a value over the tensors that the mix has a place for. */
export function bitsOf(mix: Mix, { tensors }: MixModel): number {
  let [bits, elements] = [0, 0];
  for (const [i, tensor] of mix.tensors.entries()) {
    if (!(tensor.bits > 0)) continue;
    bits += tensor.bits;
    elements += tensors[i].elements;
  }
  return bits / elements;
}

/** So many that are no larger than the mix, and one above. */
const BELOW = 3;

/**
 * llama.cpp's named mixes near a size, by rising size, each assignment once; why there are none where its rules do not know the model.
 * @param bits a value, of the mix that they are held against
 */
export function namedNear(
  { model, mixes, refused }: MixPlan,
  bits: number,
): { mixes: Candidate[]; why: string | null } {
  const found = new Map<string, { mix: Mix; bits: number }>();
  for (const mix of mixes)
    if (mix.rules !== "" && !found.has(mix.rules)) found.set(mix.rules, { mix, bits: bitsOf(mix, model) });
  const all = [...found.values()].filter((one) => Number.isFinite(one.bits)).sort((x, y) => x.bits - y.bits);
  const below = all.filter((one) => one.bits <= bits).slice(-BELOW);
  const above = all.filter((one) => one.bits > bits).slice(0, 1);
  const near = [...below, ...above].map(({ mix }) => candidateOf(mix, "named"));
  // One type may stop at a tensor that others take; what holds for all of them is told.
  return { mixes: near, why: all.length === 0 ? (refused[0]?.why ?? null) : null };
}
