/** Threads of a browser for linear algebra, started from the worker in which a job runs. */
import { type Thread, ThreadPool } from "./thread-pool.ts";

/** More threads than these wait for memory rather than for each other. */
const MOST = 8;

let pool: ThreadPool | null = null;

/** The pool of this worker: a thread for each core. Null where a worker may not start any. */
export function browserPool(): ThreadPool | null {
  if (typeof Worker === "undefined") return null;
  pool ??= new ThreadPool(Math.max(1, Math.min(MOST, navigator.hardwareConcurrency ?? 1)), spawn);
  return pool;
}

function spawn(): Thread {
  const worker = new Worker(new URL("./machines.worker.ts", import.meta.url), { type: "module" });
  return {
    endpoint: worker,
    onFailure(report) {
      worker.addEventListener("error", (event) => report(event.message || "no cause was given"));
      worker.addEventListener("messageerror", () => report("a message could not be read"));
    },
    awaited() {},
    terminate: () => worker.terminate(),
  };
}
