/** Files that another file names: shards and data that lie beside it. */

import type { ByteSource } from "../bytes/byte-source.ts";
import { outsideFolder, pathBelow } from "../bytes/paths.ts";
import { UserError } from "../errors/user-error.ts";
import { type CheckpointContext, MAX_FILES } from "./checkpoint.ts";

export type FindCompanion = (path: string) => Promise<ByteSource | null>;

/**
 * Finds the files that `context.file` names by a path from its own folder: among the files given, else beside it where
 * that can be looked at; each is looked for once. Gives `null` where there is none. Rejects with UserError for a path that
 * leaves the folder, and beyond as many files as are opened together.
 */
export function companionFinder({ file, files, beside }: CheckpointContext): FindCompanion {
  const folder = file.name.slice(0, file.name.lastIndexOf("/") + 1);
  const known = new Map<string, Promise<ByteSource | null>>();
  const find = async (path: string): Promise<ByteSource | null> => {
    const given =
      files.find(({ name }) => name === folder + path) ?? files.find(({ name }) => name.endsWith(`/${path}`));
    return given ?? (await beside?.(path)) ?? null;
  };
  return async (path) => {
    const safe = pathBelow(path);
    if (safe === null) throw new UserError(outsideFolder(file.name, path));
    const looked = known.get(safe);
    if (looked) return looked;
    if (known.size === MAX_FILES) throw new UserError(`${file.name} names more than ${MAX_FILES} files, the limit.`);
    const found = find(safe);
    known.set(safe, found);
    return found;
  };
}
