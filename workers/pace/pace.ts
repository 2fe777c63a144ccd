/**
 * Long jobs in a thread that must stay reachable. A job calls `checkpoint` between pieces; now and then that lets the
 * thread's message queue run, where a cancel may be waiting.
 */
import type { Progress } from "./progress.ts";

/** Work between two looks at the message queue. */
const SLICE_MS = 10;
/** Progress is told at most this often. */
const PROGRESS_MS = 50;

/** What a job is given to stay reachable and to tell how far it is. */
export interface JobControl {
  signal: AbortSignal;
  progress(progress: Progress): void;
}

/**
 * Resolves after messages that have already arrived were handled. `scheduler.yield` would not do: its continuations go
 * before other tasks, messages included.
 */
const nextTurn: () => Promise<void> =
  typeof setImmediate === "function" ? () => new Promise((resolve) => setImmediate(resolve)) : messageTurn();

function messageTurn(): () => Promise<void> {
  const { port1, port2 } = new MessageChannel();
  const waiting: (() => void)[] = [];
  port1.onmessage = () => waiting.shift()!();
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      port2.postMessage(null);
    });
}

/** Throws an AbortError when the job was cancelled; yields when the thread was held for long enough. */
export function pacer(signal: AbortSignal): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since >= SLICE_MS) {
      await nextTurn();
      since = performance.now();
    }
    signal.throwIfAborted();
  };
}

/** The checkpoint that engines call: paces, and passes progress on unless it was told a moment ago. */
export function checkpointFor(
  control: JobControl,
  unit: Progress["unit"],
): (done: number, total: number, phase: string) => Promise<void> {
  const pace = pacer(control.signal);
  let told = Number.NEGATIVE_INFINITY;
  return async (done, total, phase) => {
    const now = performance.now();
    if (now - told >= PROGRESS_MS) {
      told = now;
      control.progress({ done, total, unit, phase });
    }
    await pace();
  };
}
