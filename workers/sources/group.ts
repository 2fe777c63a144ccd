/** From a handful of files, in any order, to checkpoints: which belong together, what each is, what is left over. */

import type { ByteSource } from "../bytes/byte-source.ts";
import { baseName, stem } from "../bytes/paths.ts";
import { type Checkpoint, type CheckpointContext, HEAD_BYTES } from "../checkpoints/checkpoint.ts";
import { checkpointKinds } from "../checkpoints/index.ts";
import type { RawSpec } from "../checkpoints/raw.ts";
import { UserError } from "../errors/user-error.ts";
import type { Tensor } from "../tensors/tensor.ts";

export interface Group {
  checkpoints: Checkpoint[];
  /** Tensors of all checkpoints under names that differ. */
  tensors: Tensor[];
  notes: string[];
}

/**
 * Opens files given together. A kind that consists of several files (an index with its shards) comes first in the list
 * of kinds and takes its files away from the others. Rejects with UserError if nothing could be opened; otherwise what
 * could not is told in the notes.
 */
export async function openGroup(
  files: readonly ByteSource[],
  raw?: RawSpec,
  signal?: AbortSignal,
  beside?: CheckpointContext["beside"],
): Promise<Group> {
  if (files.length === 0) throw new UserError("There are no files in it.");
  const contexts: CheckpointContext[] = [];
  const failures: UserError[] = [];
  for (const file of files) {
    try {
      const head = await file.slice(0, Math.min(HEAD_BYTES, file.size), signal);
      contexts.push({ file, head, files, ...(raw && { raw }), ...(signal && { signal }), ...(beside && { beside }) });
    } catch (error) {
      failures.push(userError(file.name, error));
    }
  }
  const checkpoints: Checkpoint[] = [];
  const taken = new Set<ByteSource>();
  for (const load of checkpointKinds) {
    if (contexts.every((context) => taken.has(context.file))) break;
    const kind = await load();
    for (const context of contexts) {
      if (taken.has(context.file)) continue;
      try {
        if (!(await kind.match(context))) continue;
        taken.add(context.file);
        const checkpoint = await kind.open(context);
        for (const file of checkpoint.files) taken.add(file);
        checkpoints.push(checkpoint);
      } catch (error) {
        taken.add(context.file);
        failures.push(userError(context.file.name, error));
      }
    }
  }
  const unknown = contexts.filter(({ file }) => !taken.has(file));
  if (checkpoints.length === 0) {
    if (failures.length > 0) throw failures[0];
    const { describeUnknown } = await import("../checkpoints/unknown.ts");
    throw new UserError(await describeUnknown(unknown[0]));
  }
  const notes = [...failures.map((e) => e.message), ...checkpoints.flatMap((c) => c.notes)];
  if (unknown.length > 0) notes.push(`Left out: ${listed(unknown.map(({ file }) => file.name))}.`);
  return { checkpoints, tensors: named(checkpoints), notes };
}

function userError(file: string, error: unknown): UserError {
  if (error instanceof UserError) return error;
  if ((error as Error).name === "AbortError") throw error;
  return new UserError(`${file} could not be opened: ${(error as Error).message}.`);
}

function listed(names: string[]): string {
  const shown = names.slice(0, 5).join(", ");
  return names.length > 5 ? `${shown} and ${names.length - 5} more files` : shown;
}

/** "model-00002-of-00005": the number may not be the same in two files of one set, the rest must be. */
const PART = /^(.*)-\d+-of-(\d+)(\.[^.]*)?$/;

/** Whether checkpoints are numbered parts of one, given without an index, that share no tensor's name. */
function partsOfOne(checkpoints: Checkpoint[]): boolean {
  const sets = checkpoints.map(({ files }) => PART.exec(files[0].name));
  const names = checkpoints.flatMap(({ tensors }) => tensors.map((t) => t.info.name));
  const same = sets.every((set) => set && set[1] === sets[0]?.[1] && set[2] === sets[0]?.[2]);
  return same && new Set(names).size === names.length;
}

/** One checkpoint, or the numbered parts of one, keep their names. Of several, each tensor is put under its file's path, unless the file is that tensor. */
function named(checkpoints: Checkpoint[]): Tensor[] {
  if (checkpoints.length === 1 || partsOfOne(checkpoints)) return checkpoints.flatMap((c) => c.tensors);
  const used = new Set<string>();
  return checkpoints.flatMap((checkpoint) =>
    checkpoint.tensors.map((tensor) => {
      const path = checkpoint.files[0].name;
      const own = tensor.info.name;
      const wanted = checkpoint.tensors.length === 1 && own === stem(baseName(path)) ? stem(path) : `${path}/${own}`;
      let name = wanted;
      for (let n = 2; used.has(name); n++) name = `${wanted} (${n})`;
      used.add(name);
      return { ...tensor, info: { ...tensor.info, name } };
    }),
  );
}
