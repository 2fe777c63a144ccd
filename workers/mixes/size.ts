/** What an assignment takes as a file, to the byte, and with it a cache: what a budget is of. */
import type { Definition } from "../../kernels/grammar/ast.ts";
import { sizeOf } from "../export/output.ts";
import { planFile } from "../export/plan.ts";
import type { FileFormat, FileRequest } from "../export/request.ts";
import type { OpenSource } from "../sources/open.ts";
import { type CacheSize, cacheSize } from "./cache.ts";
import type { MixModel } from "./types.ts";

export interface FileSize {
  format: FileFormat;
  /** All of the file. */
  bytes: number;
  /** Header and metadata, with what fills them up. */
  header: number;
  /** The tensors themselves. */
  data: number;
  /** Between and behind tensors, for their alignment. */
  padding: number;
  /** 8 * bytes over the elements of all tensors, embeddings, head and norms among them. */
  bitsPerWeight: number;
  /** The rules, canonical. */
  recipe: string;
  notes: string[];
}

/** Counts a file without reading a value: as `planFile` and what it writes. Rejects as that does. */
export async function fileSize(source: OpenSource, request: FileRequest, signal?: AbortSignal): Promise<FileSize> {
  const { file, summary } = await planFile(source, request, signal);
  const data = file.tensors.reduce((sum, { tensor }) => sum + sizeOf(tensor), 0);
  const { bytes, bitsPerWeight, recipe, notes } = summary;
  return {
    ...{ format: request.format, bytes, header: file.head.length, data, padding: bytes - file.head.length - data },
    ...{ bitsPerWeight, recipe, notes },
  };
}

export interface CacheAsked {
  /** Tokens of one sequence. */
  context: number;
  /** As for `cacheSize`. */
  recipe: string;
}

export interface MixSize {
  file: FileSize;
  cache: CacheSize | null;
  /** Of file and cache, rounded up. */
  bytes: number;
}

/** File and cache. Rejects as `fileSize` and `cacheSize` do. */
export async function mixSize(
  source: OpenSource,
  model: MixModel,
  request: FileRequest,
  asked: CacheAsked | null,
  definitions: readonly Definition[],
  signal?: AbortSignal,
): Promise<MixSize> {
  const file = await fileSize(source, request, signal);
  const cache = asked && cacheSize(model, asked.context, asked.recipe, definitions);
  return { file, cache, bytes: file.bytes + Math.ceil((cache?.bits ?? 0) / 8) };
}
