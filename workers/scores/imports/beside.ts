import { UserError } from "../../errors/user-error.ts";
import { checkSame } from "../fingerprint.ts";
import type { ScoreFile } from "../types.ts";

/**
 * Signals of one file beside those of another: such as are of each tensor, or of the same recipes. Tensors that they have nothing of have no
 * figures. Throws UserError where nothing can be taken.
 */
export function withSignals(scores: ScoreFile, from: ScoreFile): ScoreFile {
  checkSame(from.fingerprint, scores.fingerprint);
  const place = new Map(from.tensors.map(({ name }, t) => [name, t]));
  const column = scores.recipes.map((recipe) => from.recipes.indexOf(recipe));
  const alike = column.some((r) => r >= 0);
  const signals = { ...scores.signals };
  let taken = 0;
  for (const [name, one] of Object.entries(from.signals)) {
    const single = one.values.every((row) => row.length === 1) && from.recipes.length !== 1;
    if (!single && !alike) continue;
    taken++;
    const pick = (rows: (number | null)[][]) =>
      scores.tensors.map((tensor) => {
        const row = rows[place.get(tensor.name) ?? -1];
        if (single) return [row?.[0] ?? null];
        return column.map((r) => (r < 0 ? null : (row?.[r] ?? null)));
      });
    const weight = one.weight && scores.tensors.map(({ name: of }) => one.weight?.[place.get(of) ?? -1] ?? null);
    signals[name] = {
      values: pick(one.values),
      ...(one.error && { error: pick(one.error) }),
      ...(weight && { weight }),
      about: one.about,
    };
  }
  if (taken === 0) {
    throw new UserError(`No recipe of ${from.source}'s scores is among these: ${from.recipes.slice(0, 4).join(", ")}.`);
  }
  return { ...scores, signals, notes: [...scores.notes, ...from.notes] };
}
