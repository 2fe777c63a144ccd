/** Where a browser puts a file: one that the person chose, or one of the page's own, which is then downloaded. */

import { formatBytes } from "../bytes/format-bytes.ts";
import { UserError } from "../errors/user-error.ts";
import { MEMORY_LIMIT } from "../runs/memory.ts";
import type { Sink } from "./stream.ts";

export interface Destination extends Sink {
  /** Closes the file. What is left to be downloaded, or `null` where it is in its place. */
  finish(): Promise<Blob | null>;
  /** Takes back what was written. */
  discard(): Promise<void>;
}

/** Opens the destination. `handle` comes from a file picker; `null` keeps the file in the page's own storage. */
export async function openDestination(handle: FileSystemFileHandle | null): Promise<Destination> {
  if (handle) return chosenFile(handle);
  const folder = await ownFolder();
  return folder ? ownFile(folder) : inParts();
}

/** The file that a person chose. The browser writes beside it and puts it in its place when it is whole. */
async function chosenFile(handle: FileSystemFileHandle): Promise<Destination> {
  const { name } = handle;
  const attempt = <T>(work: () => Promise<T>) => work().catch((error: Error) => Promise.reject(refusal(name, error)));
  const wasEmpty = await attempt(async () => (await handle.getFile()).size === 0);
  const writable = await attempt(() => handle.createWritable());
  return {
    resize: (bytes) => attempt(() => writable.truncate(bytes)),
    write: (position, data) => attempt(() => writable.write({ type: "write", position, data })),
    async finish() {
      await attempt(() => writable.close());
      return null;
    },
    async discard() {
      await writable.abort().catch(() => {});
      // Pickers make an empty file at once. Not every browser can remove it.
      if (wasEmpty) await (handle as Partial<Removable>).remove?.().catch(() => {});
    },
  };
}

interface Removable {
  remove(): Promise<void>;
}

const FOLDER = "exports";
/** After this a file that was downloaded, or left by a page that was closed, may go. */
const KEPT_MS = 3_600_000;

/** The folder for exports in the origin's private file system, old files removed; null where there is none. */
async function ownFolder(): Promise<FileSystemDirectoryHandle | null> {
  if (typeof FileSystemFileHandle === "undefined" || !("createSyncAccessHandle" in FileSystemFileHandle.prototype))
    return null;
  try {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle(FOLDER, { create: true });
    for await (const entry of folder.values()) {
      const old = entry.kind === "file" && Date.now() - (await entry.getFile()).lastModified > KEPT_MS;
      if (old) await folder.removeEntry(entry.name).catch(() => {});
    }
    return folder;
  } catch {
    // Private windows of some browsers have the interface, and nothing behind it.
    return null;
  }
}

/** A file on disk that only this page sees; it takes no memory. */
async function ownFile(folder: FileSystemDirectoryHandle): Promise<Destination> {
  const name = crypto.randomUUID();
  const handle = await folder.getFileHandle(name, { create: true });
  const access = await handle.createSyncAccessHandle();
  const attempt = (work: () => void) => {
    try {
      work();
    } catch (error) {
      throw refusal("The browser's own storage", error as Error);
    }
  };
  return {
    async resize(bytes) {
      const { quota = Number.POSITIVE_INFINITY, usage = 0 } = await navigator.storage.estimate();
      if (bytes > quota - usage) {
        throw new UserError(
          `The file takes ${formatBytes(bytes)}, and the browser lets this page have ${formatBytes(Math.max(0, quota - usage))} of the disk.`,
        );
      }
      attempt(() => access.truncate(bytes));
    },
    write: async (position, bytes) =>
      attempt(() => {
        if (access.write(bytes, { at: position }) !== bytes.length) throw new DOMException("", "QuotaExceededError");
      }),
    async finish() {
      access.close();
      return handle.getFile();
    },
    async discard() {
      access.close();
      await folder.removeEntry(name).catch(() => {});
    },
  };
}

/** Parts of a Blob, which a browser may keep on disk or in memory as it likes. */
function inParts(): Destination {
  const parts: { position: number; end: number; part: Blob }[] = [];
  let size = 0;
  return {
    async resize(bytes) {
      if (bytes > MEMORY_LIMIT) {
        throw new UserError(
          `The file takes ${formatBytes(bytes)}, and this browser may keep it in memory until it is downloaded: ` +
            `${formatBytes(MEMORY_LIMIT)} are allowed. Write one tensor at a time, or take the command line.`,
        );
      }
      size = bytes;
    },
    async write(position, bytes) {
      parts.push({ position, end: position + bytes.length, part: new Blob([bytes]) });
    },
    async finish() {
      const whole: Blob[] = [];
      let at = 0;
      for (const { position, end, part } of parts.toSorted((a, b) => a.position - b.position)) {
        whole.push(new Blob([new Uint8Array(position - at)]), part);
        at = end;
      }
      return new Blob([...whole, new Blob([new Uint8Array(size - at)])], { type: "application/octet-stream" });
    },
    async discard() {
      parts.length = 0;
    },
  };
}

/** The sentence for what a browser refused. */
function refusal(name: string, error: Error): Error {
  if (error instanceof UserError) return error;
  switch (error.name) {
    case "QuotaExceededError":
      return new UserError(
        `${name} takes no more: the disk, or what this page may use of it, is full. Nothing was kept.`,
      );
    case "NotAllowedError":
    case "NoModificationAllowedError":
      return new UserError(`${name} may not be written: the browser refused it, or another page is writing it.`);
    case "NotFoundError":
      return new UserError(`${name} was moved or deleted while it was written.`);
    default:
      return new UserError(`${name} could not be written: ${error.message}.`);
  }
}
