/** Files that a command writes: never over one that it reads or has written, and whole or not at all. */
import { type FileHandle, open, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import { readAs } from "../bytes/files-read.ts";
import { UserError } from "../errors/user-error.ts";
import type { Destination } from "../export/destinations.ts";
import { forgetLeftover, removeWhenStopped } from "./leftovers.ts";
import { besideName, lock } from "./lock.ts";

/** The files that one command writes. */
export class Outputs {
  /** What each file is for, by its path without links; those that are there also by device and inode. */
  readonly #written = new Map<string, string>();

  /**
   * Says before the work is done that a file can be written: it is none that is read, no folder or device, and none that the command
   * writes for something else. `what` is its option. Rejects with UserError.
   */
  async claim(path: string, what: string): Promise<void> {
    const keys = [await placeOf(path, what), ...(await identityOf(path))];
    for (const key of keys) {
      const other = this.#written.get(key);
      if (other !== undefined && other !== what)
        throw new UserError(`${what} and ${other} name the same file, ${path}.`);
      this.#written.set(key, what);
    }
  }

  /** Writes a file piece by piece. Rejects with UserError. */
  async write(path: string, what: string, pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
    const file = await this.open(path, what);
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

  /**
   * A file that is written at any place. It appears under its name when it is finished, and until then another process that wants to
   * write it is refused. Rejects with UserError.
   */
  async open(path: string, what: string): Promise<Destination> {
    await this.claim(path, what);
    const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
      try {
        return await work();
      } catch (error) {
        if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
        throw new UserError(`${path} could not be written: ${(error as Error).message}.`);
      }
    };
    const written = this.#written;
    const place = await placeOf(path, what);
    const partial = besideName(place, `${crypto.randomUUID().slice(0, 8)}.part`);
    const release = await attempt(() => lock(place, partial));
    removeWhenStopped(partial);
    let file: FileHandle;
    try {
      file = await attempt(() => open(partial, "wx"));
    } catch (error) {
      forgetLeftover(partial);
      await release();
      throw error;
    }
    return {
      resize: (bytes) => attempt(() => file.truncate(bytes)),
      write: (position, bytes) => attempt(() => writeAll(file, bytes, position)),
      async finish() {
        // What the command reads may have been opened since.
        await placeOf(path, what);
        await attempt(async () => {
          await file.close();
          await rename(partial, place);
        });
        forgetLeftover(partial);
        await release();
        for (const key of await identityOf(place)) written.set(key, what);
        return null;
      },
      async discard() {
        await file.close().catch(() => {});
        await rm(partial, { force: true });
        forgetLeftover(partial);
        await release();
      },
    };
  }
}

const identityOf = (path: string): Promise<string[]> =>
  stat(path, { bigint: true }).then(
    ({ dev, ino }) => [`${dev}:${ino}`],
    () => [],
  );

/** Where a file is, behind links, in a folder that is there. Rejects with UserError where it is read, or is no file. */
async function placeOf(path: string, what: string): Promise<string> {
  const found = await stat(path, { bigint: true }).catch(() => null);
  if (!found) {
    const folder = await realpath(dirname(resolve(path))).catch(() => dirname(resolve(path)));
    return join(folder, basename(path));
  }
  const read = readAs(found);
  if (read !== null) {
    const same = read === path ? "" : `, the same file as ${path}`;
    throw new UserError(
      `${what}: ${read}${same} is read by this command and is not written over. Choose another name.`,
    );
  }
  if (!found.isFile()) {
    const kind = found.isDirectory() ? "a folder" : "a device or a pipe";
    throw new UserError(`${what}: ${path} is ${kind}, and is not replaced by a file. Choose another name.`);
  }
  return realpath(path);
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
