/** A window on its way through the model as it is and under recipes at once: what they have in common is computed once. */
import type { Hidden, Loaded, Network, Taps } from "../../kernels/network/index.ts";
import type { Of } from "../models/running.ts";

/** One way through the layers: the model as it is, or under a recipe. */
export interface Stream {
  weights(of: Of): Loaded;
  taps(of: Of): Taps | undefined;
}

/** Streams that have met the same weights and looks so far, with the window as it has become. */
interface Group {
  streams: Stream[];
  hidden: Hidden;
}

export class Passing {
  readonly #network: Network;
  #groups: Group[];

  private constructor(network: Network, groups: Group[]) {
    this.#network = network;
    this.#groups = groups;
  }

  /** Starts a window on its way. */
  static async start(network: Network, streams: readonly Stream[], tokens: Uint32Array): Promise<Passing> {
    const groups: Group[] = [];
    for (const alike of grouped(streams, "ends")) {
      groups.push({ streams: alike, hidden: await network.embed(alike[0].weights("ends"), tokens) });
    }
    return new Passing(network, groups);
  }

  /** Sends it through a layer. */
  async layer(index: number): Promise<void> {
    const next: Group[] = [];
    for (const { streams, hidden } of this.#groups) {
      for (const alike of grouped(streams, index)) {
        const [first] = alike;
        const out = await this.#network.layer(index, first.weights(index), hidden, first.taps(index));
        next.push({ streams: alike, hidden: out });
      }
      this.#network.release(hidden);
    }
    this.#groups = next;
  }

  /** The window as it is now for a stream. */
  of(stream: Stream): Hidden {
    return this.#groups.find(({ streams }) => streams.includes(stream))!.hidden;
  }

  release(): void {
    for (const { hidden } of this.#groups) this.#network.release(hidden);
    this.#groups = [];
  }
}

/** Streams that do the same in a layer. Looks are alike where there are none. */
function grouped(streams: readonly Stream[], of: Of): Stream[][] {
  const groups: Stream[][] = [];
  for (const stream of streams) {
    const alike = groups.find(([first]) => first.weights(of) === stream.weights(of) && sameTaps(first, stream, of));
    if (alike) alike.push(stream);
    else groups.push([stream]);
  }
  return groups;
}

// The ends have looks at the head's input alone, which every stream takes by itself.
const sameTaps = (a: Stream, b: Stream, of: Of): boolean => of === "ends" || a.taps(of) === b.taps(of);
