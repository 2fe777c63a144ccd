import type { ByteSource } from "../bytes/byte-source.ts";
import type { Tensor } from "../tensors/tensor.ts";
import type { RawSpec } from "./raw.ts";

/** One file being looked at, among those it was given with. */
export interface CheckpointContext {
  file: ByteSource;
  /** The first bytes of the file, at most HEAD_BYTES. */
  head: Uint8Array;
  /** All files given together, `file` among them: where an index finds its shards. */
  files: readonly ByteSource[];
  /**
   * Opens a file that was not given but lies beside this one, by its path from the folder of this one: files on a server
   * are found so, others have to be given. `null` where there is none. Rejects with UserError for a path out of the folder.
   */
  beside?(path: string): Promise<ByteSource | null>;
  /** How to read a file without a header, where the person said so. */
  raw?: RawSpec;
  signal?: AbortSignal;
}

export const HEAD_BYTES = 4096;

/** Files that one checkpoint may say it consists of: models of a trillion weights have some two hundred. */
export const MAX_FILES = 10_000;

/** Of a checkpoint that says so in its metadata. */
export interface Licence {
  name: string;
  holder: string;
  /** Where it comes from. */
  from: string;
}

/** What came out of a file. */
export interface Checkpoint {
  kind: string;
  tensors: Tensor[];
  /** Files this checkpoint consists of, with `context.file`. */
  files: ByteSource[];
  notes: string[];
  metadata: Record<string, string>;
  licence?: Licence;
}

/** A type of checkpoint. To add one, write its file and name it in `index.ts`. */
export interface CheckpointKind {
  kind: string;
  /** For the sentence that lists what can be opened. */
  describe: string;
  /** Whether the content (never the name alone) is of this type. Reads little beyond `head`. */
  match(context: CheckpointContext): boolean | Promise<boolean>;
  /** Rejects with UserError if nothing of the file can be used; a single bad tensor is listed with its `problem`. */
  open(context: CheckpointContext): Promise<Checkpoint>;
}
