/** Counts work under way. `<html data-idle>` says "true" when there is none, for tests and for anyone who waits. */

/** What an answer sets off (a render, the next question) begins within this time. */
const SETTLE_MS = 120;
let pending = 0;
let settling: ReturnType<typeof setTimeout> | undefined;

function publish(): void {
  if (typeof document === "undefined") return;
  clearTimeout(settling);
  if (pending > 0) document.documentElement.dataset.idle = "false";
  else
    settling = setTimeout(() => {
      document.documentElement.dataset.idle = "true";
    }, SETTLE_MS);
}

/** Whether nothing is under way. */
export const isIdle = (): boolean => pending === 0;

/** Marks the beginning of work; call what it returns once when it has ended. */
export function begin(): () => void {
  pending++;
  publish();
  let ended = false;
  return () => {
    if (ended) return;
    ended = true;
    pending--;
    publish();
  };
}

/** Counts a promise as work until it settles. */
export function track<T>(promise: Promise<T>): Promise<T> {
  const end = begin();
  return promise.finally(end);
}
