/** What a passing fault is, and how long one waits for it to pass. */
import { UserError } from "../../errors/user-error.ts";

export interface Patience {
  /** Failures in a row after which the person is told. */
  attempts: number;
  /** The first wait; each further one is twice as long, times 0.5 to 1.5 by chance. */
  firstWaitMs: number;
  /** A server that asks for a longer wait than this (Retry-After) is told of instead. */
  longestWaitMs: number;
  /** A connection on which nothing comes for this long is given up. */
  stallMs: number;
}

export const usualPatience: Patience = { attempts: 5, firstWaitMs: 500, longestWaitMs: 60_000, stallMs: 20_000 };

/** Failures of one read altogether, however far each try came: a server that sends a byte at a time is not waited for. */
const MOST_FAILURES = 40;

/** A fault that may be gone the next time: no connection, a busy server. `message` is the sentence if it does not go. */
export class PassingFault extends UserError {
  /** How long the server asks to wait. */
  readonly retryAfterMs: number | null;

  constructor(message: string, retryAfterMs: number | null = null) {
    super(message);
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * Does `work` until it succeeds or fails for another reason than a passing fault. `reached` says how far it has come:
 * after progress the count of failures in a row begins anew. Rejects with UserError, or AbortError while waiting.
 */
export async function persist<T>(
  patience: Patience,
  signal: AbortSignal | undefined,
  reached: () => number,
  work: () => Promise<T>,
): Promise<T> {
  let inARow = 0;
  for (let failures = 1; ; failures++) {
    const from = reached();
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof PassingFault)) throw error;
      inARow = reached() > from ? 1 : inARow + 1;
      if (inARow >= patience.attempts || failures >= MOST_FAILURES) throw new UserError(error.message);
      const wait = error.retryAfterMs ?? patience.firstWaitMs * 2 ** (inARow - 1) * (0.5 + Math.random());
      if (wait > patience.longestWaitMs) {
        throw new UserError(`${error.message} It asks to wait for ${Math.ceil(wait / 1000)} seconds.`);
      }
      await pause(wait, signal);
    }
  }
}

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", cancel);
      resolve();
    }, ms);
    if (signal?.aborted) cancel();
    signal?.addEventListener("abort", cancel, { once: true });
  });
}

/** A Retry-After header (seconds, or a date) in milliseconds; `null` where there is none that can be read. */
export function retryAfter(header: string | null, now = Date.now()): number | null {
  if (header === null) return null;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}
