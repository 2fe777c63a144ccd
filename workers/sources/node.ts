/** Sources on disk, for the command line. Node only: nothing that a browser loads may import this file. */
import { type FileHandle, open, readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type ByteSource, changedError, checkRange } from "../bytes/byte-source.ts";
import { beginReading } from "../bytes/files-read.ts";
import { outsideFolder, pathBelow } from "../bytes/paths.ts";
import type { RawSpec } from "../checkpoints/raw.ts";
import { UserError } from "../errors/user-error.ts";
import { type OpenSource, openFiles, type SourceIo } from "./open.ts";

/** Most files of a folder that are opened; each is held open. */
const MAX_FILES = 1000;

/** A file on disk that is read by range. Close it when done. */
export interface NodeSource extends ByteSource {
  /** Bytes read so far. */
  readonly bytesRead: number;
  close(): Promise<void>;
}

/** Opens a file for reading by range. Rejects with UserError. */
export async function nodeSource(path: string, name = basename(path)): Promise<NodeSource> {
  let handle: FileHandle;
  try {
    handle = await open(path, "r");
  } catch (error) {
    throw diskError(path, error);
  }
  const { size, mtimeMs } = await handle.stat();
  const endReading = beginReading(await handle.stat({ bigint: true }), path);
  let bytesRead = 0;
  return {
    name,
    size,
    get bytesRead() {
      return bytesRead;
    },
    async slice(begin, end, signal) {
      signal?.throwIfAborted();
      checkRange(name, size, begin, end);
      const now = await handle.stat();
      if (now.size !== size || now.mtimeMs !== mtimeMs) throw changedError(name);
      const bytes = new Uint8Array(end - begin);
      for (let at = 0; at < bytes.length; ) {
        const { bytesRead: got } = await handle.read(bytes, at, Math.min(bytes.length - at, 2 ** 26), begin + at);
        if (got === 0) throw changedError(name);
        at += got;
        bytesRead += got;
        signal?.throwIfAborted();
      }
      return bytes;
    },
    async close() {
      await handle.close();
      endReading();
    },
  };
}

/**
 * Opens a file, with those beside it that belong to it (shards, the other parts of a split model, data), or a folder with
 * everything in it. The files stay open until `close`. Rejects with UserError.
 */
export async function openPath(path: string, io: SourceIo, raw?: RawSpec): Promise<OpenSource> {
  const sources: NodeSource[] = [];
  const closeAll = () => Promise.all(sources.map((s) => s.close()));
  try {
    const isFolder = await isDirectory(path);
    const files: [string, string][] = isFolder ? await filesBelow(path) : [[path, basename(path)]];
    for (const [file, name] of files) sources.push(await nodeSource(file, name));
    // In a folder everything is given already.
    const beside = isFolder ? {} : { beside: besidePath(path, sources) };
    const source = await openFiles(sources, path, io, { label: basename(path), ...beside, ...(raw && { raw }) });
    return {
      ...source,
      close() {
        source.close();
        void closeAll();
      },
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/** Opens further files of the folder that the file at `path` is in, as it names them; they are closed with the others. */
function besidePath(path: string, opened: NodeSource[]): (name: string) => Promise<ByteSource | null> {
  return async (name) => {
    const below = pathBelow(name);
    if (below === null) throw new UserError(outsideFolder(basename(path), name));
    const full = join(dirname(path), below);
    const found = await stat(full).catch(() => null);
    if (!found?.isFile()) return null;
    const source = await nodeSource(full, below);
    opened.push(source);
    return source;
  };
}

/** Opens a file, or every file of a folder, for reading by range; each is to be closed. Rejects with UserError. */
export async function openFilesAt(path: string): Promise<NodeSource[]> {
  const files: [string, string][] = (await isDirectory(path)) ? await filesBelow(path) : [[path, basename(path)]];
  const sources: NodeSource[] = [];
  try {
    for (const [file, name] of files) sources.push(await nodeSource(file, name));
  } catch (error) {
    await Promise.all(sources.map((source) => source.close()));
    throw error;
  }
  return sources;
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    throw diskError(path, error);
  }
}

/** Path and name of each file below a folder. */
async function filesBelow(path: string): Promise<[string, string][]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.startsWith("."));
  if (files.length > MAX_FILES) {
    throw new UserError(
      `${path} has ${files.length} files; a folder is opened with up to ${MAX_FILES}. Name the file.`,
    );
  }
  return files
    .map((entry): [string, string] => {
      const full = join(entry.parentPath, entry.name);
      return [full, full.slice(join(path, "/").length)];
    })
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

function diskError(path: string, error: unknown): UserError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return new UserError(`${path}: there is no such file or folder.`);
  if (code === "EACCES") return new UserError(`${path} may not be read.`);
  return new UserError(`${path} could not be opened: ${message}.`);
}
