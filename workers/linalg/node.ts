/** Node's threads for linear algebra: the command line's, the benchmarks' and the tests'. */
import { availableParallelism } from "node:os";
import { MessageChannel, Worker } from "node:worker_threads";
import type { Endpoint } from "comlink";
import { type Thread, ThreadPool } from "./thread-pool.ts";

/** A pool with a thread for each core, or so many. They end with the process and do not keep it. */
export const nodePool = (size = availableParallelism()): ThreadPool => new ThreadPool(size, spawn);

let shared: ThreadPool | null = null;

/** The pool of this process. */
export function processPool(): ThreadPool {
  shared ??= nodePool();
  return shared;
}

function spawn(): Thread {
  const { port1, port2 } = new MessageChannel();
  const worker = new Worker(new URL("./node-thread.mjs", import.meta.url), {
    execArgv: [],
    workerData: port2,
    transferList: [port2],
  });
  let ended = false;
  const awaited = (wanted: boolean) => {
    for (const part of [worker, port1]) wanted ? part.ref() : part.unref();
  };
  return {
    endpoint: port1 as unknown as Endpoint,
    onFailure(report) {
      worker.on("error", (error: Error) => report(error.message));
      worker.on("exit", (code) => ended || report(`it ended with status ${code}`));
    },
    awaited,
    terminate() {
      ended = true;
      port1.close();
      worker.terminate();
    },
  };
}
