import type { Answer, Command } from "./commands.ts";

/** A machine in whatever thread; `machine.ts` is what it runs. */
export interface Host {
  /** Commands are carried out one after the other. Does not change or keep the values of a `put`. */
  execute(command: Command): Promise<Answer>;
  /** Gives the machine's memory back. */
  close(): void;
}

/** Threads over which panels are spread. This floor starts none: whoever calls it provides them. */
export interface Pool {
  readonly size: number;
  /** A machine with an empty memory in every thread. */
  open(): Promise<Host[]>;
}

let provided: (() => Promise<Pool | null>) | null = null;

/** Says where computations that are given no threads find some, asked when one is large enough. `null` takes it back. */
export function providePool(pool: (() => Promise<Pool | null>) | null): void {
  provided = pool;
}

/** The pool that was provided; null where there is none. */
export const providedPool = async (): Promise<Pool | null> => (provided ? provided() : null);
