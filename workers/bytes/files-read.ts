/** The files on disk that this process has open to read, known by device and inode: a file may have many paths. Node only. */

interface Identity {
  dev: bigint;
  ino: bigint;
}

const paths = new Map<string, { path: string; times: number }>();
const keyOf = ({ dev, ino }: Identity): string => `${dev}:${ino}`;

/** Tells that a file is read from now on; call what it returns once when it is closed. */
export function beginReading(identity: Identity, path: string): () => void {
  const key = keyOf(identity);
  const known = paths.get(key) ?? { path, times: 0 };
  known.times++;
  paths.set(key, known);
  let ended = false;
  return () => {
    if (ended) return;
    ended = true;
    if (--known.times === 0) paths.delete(key);
  };
}

/** The path by which a file is being read; null where it is not. */
export const readAs = (identity: Identity): string | null => paths.get(keyOf(identity))?.path ?? null;
