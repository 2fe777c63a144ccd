/** What the page knows of the model, what the last run gave, and what the one under way has given so far. */
import { createStore, type StoreApi } from "zustand/vanilla";
import type {
  ContinueAnswer,
  ContinuePart,
  LmAnswer,
  LmPlan,
  LmRequest,
  LmTensor,
  NoiseFloor,
  Side,
  WindowResult,
} from "../../../workers/lm/request.ts";
import type { Progress } from "../../../workers/pace/progress.ts";
import { perWorkbench } from "../../state/workbench.ts";

/** The figures of one request, as far as they came. */
export interface LmRun {
  key: string;
  request: LmRequest;
  plan: LmPlan | null;
  /** What rules did, by side and the tensor's name. */
  tensors: Record<Side, ReadonlyMap<string, LmTensor>>;
  windows: readonly WindowResult[];
  noise: NoiseFloor | null;
  notes: readonly string[];
  /** Set when all is there. */
  answer: LmAnswer | null;
}

export interface Continued {
  key: string;
  prompt: string;
  parts: readonly ContinuePart[];
  answer: ContinueAnswer | null;
}

export interface LmState {
  /** The run on the screen. */
  run: LmRun | null;
  /** The whole run before: shown as old until the new one has figures. */
  old: LmRun | null;
  progress: Progress | null;
  /** Ends what is under way; null while nothing is. */
  job: AbortController | null;
  problem: string | null;
  /** The key of the run that was last begun: what was cancelled does not begin again by itself. */
  begun: string | null;
  /** What a run that has not begun would take, by its key. */
  foreseen: { key: string; plan: LmPlan | null; problem: string | null } | null;
  /** What is typed and cannot be read, side by side. */
  drafts: Record<Side, boolean>;
  /** Work a second that the last whole run came to; null before there was one. */
  rate: number | null;
  continued: Continued | null;
  writing: AbortController | null;
  writingProblem: string | null;
  /** Ends a capture that is under way; null while there is none. */
  capturing: (() => void) | null;
}

export type LmStore = StoreApi<LmState>;

export const lmStoreOf = perWorkbench<LmStore>(() =>
  createStore<LmState>(() => ({
    run: null,
    old: null,
    progress: null,
    job: null,
    problem: null,
    begun: null,
    foreseen: null,
    drafts: { a: false, b: false },
    rate: null,
    continued: null,
    writing: null,
    writingProblem: null,
    capturing: null,
  })),
);
