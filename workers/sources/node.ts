/** Sources on disk, for the command line. Node only: nothing that a browser loads may import this file. */
import { type FileHandle, open, readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isPartName, sameModel } from "../checkpoints/gguf-split.ts";
import { type RawSpec, UserError } from "../protocol.ts";
import { type ByteSource, changedError, checkRange } from "./byte-source.ts";
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
    close: () => handle.close(),
  };
}

/**
 * Opens a file or a folder with everything in it; beside a shard index its shards are found, beside one part of a split
 * model the others. The files stay open until `close`. Rejects with UserError.
 */
export async function openPath(path: string, io: SourceIo, raw?: RawSpec): Promise<OpenSource> {
  const sources: NodeSource[] = [];
  const closeAll = () => Promise.all(sources.map((s) => s.close()));
  try {
    for (const [file, name] of await filesOf(path)) sources.push(await nodeSource(file, name));
    const source = await openFiles(sources, path, io, { label: basename(path), ...(raw && { raw }) });
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

/** Path and name of each file to open. */
async function filesOf(path: string): Promise<[string, string][]> {
  let isFolder: boolean;
  try {
    isFolder = (await stat(path)).isDirectory();
  } catch (error) {
    throw diskError(path, error);
  }
  if (isFolder) {
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
  const folder = dirname(path);
  const names = await companions(basename(path), () => readdir(folder));
  return names.map((name) => [join(folder, name), name]);
}

/** A file's name and those beside it that belong to it: an index's shards, a split model's other parts. */
async function companions(name: string, list: () => Promise<string[]>): Promise<string[]> {
  if (name.endsWith(".index.json")) {
    const shards = (await list()).filter((other) => other !== name && other.endsWith(".safetensors"));
    return [name, ...shards.sort()];
  }
  if (isPartName(name)) return sameModel(name, await list()).sort();
  return [name];
}

function diskError(path: string, error: unknown): UserError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return new UserError(`${path}: there is no such file or folder.`);
  if (code === "EACCES") return new UserError(`${path} may not be read.`);
  return new UserError(`${path} could not be opened: ${message}.`);
}
