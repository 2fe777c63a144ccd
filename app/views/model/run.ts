/** Asks the workers to run the model and keeps what comes in step with the page. */

import type { LmDevice, LmPart, LmRequest, ModelRecipe, Side } from "../../../workers/lm/request.ts";
import { track } from "../../state/busy.ts";
import { isAbort, messageOf } from "../../state/notices.ts";
import { CANCELLED } from "../../state/results.ts";
import type { Workbench } from "../../state/workbench.ts";
import type { ModelInfo } from "./binding.ts";
import type { ModelState } from "./state.ts";
import { type LmRun, type LmState, lmStoreOf } from "./store.ts";
import { parseText } from "./text-choice.ts";
import { type HeldTexts, specOf } from "./texts.ts";

/** The recipe of a side; null where it leaves everything as it is. */
export function recipeOf(state: ModelState, side: Side): ModelRecipe | null {
  const own =
    side === "a"
      ? { weights: state.a, activations: state.actA, cache: state.kvA }
      : { weights: state.b, activations: state.actB, cache: state.kvB };
  return own.weights || own.activations || own.cache ? own : null;
}

export interface Planned {
  /** Equal keys stand for equal requests. */
  key: string;
  request: LmRequest;
}

/** What a run would ask for, or why there is none, in a sentence. */
export type Plan = { planned: Planned; why: null } | { planned: null; why: string | null };

export interface Asked {
  info: ModelInfo | null;
  state: ModelState;
  held: HeldTexts;
  definitions: readonly string[];
  /** Rules that cannot be read. */
  mistaken: boolean;
  /** The name of the open calibration; undefined for none, null while it is not at hand. */
  calibration: string | undefined | null;
}

export const deviceOf = (state: ModelState): LmDevice | null => (state.device === "auto" ? null : state.device);

export function planRun({ info, state, held, definitions, mistaken, calibration }: Asked): Plan {
  const not = (why: string | null): Plan => ({ planned: null, why });
  if (!info) return not(null);
  if (info.problems.length > 0) return not("The model cannot be run; its weights can be explored.");
  if (mistaken) return not("A model recipe has a mistake.");
  if (calibration === null) return not("What is known of the inputs is not at hand yet.");
  const choice = parseText(state.text);
  if (!choice) return not("The link's text cannot be read: choose another one.");
  const text = specOf(choice, held, info.bundled);
  if (!text)
    return not(
      choice.kind === "bundled" ? "The sample's text is being read." : "The text is not at hand: give it again.",
    );
  // No window is longer than the model's positions.
  const tokens = Math.min(state.length, info.positions ?? state.length);
  const request: LmRequest = {
    source: info.source,
    text,
    windows: {
      ...{ tokens, stride: state.stride === 0 ? tokens : Math.min(state.stride, tokens) },
      ...{ most: state.windows, seed: state.seed },
    },
    a: recipeOf(state, "a"),
    b: recipeOf(state, "b"),
    definitions: [...definitions],
    ...(calibration !== undefined && { calibration }),
    ...{ device: deviceOf(state), budget: state.memory === 0 ? null : 1e6 * state.memory },
  };
  const key = JSON.stringify({ ...request, text: state.text ?? "" });
  return { planned: { key, request }, why: null };
}

/** Multiplications and additions that a run comes to at most. */
export function workOf({ request }: Planned, { size: { parameters } }: Pick<ModelInfo, "size">): number {
  const passes = 1 + Number(request.a !== null) + Number(request.b !== null);
  return 2 * parameters * (request.windows.most ?? 0) * request.windows.tokens * passes;
}

/** The part of the windows asked for that the text has, as far as somebody looked ahead. */
export function shareOf({ key, request }: Planned, foreseen: LmState["foreseen"]): number {
  if (foreseen?.key !== key || !foreseen.plan || request.windows.most === null) return 1;
  return Math.min(1, foreseen.plan.windows / request.windows.most);
}

/** So much begins by itself where nothing was measured yet: the sample model takes a few seconds of it. */
const AT_ONCE = 2e12;
/** A run that is estimated to take longer than this begins when it is asked for. */
export const ASK_SECONDS = 60;

/** Whether a run begins by itself. `rate`: work a second that was measured; null before. */
export const beginsAlone = (work: number, rate: number | null): boolean =>
  rate === null ? work <= AT_ONCE : work / rate <= ASK_SECONDS;

/** Seconds of so much work where nothing was measured yet: what begins by itself takes a minute at most. */
export const slowGuess = (work: number): number => (ASK_SECONDS * work) / AT_ONCE;

/** Windows that take about a minute where all of them take so many seconds; null where all of them are not much longer. */
export function fewerWindows(windows: number, seconds: number): number | null {
  if (windows < 2 || seconds <= 2 * ASK_SECONDS) return null;
  return Math.max(1, Math.floor((windows * ASK_SECONDS) / seconds));
}

/** What a run would take, asked of the workers. Rejects with a sentence where it would not fit. */
export async function foresee(w: Workbench, planned: Planned, signal: AbortSignal): Promise<void> {
  const store = lmStoreOf(w);
  const tell = (foreseen: LmState["foreseen"]) => !signal.aborted && store.setState({ foreseen });
  try {
    const plan = await track(w.client.call("lmPlan", planned.request, { signal }));
    tell({ key: planned.key, plan, problem: null });
  } catch (error) {
    if (!isAbort(error)) tell({ key: planned.key, plan: null, problem: messageOf(error) });
  }
}

const emptyRun = ({ key, request }: Planned, before: LmRun | null): LmRun => {
  // What was measured of a tensor under the same inputs stays true of it under the same recipe.
  const kept =
    before !== null &&
    before.request.source === request.source &&
    before.request.calibration === request.calibration &&
    JSON.stringify(before.request.definitions) === JSON.stringify(request.definitions);
  return {
    ...{ key, request, plan: null, windows: [], noise: null, notes: [], answer: null },
    tensors: kept ? before.tensors : { a: new Map(), b: new Map() },
  };
};

/** A run with more parts of its answer. */
export function withParts(run: LmRun, parts: readonly LmPart[]): LmRun {
  const tensors = parts.flatMap((part) => (part.part === "tensor" ? [part.tensor] : []));
  const windows = parts.flatMap((part) => (part.part === "window" ? [part.window] : []));
  const next = { ...run };
  if (tensors.length > 0) {
    // One copy for all that came: a model has thousands of them.
    const own = { a: new Map(run.tensors.a), b: new Map(run.tensors.b) };
    for (const tensor of tensors) own[tensor.side].set(tensor.name, tensor);
    next.tensors = own;
  }
  if (windows.length > 0) {
    // A worker that was replaced begins again.
    const all = new Map([...run.windows, ...windows].map((window) => [window.index, window]));
    next.windows = [...all.values()].sort((x, y) => x.index - y.index);
  }
  for (const part of parts) {
    if (part.part === "plan") next.plan = part.plan;
    else if (part.part === "noise") next.noise = part.noise;
    else if (part.part === "note") next.notes = [...next.notes, part.note];
  }
  return next;
}

/**
 * Runs the model; a run that is under way ends first. The run before stays, as old, until this one has figures.
 * @param work of all windows asked for
 */
export async function startRun(w: Workbench, planned: Planned, work: number): Promise<void> {
  const store = lmStoreOf(w);
  const before = store.getState();
  before.job?.abort();
  const job = new AbortController();
  const old = before.run && before.run.windows.length > 0 ? before.run : before.old;
  store.setState({
    ...{ run: emptyRun(planned, before.run), old: old?.request.source === planned.request.source ? old : null },
    ...{ job, progress: null, problem: null, begun: planned.key },
  });
  const current = () => store.getState().job === job;
  // A part a tensor: many come at once, and the page is drawn once for all of them.
  let waiting: LmPart[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    const parts = waiting;
    waiting = [];
    if (current() && parts.length > 0) store.setState(({ run }) => ({ run: run && withParts(run, parts) }));
  };
  const began = performance.now();
  try {
    const answer = await track(
      w.client.call("lm", planned.request, {
        signal: job.signal,
        onProgress: (progress) => current() && store.setState({ progress }),
        onPart: (part) => {
          waiting.push(part);
          timer ??= setTimeout(flush, 40);
        },
      }),
    );
    flush();
    if (!current()) return;
    const seconds = (performance.now() - began) / 1000;
    const share = answer.plan.windows / Math.max(1, planned.request.windows.most ?? answer.plan.windows);
    store.setState(({ run }) => ({
      ...{ run: run && { ...run, answer, plan: answer.plan }, old: null, job: null, progress: null },
      rate: (work * share) / Math.max(seconds, 0.05),
    }));
  } catch (error) {
    flush();
    if (!current()) return;
    store.setState({ job: null, progress: null, problem: isAbort(error) ? CANCELLED : messageOf(error) });
  }
}
