/** Signals that run the model, beside the scores of its weights: what a run would take, its figures as they come, and where it goes on. */
import type { ScoreFile, SignalScores } from "../../../../workers/scores/types.ts";
import type {
  KnownScore,
  ModelSignal,
  SensitivityPlan,
  SensitivityRequest,
} from "../../../../workers/sensitivity/request.ts";
import { track } from "../../../state/busy.ts";
import { isAbort, messageOf } from "../../../state/notices.ts";
import { CANCELLED } from "../../../state/results.ts";
import type { Workbench } from "../../../state/workbench.ts";
import type { Ground } from "./ground.ts";
import { mixStoreOf } from "./store.ts";

/** Text is scored on what the model is not judged by, a few windows of it: every tensor and recipe passes the network. */
export const SCORING = { text: "own:calibrate", windows: 2, length: 256 } as const;

/** Figures of the same text, windows and seed are those of one run; of anything else they are not. */
const groundOf = (words: string, seed: number): string => JSON.stringify([words, seed]);

/**
 * What a run is asked for, on what `words` say; the figures that the scores have already from the same text, windows and seed are given
 * along, and not measured again.
 */
export function modelRequest(
  ground: Ground,
  scores: ScoreFile,
  signal: string,
  seed: number,
  words: string,
): SensitivityRequest {
  return {
    ...ground,
    recipes: scores.recipes,
    signals: [signal as ModelSignal],
    tensors: scores.tensors.map(({ name }) => name),
    seed,
    known: knownOf(scores, signal, groundOf(words, seed)),
  };
}

function knownOf({ tensors, recipes, signals }: ScoreFile, signal: string, ground: string): KnownScore[] {
  const own = Object.hasOwn(signals, signal) ? signals[signal] : null;
  if (own?.ground !== ground) return [];
  const columns = own.values[0]?.length === recipes.length ? recipes : [null];
  return tensors.flatMap(({ name }, t) =>
    columns.flatMap((recipe, r) => {
      const value = own.values[t][r];
      if (value === null) return [];
      return [{ signal: signal as ModelSignal, tensor: name, recipe, value, error: own.error?.[t][r] ?? null }];
    }),
  );
}

/** Whether scores have a signal to its end: of every tensor that takes a recipe, from a run that was not left. */
export function hasWhole({ tensors, signals }: ScoreFile, signal: string): boolean {
  const own = Object.hasOwn(signals, signal) ? signals[signal] : null;
  if (own === null || own.unfinished) return false;
  return own.values.every((row, t) => row.some((v) => v !== null) || tensors[t].refused.every(Boolean));
}

/** Scores with some more figures of a signal, of a run that goes on; those that it has of another ground are given up. */
export function withFigures(
  scores: ScoreFile,
  signal: string,
  came: readonly KnownScore[],
  { about, ground }: { about: string; ground: string },
): ScoreFile {
  const place = new Map(scores.tensors.map(({ name }, i) => [name, i]));
  const column = new Map(scores.recipes.map((recipe, i) => [recipe, i]));
  const byRecipe = came.some(({ recipe }) => recipe !== null) || came.length === 0;
  const there = Object.hasOwn(scores.signals, signal) ? scores.signals[signal] : undefined;
  const before: SignalScores | undefined = there?.ground === ground ? there : undefined;
  const width = byRecipe ? scores.recipes.length : 1;
  const blank = () => Array.from({ length: width }, (): number | null => null);
  const values = scores.tensors.map((_, t) => [...(before?.values[t] ?? blank())]);
  const error = scores.tensors.map((_, t) => [...(before?.error?.[t] ?? blank())]);
  for (const score of came) {
    const t = place.get(score.tensor);
    const r = score.recipe === null ? 0 : column.get(score.recipe);
    if (t === undefined || r === undefined) continue;
    values[t][r] = score.value;
    error[t][r] = score.error;
  }
  const own: SignalScores = { values, error, about, ground, unfinished: true };
  return { ...scores, signals: { ...scores.signals, [signal]: own } };
}

/** Scores whose run came to its end: `about` says what it was. */
export function finished(scores: ScoreFile, signal: string, about: string): ScoreFile {
  if (!Object.hasOwn(scores.signals, signal)) return scores;
  const { unfinished: _, ...own } = scores.signals[signal];
  return { ...scores, signals: { ...scores.signals, [signal]: { ...own, about } } };
}

export async function foreseeModel(
  w: Workbench,
  request: SensitivityRequest,
  signal: AbortSignal,
): Promise<SensitivityPlan> {
  return track(w.client.call("sensitivityPlan", request, { signal }));
}

const EVERY_MS = 400;

/** Runs the model for a signal. Figures that came stay, however it ends. */
export async function scoreByModel(w: Workbench, request: SensitivityRequest, words: string): Promise<void> {
  const store = mixStoreOf(w);
  const run = { about: `on ${words}; the run was left before its end`, ground: groundOf(words, request.seed) };
  const [signal] = request.signals;
  store.getState().job?.abort();
  const job = new AbortController();
  store.setState({ job, problem: null, progress: null });
  const current = () => store.getState().job === job;
  let came: KnownScore[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    const { scores, version } = store.getState();
    if (!current() || !scores || came.length === 0) return;
    store.setState({ scores: withFigures(scores, signal, came, run), version: version + 1 });
    came = [];
  };
  try {
    const answer = await track(
      w.client.call("sensitivity", request, {
        signal: job.signal,
        onProgress: (progress) => current() && store.setState({ progress }),
        onPart: (part) => {
          if (part.part !== "score") return;
          came.push(part.score);
          timer ??= setTimeout(flush, EVERY_MS);
        },
      }),
    );
    flush();
    if (!current()) return;
    store.setState(({ scores, version }) => ({
      ...{ job: null, progress: null, version: version + 1 },
      scores: scores && finished(scores, signal, answer.signals[signal]?.about ?? `on ${words}`),
    }));
  } catch (error) {
    flush();
    if (current())
      store.setState(({ version }) => ({
        ...{ job: null, progress: null, version: version + 1 },
        problem: isAbort(error) ? CANCELLED : messageOf(error),
      }));
  }
}
