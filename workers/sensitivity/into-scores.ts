/** Signals of a model that runs, put into a score file beside those of values. */
import { UserError } from "../errors/user-error.ts";
import { withFigures } from "../scores/cache.ts";
import type { CacheScores, ScoreFile, SignalScores } from "../scores/types.ts";
import type { ModelSignal, SensitivityAnswer } from "./request.ts";
import { isByRecipe } from "./sheet.ts";

/**
 * The file with the answer's signals, by the names of tensors and the canonical texts of recipes; what the answer does not have is null. A
 * signal that the file has already is replaced: where it was made alike (by its words: the same text and windows), it keeps its own where the
 * answer has no figure; figures of two texts do not stand in one signal. Throws UserError where they have
 * no tensor, or no recipe, in common.
 */
export function joined(scores: ScoreFile, answer: SensitivityAnswer): ScoreFile {
  const tensors = scores.tensors.map(({ name }) => answer.tensors.indexOf(name));
  const recipes = scores.recipes.map((text) => answer.recipes.indexOf(text));
  if (tensors.every((at) => at < 0))
    throw new UserError("The scores have none of the tensors that the model was run for.");
  const signals = { ...scores.signals };
  for (const [name, made] of Object.entries(answer.signals) as [ModelSignal, SignalScores][]) {
    const columns = isByRecipe(name) ? recipes : [0];
    if (columns.every((at) => at < 0))
      throw new UserError("The scores have none of the recipes that the model was run for.");
    const before = Object.hasOwn(signals, name) ? signals[name] : null;
    const known = before?.about === made.about ? before : null;
    type Rows = (number | null)[][] | undefined;
    const rows = (of: Rows, before: Rows) =>
      tensors.map((t, i) =>
        columns.map((r, j) => {
          const own = t < 0 || r < 0 ? null : (of?.[t][r] ?? null);
          return own ?? before?.[i]?.[j] ?? null;
        }),
      );
    signals[name] = {
      values: rows(made.values, known?.values),
      error: rows(made.error, known?.error),
      about: made.about,
    };
  }
  return { ...scores, signals };
}

/** The scores of a cache with the answer's figures, and none that it had: they may be of another text. */
export function withCache(cache: CacheScores, { cache: made }: SensitivityAnswer): CacheScores {
  if (!made) return cache;
  const { recipes, refused, kl } = made;
  const own = { layers: made.layers.map(({ name }) => name), recipes, refused, ...kl };
  return withFigures(cache, "kl", own);
}
