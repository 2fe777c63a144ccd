/** Scores as they come, by signal, tensor and recipe; at the end in the shape of a score file. */
import { signalNamed } from "../../kernels/signals/index.ts";
import type { Ground, ScoredCache } from "./ground.ts";
import type {
  BoundedPrefix,
  CacheSensitivity,
  Interactions,
  KnownScore,
  ModelSignal,
  SensitivityAnswer,
} from "./request.ts";

export type Scores = Pick<SensitivityAnswer, "signals" | "refused">;

/** Whether a signal has a figure for each recipe; else one for a tensor. */
export const isByRecipe = (signal: ModelSignal): boolean => signalNamed(signal)!.byRecipe;

export class ScoreSheet {
  readonly #ground: Ground;
  readonly #tell: (score: KnownScore) => void;
  readonly #scores = new Map<string, KnownScore>();
  readonly interactions: Interactions[] = [];
  readonly prefixes: BoundedPrefix[] = [];

  constructor(ground: Ground, tell: (score: KnownScore) => void) {
    this.#ground = ground;
    this.#tell = tell;
  }

  /** Takes a score that was made before. */
  know(score: KnownScore): void {
    this.#scores.set(keyOf(score), score);
  }

  put(score: KnownScore): void {
    this.know(score);
    this.#tell(score);
  }

  has(signal: ModelSignal, tensor: string, recipe: string | null): boolean {
    return this.#scores.has(keyOf({ signal, tensor, recipe }));
  }

  get(signal: ModelSignal, tensor: string, recipe: string | null): KnownScore | undefined {
    return this.#scores.get(keyOf({ signal, tensor, recipe }));
  }

  /** Tensors and recipes that a signal has no score of yet, by recipe. */
  missing(signal: ModelSignal): { tensor: string; recipe: string }[] {
    const { tensors, recipes } = this.#ground;
    return recipes.flatMap((recipe) =>
      tensors.flatMap(({ tensor }) => (this.has(signal, tensor, recipe) ? [] : [{ tensor, recipe }])),
    );
  }

  /** The same of the keys and values of layers. */
  missingCaches(signal: ModelSignal): (ScoredCache & { recipe: string })[] {
    const { caches, cacheRecipes } = this.#ground;
    return cacheRecipes.flatMap((recipe) =>
      caches.flatMap((one) => (this.has(signal, one.cache, recipe) ? [] : [{ ...one, recipe }])),
    );
  }

  /** What is known of keys and values; null where they are not scored. */
  cacheScores(about: string): CacheSensitivity | null {
    const { caches, cacheRecipes: recipes } = this.#ground;
    if (caches.length === 0) return null;
    const found = caches.map(({ cache }) => recipes.map((recipe) => this.get("kl", cache, recipe)));
    const rows = <T>(of: (score: KnownScore | undefined) => T): T[][] => found.map((row) => row.map(of));
    return {
      layers: caches.map(({ cache: name, layer }) => ({ name, layer })),
      recipes,
      kl: { values: rows((one) => one?.value ?? null), error: rows((one) => one?.error ?? null), about },
      refused: rows((one) => one?.refused ?? null),
    };
  }

  /** All of it; `about` says of each signal how it was made. */
  scores(about: Partial<Record<ModelSignal, string>>): Scores {
    const { tensors, recipes } = this.#ground;
    const refused = tensors.map(() => recipes.map((): string | null => null));
    const known = tensors.map(() => recipes.map(() => false));
    const signals: Scores["signals"] = {};
    for (const [signal, text] of Object.entries(about) as [ModelSignal, string][]) {
      const columns = isByRecipe(signal) ? recipes : [null];
      const found = tensors.map(({ tensor }, t) =>
        columns.map((recipe, r) => {
          const score = this.get(signal, tensor, recipe);
          if (recipe === null) return score;
          refused[t][r] ??= score?.refused ?? null;
          known[t][r] ||= score !== undefined && score.value !== null;
          return score;
        }),
      );
      signals[signal] = {
        values: found.map((row) => row.map((score) => score?.value ?? null)),
        error: found.map((row) => row.map((score) => score?.error ?? null)),
        about: text,
      };
    }
    // What one signal has a figure of is not refused because another has none.
    return { signals, refused: refused.map((row, t) => row.map((why, r) => (known[t][r] ? null : why))) };
  }
}

const keyOf = ({ signal, tensor, recipe }: Pick<KnownScore, "signal" | "tensor" | "recipe">): string =>
  JSON.stringify([signal, tensor, recipe]);
