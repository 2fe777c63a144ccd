/** Set to cancel. A worker polls it between pieces; the client raises it by message and, at last, by terminating. */
export interface CancelToken {
  id: number;
}

/** The cancel tokens of calls under way. */
export class Cancellations {
  readonly #live = new Map<number, AbortController>();

  /** Runs `work` with a signal that `raise` with the same token raises. */
  async run<T>(token: CancelToken, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    this.#live.set(token.id, controller);
    try {
      return await work(controller.signal);
    } finally {
      this.#live.delete(token.id);
    }
  }

  /** A token whose call is over, or never came, is passed over. */
  raise(id: number): void {
    this.#live.get(id)?.abort();
  }
}
