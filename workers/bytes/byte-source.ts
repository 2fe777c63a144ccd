import { UserError } from "../errors/user-error.ts";

/** Bytes that can be read by range: a local file, a bundled sample, a buffer. Opening one reads nothing. */
export interface ByteSource {
  /** File name, or path inside a folder. For people and for matching shards; never for telling what a file is. */
  readonly name: string;
  /** Length in bytes. */
  readonly size: number;
  /**
   * Bytes [begin, end). The result has exactly end - begin bytes and belongs to the caller.
   * Rejects with UserError if the range is not inside the file or the file cannot be read any more, with an AbortError
   * when `signal` is raised.
   */
  slice(begin: number, end: number, signal?: AbortSignal): Promise<Uint8Array>;
}

/** Throws unless [begin, end) lies inside a file of `size` bytes. */
export function checkRange(name: string, size: number, begin: number, end: number): void {
  if (begin >= 0 && begin <= end && end <= size) return;
  throw new UserError(`${name}: bytes ${begin} to ${end} are needed, but the file has only ${size} bytes.`);
}

/** The sentence for a file that is no longer what it was when it was opened. */
export function changedError(name: string): UserError {
  return new UserError(`${name} was changed, moved or deleted after it was opened. Open it again.`);
}

/** A ByteSource over bytes that are in memory already. */
export function memorySource(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    size: bytes.length,
    async slice(begin, end, signal) {
      signal?.throwIfAborted();
      checkRange(name, bytes.length, begin, end);
      return bytes.slice(begin, end);
    },
  };
}

/** The File's path inside the folder it was dropped with, else its name. */
function filePath(file: Blob): string {
  if (!("name" in file)) return "data";
  const { name, webkitRelativePath } = file as File;
  return webkitRelativePath || name;
}

/** A ByteSource over a browser's File or Blob. A slice of a file that has changed on disk since is refused. */
export function blobSource(blob: Blob, name = filePath(blob)): ByteSource {
  const size = blob.size;
  const modified = (blob as Partial<File>).lastModified;
  return {
    name,
    size,
    async slice(begin, end, signal) {
      signal?.throwIfAborted();
      checkRange(name, size, begin, end);
      if (blob.size !== size || (blob as Partial<File>).lastModified !== modified) throw changedError(name);
      let buffer: ArrayBuffer;
      try {
        buffer = await blob.slice(begin, end).arrayBuffer();
      } catch (error) {
        // Browsers report a file that changed or went away under the page by these two names.
        const reason = (error as Error).name;
        if (reason === "NotReadableError" || reason === "NotFoundError") throw changedError(name);
        throw new UserError(`${name}: bytes ${begin} to ${end} could not be read (${(error as Error).message}).`);
      }
      signal?.throwIfAborted();
      if (buffer.byteLength !== end - begin) throw changedError(name);
      return new Uint8Array(buffer);
    },
  };
}
