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

/** What a run is asked for; the figures that the scores have already are given along, and not measured again. */
export function modelRequest(ground: Ground, scores: ScoreFile, signal: string, seed: number): SensitivityRequest {
  return {
    ...ground,
    recipes: scores.recipes,
    signals: [signal as ModelSignal],
    tensors: scores.tensors.map(({ name }) => name),
    seed,
    known: knownOf(scores, signal),
  };
}

function knownOf({ tensors, recipes, signals }: ScoreFile, signal: string): KnownScore[] {
  const own = Object.hasOwn(signals, signal) ? signals[signal] : null;
  if (!own) return [];
  const columns = own.values[0]?.length === recipes.length ? recipes : [null];
  return tensors.flatMap(({ name }, t) =>
    columns.flatMap((recipe, r) => {
      const value = own.values[t][r];
      if (value === null) return [];
      return [{ signal: signal as ModelSignal, tensor: name, recipe, value, error: own.error?.[t][r] ?? null }];
    }),
  );
}

/** Whether scores have a figure of a signal for every tensor and recipe that is not refused. */
export function hasWhole({ tensors, signals }: ScoreFile, signal: string): boolean {
  const own = Object.hasOwn(signals, signal) ? signals[signal] : null;
  if (own === null) return false;
  return own.values.every((row, t) => row.some((v) => v !== null) || tensors[t].refused.every(Boolean));
}

/** Scores with some more figures of a signal. */
export function withFigures(scores: ScoreFile, signal: string, came: readonly KnownScore[], about: string): ScoreFile {
  const place = new Map(scores.tensors.map(({ name }, i) => [name, i]));
  const column = new Map(scores.recipes.map((recipe, i) => [recipe, i]));
  const byRecipe = came.some(({ recipe }) => recipe !== null) || came.length === 0;
  const before: SignalScores | undefined = Object.hasOwn(scores.signals, signal) ? scores.signals[signal] : undefined;
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
  return { ...scores, signals: { ...scores.signals, [signal]: { values, error, about } } };
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
    store.setState({ scores: withFigures(scores, signal, came, words), version: version + 1 });
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
      scores: scores && withFigures(scores, signal, [], answer.signals[signal]?.about ?? words),
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
