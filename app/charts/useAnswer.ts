/** One question to the workers that a panel asks while it is looked at: its answer, its progress, its cancel. */
import { useCallback, useEffect, useRef, useState } from "react";
import type { Progress } from "../../workers/pace/progress.ts";
import { track } from "../state/busy.ts";
import { isAbort, messageOf } from "../state/notices.ts";
import { CANCELLED } from "../state/results.ts";
import { perWorkbench, useWorkbench } from "../state/workbench.ts";

export interface Answered<T> {
  /** Of what is asked for, or of what was asked before while `running`. */
  answer: T | null;
  problem: string | null;
  running: boolean;
  progress: Progress | null;
  cancel(): void;
  /** Asks anew what was cancelled or failed. */
  again(): void;
}

export interface Asking {
  signal: AbortSignal;
  onProgress(progress: Progress): void;
}

/** Operations of a question that is asked by itself: some seconds. Longer ones wait for a click. */
export const BY_ITSELF = 3e10;

/** Small answers, kept for whoever looks away and back. */
const MOST_KEPT = 64;
const keptOf = perWorkbench(() => new Map<string, unknown>());

/** Asks for what `key` names, once for each key; null asks for nothing. Whoever looks away cancels it. */
export function useAnswer<T>(key: string | null, ask: (asking: Asking) => Promise<T>): Answered<T> {
  const kept = keptOf(useWorkbench());
  const [state, setState] = useState<{ key: string | null; answer: T | null; problem: string | null }>({
    ...{ key: null, answer: null, problem: null },
  });
  const [progress, setProgress] = useState<Progress | null>(null);
  const [turn, setTurn] = useState(0);
  const latest = useRef(ask);
  const under = useRef<AbortController | null>(null);
  useEffect(() => {
    latest.current = ask;
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another turn asks the same again
  useEffect(() => {
    setProgress(null);
    if (key === null) return;
    const known = kept.get(key) as T | undefined;
    if (known !== undefined) return setState({ key, answer: known, problem: null });
    const job = new AbortController();
    under.current = job;
    let wanted = true;
    track(latest.current({ signal: job.signal, onProgress: (now) => wanted && setProgress(now) })).then(
      (answer) => {
        kept.set(key, answer);
        if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value!);
        if (wanted) setState({ key, answer, problem: null });
      },
      (error) => {
        const problem = isAbort(error) ? CANCELLED : messageOf(error);
        if (wanted) setState({ key, answer: null, problem });
      },
    );
    return () => {
      wanted = false;
      job.abort();
    };
  }, [key, turn, kept]);
  const running = key !== null && state.key !== key;
  const cancel = useCallback(() => under.current?.abort(), []);
  const again = useCallback(() => {
    setState((old) => ({ ...old, key: null, problem: null }));
    setTurn((n) => n + 1);
  }, []);
  return {
    answer: key === null ? null : state.answer,
    // An old problem would be told of what may have none.
    problem: key === null || running ? null : state.problem,
    ...{ running, progress, cancel, again },
  };
}

/** True from when an element first comes into sight: on a phone all panels are there, far below as a rule. */
export function useSeen(): [(element: HTMLElement | null) => void, boolean] {
  const [seen, setSeen] = useState(false);
  const observer = useRef<IntersectionObserver | null>(null);
  const ref = useCallback((element: HTMLElement | null) => {
    observer.current?.disconnect();
    if (!element) return;
    observer.current = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer.current?.disconnect();
      setSeen(true);
    });
    observer.current.observe(element);
  }, []);
  return [ref, seen];
}
