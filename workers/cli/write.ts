import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { extname } from "node:path";
import type { Destination } from "../export/destinations.ts";
import { UserError } from "../protocol.ts";

/** Writes a file piece by piece. It appears under its name only when it is whole. Rejects with UserError. */
export async function writePieces(
  path: string,
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<void> {
  const file = await openFile(path);
  try {
    let at = 0;
    for await (const piece of pieces) {
      await file.write(at, piece as Uint8Array<ArrayBuffer>);
      at += piece.length;
    }
    await file.finish();
  } catch (error) {
    await file.discard();
    throw error;
  }
}

/** A file that is written at any place, under another name until it is finished. Rejects with UserError. */
export async function openFile(path: string): Promise<Destination> {
  const partial = `${path}.part`;
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
      throw new UserError(`${path} could not be written: ${(error as Error).message}.`);
    }
  };
  const file: FileHandle = await attempt(() => open(partial, "w"));
  return {
    resize: (bytes) => attempt(() => file.truncate(bytes)),
    write: (position, bytes) => attempt(() => writeAll(file, bytes, position)),
    async finish() {
      await attempt(async () => {
        await file.close();
        await rename(partial, path);
      });
      return null;
    },
    async discard() {
      await file.close().catch(() => {});
      await rm(partial, { force: true });
    },
  };
}

/** The system may take less than it is given. */
async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at, position + at);
    at += bytesWritten;
  }
}

/** The innermost level of scale has the path itself, level k `path.k.npy` in its stead, others `path.name.npy`. */
export function scalePath(path: string, name: string): string {
  const level = name.replace(/^level/, "");
  if (level === "0") return path;
  const extension = extname(path);
  return `${path.slice(0, path.length - extension.length)}.${level}${extension}`;
}
