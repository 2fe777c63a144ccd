import type { Endpoint } from "comlink";
import { UserError } from "../errors/user-error.ts";
import { watchLife } from "../wire/life.ts";

/** What a lane needs of a thread: a browser's Worker, or a message port in a test. */
export interface Thread {
  endpoint: Endpoint;
  /** Called when the thread fails by itself, with the cause as far as it is known. */
  onFailure(report: (cause: string) => void): void;
  terminate(): void;
}

export type Spawn = () => Thread;

/** A dedicated worker with the workbench in it; its name tells it where the page is. Throws UserError. */
export function spawnWorker(): Thread {
  const worker = startWorker();
  let endWatch = () => {};
  return {
    endpoint: worker,
    onFailure(report) {
      // An uncaught error, a script that does not load or (where the browser tells) memory that ran out.
      worker.addEventListener("error", (event) => report(event.message || "no cause was given"));
      worker.addEventListener("messageerror", () => report("a message could not be read"));
      endWatch = watchLife(worker, () => report("the browser ended it without a word"));
    },
    terminate() {
      endWatch();
      worker.terminate();
    },
  };
}

/** Browsers refuse workers to pages that were opened from a file. Throws UserError. */
function startWorker(): Worker {
  try {
    return new Worker(new URL("../serve/workbench.worker.ts", import.meta.url), {
      type: "module",
      name: pageAddress(),
    });
  } catch (error) {
    throw new UserError(
      `This page could not start its workers (${(error as Error).message}). Open it over http or https.`,
    );
  }
}

/** The folder that the page lies in, where samples are; a worker's own address is that of its script. */
function pageAddress(): string {
  return new URL(".", document.baseURI).href;
}
