/** Shards put together: a group's weights are cut into files without regard to where one weight ends. */

import { type ByteSource, checkRange } from "../../bytes/byte-source.ts";
import { UserError } from "../../errors/user-error.ts";

export interface Shard {
  path: string;
  /** `null` where it is missing. */
  file: ByteSource | null;
}

export interface Shards {
  /** Reads over the seams. A range that touches a missing shard rejects with UserError. */
  source: ByteSource;
  /** The first shard that is missing in [begin, end), or undefined. Infinity as `end` stands for everything after. */
  missing(begin: number, end: number): string | undefined;
}

/**
 * The shards of a group that should have `total` bytes. Of a single missing one the length follows from the others';
 * beyond the first of several nobody knows where anything is.
 */
export function joinShards(model: string, shards: readonly Shard[], total: number): Shards {
  const absent = shards.filter(({ file }) => file === null);
  const present = shards.reduce((sum, { file }) => sum + (file?.size ?? 0), 0);
  const gap = absent.length === 1 ? Math.max(0, total - present) : Number.POSITIVE_INFINITY;
  let at = 0;
  const places = shards.map(({ path, file }) => {
    const begin = at;
    at += file?.size ?? gap;
    return { path, file, begin, end: at };
  });
  const touched = (begin: number, end: number) => places.filter((place) => place.begin < end && place.end > begin);
  const files = shards.map(({ file }) => file).filter((file) => file !== null);
  // Alone, a shard is named in the byte ranges that people see.
  const name = files.length === 1 && shards.length === 1 ? files[0].name : `${model} shards`;
  const size = at;
  return {
    missing: (begin, end) => touched(begin, end).find(({ file }) => file === null)?.path,
    source: {
      name,
      size,
      async slice(begin, end, signal) {
        checkRange(name, size, begin, end);
        const out = new Uint8Array(end - begin);
        for (const place of touched(begin, end)) {
          if (!place.file) throw new UserError(`${model}: the shard ${place.path} is missing.`);
          const from = Math.max(begin, place.begin);
          const to = Math.min(end, place.end);
          out.set(await place.file.slice(from - place.begin, to - place.begin, signal), from - begin);
        }
        return out;
      },
    },
  };
}
