/** Walks through many tiles, spread over threads where there are some. */
import { WalkMachine } from "./machine.ts";
import { providedWalks, type WalkHost } from "./pool.ts";
import { TILE } from "./shape.ts";
import type { Trellis } from "./viterbi.ts";

/** Tiles a message: some 40 ms. Nobody waits longer for a cancelled one. */
const BATCH = 2;
/** Tiles below which threads are not worth their start. */
const WORTHWHILE = 16;

async function ownHost(trellis: Trellis): Promise<WalkHost> {
  const machine = await WalkMachine.start(trellis);
  return { walk: async (values, tile) => machine.walk(values, tile), close() {} };
}

async function provided(trellis: Trellis): Promise<WalkHost[] | null> {
  try {
    return (await (await providedWalks())?.open(trellis)) ?? null;
  } catch {
    return null;
  }
}

/** The machines of one computation. */
export class Walks {
  readonly #hosts: WalkHost[];
  readonly #steps: number;

  private constructor(hosts: WalkHost[], { width }: Trellis) {
    this.#hosts = hosts;
    this.#steps = TILE / width;
  }

  /** `tiles` is how many there are in all. */
  static async open(trellis: Trellis, tiles: number): Promise<Walks> {
    const hosts = tiles >= WORTHWHILE ? await provided(trellis) : null;
    return new Walks(hosts ?? [await ownHost(trellis)], trellis);
  }

  /** The states of tiles that lie one after the other; `pace` hears how many are done, and may reject. */
  async all(values: Float32Array, pace: (done: number) => Promise<void>): Promise<Uint16Array> {
    const tiles = values.length / TILE;
    const states = new Uint16Array(tiles * this.#steps);
    let [next, done] = [0, 0];
    let failure: { error: unknown } | null = null;
    const script = async (host: WalkHost) => {
      while (next < tiles && !failure) {
        const from = next;
        const to = Math.min(tiles, from + BATCH);
        next = to;
        try {
          await pace(done);
          states.set(await host.walk(values.slice(from * TILE, to * TILE), TILE), from * this.#steps);
          done += to - from;
        } catch (error) {
          failure ??= { error };
        }
      }
    };
    await Promise.all(this.#hosts.map(script));
    if (!failure) return states;
    this.close();
    throw (failure as { error: unknown }).error;
  }

  close(): void {
    for (const host of this.#hosts) host.close();
  }
}
