/** The metadata of a GGUF file to be written. */

import type { ByteSource } from "../bytes/byte-source.ts";
import { isGguf, readGgufHeader } from "../checkpoints/gguf/header.ts";
import type { OpenSource } from "../sources/open.ts";
import { type MetadataPair, textPair, uint32Pair } from "./gguf-pairs.ts";
import type { GgufModel } from "./model/index.ts";

/** The layout of quantized blocks that ggml has had since 2023. */
const QUANTIZATION_VERSION = 2;
/** Keys that tell of the file rather than of the model, and are not true of the next. */
const OF_THE_FILE = /^(split\..*|general\.(alignment|file_type|quantization_version))$/;

/** What every model says first: without it llama.cpp knows no names of its other keys. */
const ARCHITECTURE = "general.architecture";

/**
 * What the source's own GGUF file says of the model, byte for byte: tokenizer, sizes, names. A source of another kind has
 * nothing of the sort, and then a note says what the file is good for.
 */
export async function ggufMetadata(
  source: OpenSource,
  recipe: string,
  model: GgufModel | string | null,
  signal?: AbortSignal,
): Promise<{ pairs: MetadataPair[]; notes: string[] }> {
  const own = [uint32Pair("general.quantization_version", QUANTIZATION_VERSION), textPair("quantscope.recipe", recipe)];
  if (model && typeof model === "object") return { pairs: [...model.pairs, ...own], notes: model.notes };
  const file = await ggufOf(source, signal);
  const header = file && (await readGgufHeader(file, signal));
  if (!file || !header?.littleEndian) {
    const why = header ? "the metadata of a big-endian file is not copied" : (model ?? NO_MODEL);
    return { pairs: [textPair("general.name", source.info.label), ...own], notes: [noteOf(why)] };
  }
  const pairs: MetadataPair[] = [];
  for (const [key, { begin, end }] of header.places)
    if (!OF_THE_FILE.test(key) && key !== "quantscope.recipe") pairs.push(await file.slice(begin, end, signal));
  return { pairs: [...pairs, ...own], notes: header.places.has(ARCHITECTURE) ? [] : [noteOf(NO_MODEL)] };
}

const NO_MODEL = "the source has no metadata of a model";
const noteOf = (why: string): string =>
  `${why}: readers of GGUF list and read the tensors, but llama.cpp runs no model without its metadata`;

/** The first GGUF file: of a split model the part with the metadata, which may hold no tensor. */
async function ggufOf({ files }: OpenSource, signal?: AbortSignal): Promise<ByteSource | null> {
  for (const file of files) {
    if (isGguf(await file.slice(0, Math.min(4, file.size), signal))) return file;
  }
  return null;
}
