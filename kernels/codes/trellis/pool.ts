import type { Trellis } from "./viterbi.ts";

/** A machine that finds walks, in whatever thread. */
export interface WalkHost {
  /** The states of tiles that lie one after the other. */
  walk(values: Float32Array, tile: number): Promise<Uint16Array>;
  /** Gives the machine's memory back. */
  close(): void;
}

/** Threads over which tiles are spread. This floor starts none: whoever calls it provides them. */
export interface WalkPool {
  open(trellis: Trellis): Promise<WalkHost[]>;
}

let provided: (() => Promise<WalkPool | null>) | null = null;

/** Says where walks find threads, asked when there are enough of them. `null` takes it back. */
export function provideWalks(pool: (() => Promise<WalkPool | null>) | null): void {
  provided = pool;
}

/** The pool that was provided; null where there is none. */
export const providedWalks = async (): Promise<WalkPool | null> => (provided ? provided() : null);
