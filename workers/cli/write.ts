import { open, rename, rm } from "node:fs/promises";
import { extname } from "node:path";
import { UserError } from "../protocol.ts";

/** Writes a file piece by piece. It appears under its name only when it is whole. Rejects with UserError. */
export async function writePieces(
  path: string,
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<void> {
  const partial = `${path}.part`;
  try {
    const file = await open(partial, "w");
    try {
      for await (const piece of pieces) await file.writeFile(piece);
    } finally {
      await file.close();
    }
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw new UserError(`${path} could not be written: ${(error as Error).message}.`);
  }
}

/** The innermost level of scale has the path itself, level k `path.k.npy` in its stead. */
export function levelPath(path: string, level: number): string {
  if (level === 0) return path;
  const extension = extname(path);
  return `${path.slice(0, path.length - extension.length)}.${level}${extension}`;
}
