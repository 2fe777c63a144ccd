/** Work in small steps, for whoever has to look at the message queue in between and for whoever has not. */

/** Work that yields now and then, and gives something at its end. */
export type Steps<T> = Generator<void, T, void>;

/** All of it at once. */
export function atOnce<T>(work: Steps<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

/** With a look at `pace` after each step; rejects as that does. */
export async function inSteps<T>(work: Steps<T>, pace: () => Promise<void>): Promise<T> {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
    await pace();
  }
}
