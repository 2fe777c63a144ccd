import { abortable } from "../errors/abort.ts";

/** Lets at most `limit` calls run at a time; the others wait in order. */
export class Turns {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(limit: number) {
    this.#free = limit;
  }

  /** Runs `work` when it is its turn, unless the signal comes first. */
  take<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    return abortable(this.#take(signal, work), signal);
  }

  async #take<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      signal?.throwIfAborted();
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }
}
