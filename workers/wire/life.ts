/**
 * Whether a worker lives. Browsers tell of uncaught errors, and say nothing of a worker that they end, for want of memory as a rule, or
 * that ends itself. A lock is given back in every case: the worker holds it as long as it lives, however busy it is, and who waits for it
 * here learns of the end. A heartbeat would take long work for an end.
 */
import { type Control, isControl } from "./wire.ts";

type Port = Pick<Worker, "addEventListener" | "postMessage">;
type Locks = Pick<LockManager, "request">;

/** Where a browser has no locks (pages without a safe connection), only what it tells by itself is known. */
const ownLocks = (): Locks | undefined => (globalThis.navigator as Partial<Navigator> | undefined)?.locks;

/** In the worker: holds the lock that the client names. */
export function liveOn(port: Port, locks = ownLocks()): void {
  port.addEventListener("message", (event) => {
    const data: unknown = (event as MessageEvent).data;
    if (!isControl(data) || data.control !== "live") return;
    locks?.request(data.lock, () => {
      port.postMessage({ control: "living" } satisfies Control);
      return new Promise<never>(() => {});
    });
  });
}

/** In the client: calls `ended` once when the worker is no more. What it returns ends the watch. */
export function watchLife(port: Port, ended: () => void, locks = ownLocks()): () => void {
  const lock = `quantscope worker ${crypto.randomUUID()}`;
  const watch = new AbortController();
  port.addEventListener("message", (event) => {
    const data: unknown = (event as MessageEvent).data;
    if (!isControl(data) || data.control !== "living") return;
    locks?.request(lock, { signal: watch.signal }, ended).catch(() => {
      // The watch was ended.
    });
  });
  port.postMessage({ control: "live", lock } satisfies Control);
  return () => watch.abort();
}
