/** Models split over several GGUF files, each with a header of its own and, in its metadata, which part it is. */

import { mapAtOnce } from "../../bytes/at-once.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { baseName } from "../../bytes/paths.ts";
import { UserError } from "../../errors/user-error.ts";
import { type CheckpointContext, MAX_FILES } from "../checkpoint.ts";
import { type GgufHeader, isGguf, readGgufHeader } from "./header.ts";

/** Parts whose first bytes are asked for at a time. */
const AT_ONCE = 8;

/** "model-00002-of-00005.gguf" */
const PART_NAME = /^(.*)-\d{5}-of-(\d{5})\.gguf$/;

export interface GgufPart {
  file: ByteSource;
  header: GgufHeader;
}

export interface GgufParts {
  /** In the order of their numbers; one for a model that is not split. */
  parts: GgufPart[];
  /** All files that belong to the model, with those that could not be read. */
  files: ByteSource[];
  /** Which parts are missing or damaged. */
  notes: string[];
}

/** Whether a file is named as the parts of split models are. */
function isPartName(name: string): boolean {
  return PART_NAME.test(name);
}

/** Of `names`, those that by their name are parts of the same model as `name`, itself included. */
export function sameModel(name: string, names: readonly string[]): string[] {
  const own = PART_NAME.exec(name);
  if (!own) return [name];
  return names.filter((other) => {
    const match = PART_NAME.exec(other);
    return match?.[1] === own[1] && match[2] === own[2];
  });
}

/**
 * Reads the header of a file and, where it is one part of a model, of the other parts among the files given: those with
 * names to match, or where the file has lost its name, those that say they belong to as many parts. Rejects with UserError if no part can be read.
 */
export async function readParts(context: CheckpointContext): Promise<GgufParts> {
  const { file, files, signal } = context;
  const names = new Set(
    sameModel(
      file.name,
      files.map((f) => f.name),
    ),
  );
  const candidates = [file, ...files.filter((f) => f !== file && names.has(f.name)), ...(await partsBeside(context))];
  const parts: GgufPart[] = [];
  const failures: { file: ByteSource; error: UserError }[] = [];
  for (const candidate of candidates) {
    try {
      const header = await readGgufHeader(candidate, signal);
      if (candidate === file && splitCount(header) < 2) return { parts: [{ file, header }], files: [file], notes: [] };
      if (splitCount(header) > 1) parts.push({ file: candidate, header });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      failures.push({ file: candidate, error });
    }
  }
  if (parts.length === 0) throw failures[0].error;
  if (!isPartName(file.name)) parts.push(...(await renamedParts(parts[0], files, signal)));
  parts.sort((a, b) => (splitNumber(a.header) ?? 0) - (splitNumber(b.header) ?? 0));
  return {
    parts,
    files: [...parts.map((part) => part.file), ...failures.map((failure) => failure.file)],
    notes: [...failures.map(({ error }) => error.message), ...missingNotes(parts)],
  };
}

/** The other parts of a file on a server, by the names they have to have. */
async function partsBeside({ file, files, beside }: CheckpointContext): Promise<ByteSource[]> {
  const [, stem, total] = PART_NAME.exec(file.name) ?? [];
  if (!beside || files.length > 1 || Number(total) > MAX_FILES || total === undefined) return [];
  const names = Array.from(
    { length: Number(total) },
    (_, i) => `${baseName(stem)}-${String(i + 1).padStart(5, "0")}-of-${total}.gguf`,
  );
  const others = names.filter((name) => name !== baseName(file.name));
  return (await mapAtOnce(others, AT_ONCE, beside)).filter((part) => part !== null);
}

/** The other parts, whatever they are called: a number that is still free, of as many parts with as many tensors. */
async function renamedParts(own: GgufPart, files: readonly ByteSource[], signal?: AbortSignal): Promise<GgufPart[]> {
  const total = (header: GgufHeader) => header.metadata.get("split.tensors.count")?.text;
  const taken = new Set([splitNumber(own.header)]);
  const parts: GgufPart[] = [];
  for (const file of files) {
    if (file === own.file || file.size < 4 || isPartName(file.name)) continue;
    if (!isGguf(await file.slice(0, 4, signal))) continue;
    let header: GgufHeader;
    try {
      header = await readGgufHeader(file, signal);
    } catch (error) {
      // It tells its own trouble when its turn comes to be opened.
      if (error instanceof UserError) continue;
      throw error;
    }
    const number = splitNumber(header);
    const belongs = splitCount(header) === splitCount(own.header) && total(header) === total(own.header);
    if (!belongs || taken.has(number)) continue;
    taken.add(number);
    parts.push({ file, header });
  }
  return parts;
}

function splitCount({ metadata }: GgufHeader): number {
  const value = metadata.get("split.count")?.value;
  return typeof value === "number" ? value : 1;
}

/** Counted from 0. */
function splitNumber({ metadata }: GgufHeader): number | undefined {
  const value = metadata.get("split.no")?.value;
  return typeof value === "number" ? value : undefined;
}

/** Most numbers of missing parts that are listed. */
const LISTED = 5;

function missingNotes(parts: readonly GgufPart[]): string[] {
  const { file, header } = parts[0];
  const count = splitCount(header);
  const notes: string[] = [];
  const absent = count - parts.length;
  if (absent > 0) {
    const present = new Set(parts.map((part) => splitNumber(part.header)));
    const numbers: number[] = [];
    for (let n = 0; n < count && numbers.length < LISTED; n++) if (!present.has(n)) numbers.push(n + 1);
    const rest = absent > numbers.length ? " and more" : "";
    notes.push(
      `${file.name}: of the ${count} parts of this model, ${absent} ${absent === 1 ? "is" : "are"} missing or cannot be read: ${numbers.join(", ")}${rest}.`,
    );
    return notes;
  }
  const expected = header.metadata.get("split.tensors.count")?.value;
  const found = parts.reduce((sum, part) => sum + part.header.entries.length, 0);
  if (typeof expected === "number" && expected !== found) {
    notes.push(`${file.name}: all parts together should have ${expected} tensors, but they have ${found}.`);
  }
  return notes;
}
