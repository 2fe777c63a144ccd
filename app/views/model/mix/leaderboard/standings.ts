/** How far each signal puts the tensors of a model in the order that measured KL does: rank correlations, with how many pairs they are over. */
import { type Agreement, spearmanAt, TOP_SHARES } from "../../../../../kernels/signals/rank.ts";
import type { ScoreFile } from "../../../../../workers/scores/types.ts";

/** KL of the model with one tensor quantized, as it was measured on one text. */
export interface MeasuredKl {
  /** Tells measurements apart: the text's key, or where it was imported from. */
  id: string;
  /** For the reader: text and windows. */
  text: string;
  /** Canonical. */
  recipes: readonly string[];
  /** By the tensor's name, then by recipe; null where there is none. */
  values: ReadonlyMap<string, readonly (number | null)[]>;
  errors: ReadonlyMap<string, readonly (number | null)[]>;
  /** KL at or below it is none; null where that was not measured. */
  noise: number | null;
}

/** What signals are judged by: the KL of one text under one recipe. */
export interface Judge {
  kl: MeasuredKl;
  recipe: string;
}

export interface Pair {
  tensor: string;
  signal: number;
  kl: number;
  /** Standard error of the KL; null where there is none. */
  error: number | null;
}

export interface Pairs {
  pairs: readonly Pair[];
  /** Tensors of which one figure or both are missing, of those that have any. */
  leftOut: number;
  /** Pairs whose KL is no more than the noise of sums: their order among each other says nothing. */
  inNoise: number;
}

const finite = (x: number | null | undefined): x is number => x != null && !Number.isNaN(x);

/**
 * A signal's figures beside measured KL, tensor by tensor. A signal that is added up takes part as it is added: times its weight. One
 * that knows no recipes says the same under all of them; such as stands in the scores under other recipes only has no pairs.
 */
export function pairsOf(scores: ScoreFile, signal: string, { kl, recipe }: Judge): Pairs {
  const of = Object.hasOwn(scores.signals, signal) ? scores.signals[signal] : null;
  const column = kl.recipes.indexOf(recipe);
  if (!of || column < 0) return { pairs: [], leftOut: 0, inNoise: 0 };
  const own = scores.recipes.indexOf(recipe);
  const pairs: Pair[] = [];
  let leftOut = 0;
  for (const [t, { name }] of scores.tensors.entries()) {
    const row = of.values[t];
    // One column where the signal does not ask for the recipe.
    const bare = row.length === 1 && scores.recipes.length !== 1 ? row[0] : own < 0 ? null : row[own];
    const weight = of.weight ? of.weight[t] : 1;
    const y = kl.values.get(name)?.[column];
    if (!finite(bare) || !finite(weight) || !finite(y)) {
      if (finite(bare) || finite(y)) leftOut++;
      continue;
    }
    pairs.push({ tensor: name, signal: bare * weight, kl: y, error: kl.errors.get(name)?.[column] ?? null });
  }
  const { noise } = kl;
  const inNoise = noise === null ? 0 : pairs.filter((pair) => pair.kl <= noise).length;
  return { pairs, leftOut, inNoise };
}

export interface Standing {
  /** Spearman's correlation over the tensors that the signal puts on top, by `TOP_SHARES`; the last is over all. */
  at: readonly Agreement[];
  pairs: number;
  leftOut: number;
  inNoise: number;
  /** 95 % interval of the correlation over all pairs; null where it has none. */
  interval: readonly [number, number] | null;
}

/**
 * @param falls whether a tensor with more of the signal wants fewer bits: then its order is turned
 */
export function standingOf({ pairs, leftOut, inNoise }: Pairs, falls = false): Standing {
  const scores = pairs.map(({ signal }) => (falls ? -signal : signal));
  const truth = pairs.map(({ kl }) => kl);
  const at = TOP_SHARES.map((share) => spearmanAt(scores, truth, share));
  const all = at[at.length - 1];
  const interval = all.value === null ? null : intervalOf(all.value, pairs.length);
  return { at, pairs: pairs.length, leftOut, inNoise, interval };
}

/** Of Spearman's correlation, 95 %: Fisher's z with the variance of Bonett and Wright (Psychometrika 65, 2000). Null below five pairs. */
export function intervalOf(rho: number, pairs: number): [number, number] | null {
  if (pairs < 5) return null;
  const z = Math.atanh(Math.max(-1 + 1e-12, Math.min(1 - 1e-12, rho)));
  const half = 1.959964 * Math.sqrt((1 + rho ** 2 / 2) / (pairs - 3));
  return [Math.tanh(z - half), Math.tanh(z + half)];
}

export interface Ranked {
  name: string;
  chosen: Standing;
  judged: Standing;
}

/** The measurement's own signal: of course it agrees with itself. */
export const MEASURED = "kl";

/**
 * Every signal of the scores but KL itself, those that agree best with the first measurement on top; such as have no correlation come last.
 */
export function leaderboardOf(
  scores: ScoreFile,
  chosen: Judge,
  judged: Judge,
  falls: (signal: string) => boolean,
): Ranked[] {
  const ranked = Object.keys(scores.signals)
    .filter((name) => name !== MEASURED)
    .map(
      (name): Ranked => ({
        name,
        chosen: standingOf(pairsOf(scores, name, chosen), falls(name)),
        judged: standingOf(pairsOf(scores, name, judged), falls(name)),
      }),
    )
    .filter((one) => one.chosen.pairs > 0 || one.judged.pairs > 0);
  const over = ({ chosen: { at } }: Ranked) => at[at.length - 1].value ?? Number.NEGATIVE_INFINITY;
  return ranked.sort((x, y) => over(y) - over(x) || (x.name < y.name ? -1 : 1));
}

/** KL that the scores themselves hold, as a measurement; null where they hold none for each recipe. */
export function scoresKl({ signals, tensors, recipes }: ScoreFile): MeasuredKl | null {
  const of = Object.hasOwn(signals, MEASURED) ? signals[MEASURED] : null;
  if (!of || of.values.some((row) => row.length !== recipes.length)) return null;
  const rows = (all: readonly (readonly (number | null)[])[] | undefined) =>
    new Map(tensors.map(({ name }, t) => [name, all?.[t] ?? []]));
  return { id: "scores", text: of.about, recipes, values: rows(of.values), errors: rows(of.error), noise: null };
}

/** Which text two measurements are on: of the scores' own KL that is said by its words (`workers/models/text`). */
export function isSameText(first: string, second: string, own: Pick<MeasuredKl, "text"> | null): boolean {
  const textOf = (part: string): string => {
    if (part !== "scores" || own === null) return part;
    if (/the text that comes with it, from character [\d,]+ on/.test(own.text)) return "calibrate";
    return /the first [\d,]+ characters of the text that comes with it/.test(own.text) ? "judge" : part;
  };
  return textOf(first) === textOf(second);
}
