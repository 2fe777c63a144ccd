import type { ByteSource } from "../../bytes/byte-source.ts";

/** Small reads are made in blocks of this size, so that a header read field by field is one request. */
const BLOCK = 65_536;
/** Reads up to here are small. Larger ones are those of tensors: they take exactly their bytes. */
const SMALL = 16_384;

/** Blocks of several sources, the least recently used given up first. */
export class BlockCache {
  readonly #budget: number;
  readonly #blocks = new Map<string, Promise<Uint8Array>>();

  /** @param budget bytes held at most */
  constructor(budget = 2 ** 24) {
    this.#budget = budget;
  }

  /** A source that reads through this cache. `key` names it among those that share the cache. */
  wrap(source: ByteSource, key: string): ByteSource {
    const { name, size } = source;
    return {
      name,
      size,
      slice: async (begin, end, signal) => {
        signal?.throwIfAborted();
        // The source itself tells of ranges outside the file.
        if (begin < 0 || end > size || begin >= end) return source.slice(begin, end, signal);
        return end - begin <= SMALL
          ? this.#small(source, key, begin, end, signal)
          : this.#large(source, key, begin, end, signal);
      },
    };
  }

  /** Whole blocks are read and kept; those that are missing side by side come in one request. */
  async #small(source: ByteSource, key: string, begin: number, end: number, signal?: AbortSignal): Promise<Uint8Array> {
    const first = Math.floor(begin / BLOCK);
    const last = Math.floor((end - 1) / BLOCK);
    const out = new Uint8Array(end - begin);
    const held = [this.#take(key, first), this.#take(key, last)];
    // By now neither block can be given up before it is used: both are in hand.
    const [left, right] =
      !held[0] && !held[1]
        ? this.#fetch(source, key, first, last, signal)
        : [
            held[0] ?? this.#fetch(source, key, first, first, signal)[0],
            held[1] ?? this.#fetch(source, key, last, last, signal)[0],
          ];
    right.catch(() => {});
    try {
      copy(out, begin, await left, first * BLOCK);
      if (last > first) copy(out, begin, await right, last * BLOCK);
    } catch (error) {
      // Whoever asked first gave up; this reader did not.
      if ((error as Error).name !== "AbortError" || signal?.aborted) throw error;
      return this.#small(source, key, begin, end, signal);
    }
    return out;
  }

  /** What is held at both ends is used, the bytes in between are one request and are not kept. */
  async #large(source: ByteSource, key: string, begin: number, end: number, signal?: AbortSignal): Promise<Uint8Array> {
    const out = new Uint8Array(end - begin);
    let from = begin;
    let to = end;
    for (let held = await this.#held(key, from); held && from < to; held = await this.#held(key, from)) {
      const block = Math.floor(from / BLOCK);
      copy(out, begin, held, block * BLOCK);
      from = Math.min(to, (block + 1) * BLOCK);
    }
    for (let held = await this.#held(key, to - 1); held && from < to; held = await this.#held(key, to - 1)) {
      const block = Math.floor((to - 1) / BLOCK);
      copy(out, begin, held, block * BLOCK);
      to = Math.max(from, block * BLOCK);
    }
    if (from < to) out.set(await source.slice(from, to, signal), from - begin);
    return out;
  }

  /** Reads one block, or two that lie side by side, in one request. Gives the first and the last. */
  #fetch(
    source: ByteSource,
    key: string,
    first: number,
    last: number,
    signal?: AbortSignal,
  ): [Promise<Uint8Array>, Promise<Uint8Array>] {
    const from = first * BLOCK;
    const reading = source.slice(from, Math.min((last + 1) * BLOCK, source.size), signal);
    const keep = (block: number, part: Promise<Uint8Array>) => {
      const name = `${key} ${block}`;
      this.#blocks.set(name, part);
      part.catch(() => {
        if (this.#blocks.get(name) === part) this.#blocks.delete(name);
      });
      return part;
    };
    const left = keep(first, first === last ? reading : reading.then((bytes) => bytes.slice(0, BLOCK)));
    const right =
      first === last
        ? left
        : keep(
            last,
            reading.then((bytes) => bytes.slice(BLOCK)),
          );
    for (const name of this.#blocks.keys()) {
      if (this.#blocks.size * BLOCK <= this.#budget) break;
      this.#blocks.delete(name);
    }
    return [left, right];
  }

  #take(key: string, block: number): Promise<Uint8Array> | undefined {
    const name = `${key} ${block}`;
    const found = this.#blocks.get(name);
    if (found) {
      this.#blocks.delete(name);
      this.#blocks.set(name, found);
    }
    return found;
  }

  /** The block a byte is in, if it is held; one that is on its way and fails is not. */
  async #held(key: string, byte: number): Promise<Uint8Array | null> {
    return (await this.#take(key, Math.floor(byte / BLOCK))?.catch(() => null)) ?? null;
  }
}

/** Copies what `bytes`, which begin at `at`, and `out`, which begins at `begin`, have in common. */
function copy(out: Uint8Array, begin: number, bytes: Uint8Array, at: number): void {
  const from = Math.max(begin, at);
  const to = Math.min(begin + out.length, at + bytes.length);
  out.set(bytes.subarray(from - at, to - at), from - begin);
}
