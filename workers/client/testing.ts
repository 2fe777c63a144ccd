/** Threads for tests in Node: message ports in place of a browser's Worker, with any jobs behind them. */
import type { Endpoint } from "comlink";
import type { Handlers } from "../jobs/table.ts";
import { serve } from "../serve/serve.ts";
import type { Spawn, Thread } from "./thread.ts";

export interface FakeThread {
  terminated: boolean;
  /** As if the thread had failed by itself. */
  fail(cause: string): void;
}

/** Each thread serves what `make` gives; threads in the order they were started are in `threads`. */
export function fakeThreads(make: (index: number) => Partial<Handlers>): {
  spawn: Spawn;
  threads: FakeThread[];
} {
  const threads: FakeThread[] = [];
  const spawn = (): Thread => {
    const { port1, port2 } = new MessageChannel();
    let report = (_cause: string) => {};
    const fake: FakeThread = { terminated: false, fail: (cause) => report(cause) };
    serve(port2 as Endpoint, make(threads.length));
    threads.push(fake);
    return {
      endpoint: port1 as Endpoint,
      onFailure(told) {
        report = told;
      },
      terminate() {
        fake.terminated = true;
        port1.close();
      },
    };
  };
  return { spawn, threads };
}
