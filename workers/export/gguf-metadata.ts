/** The metadata of a GGUF file to be written. */
import { isGguf, readGgufHeader } from "../checkpoints/gguf-header.ts";
import type { ByteSource } from "../sources/byte-source.ts";
import type { OpenSource } from "../sources/open.ts";
import { type MetadataPair, textPair, uint32Pair } from "./gguf.ts";

/** The layout of quantized blocks that ggml has had since 2023. */
const QUANTIZATION_VERSION = 2;
/** Keys that tell of the file rather than of the model, and are not true of the next. */
const OF_THE_FILE = /^(split\..*|general\.(alignment|file_type|quantization_version))$/;

/**
 * What the source's own GGUF file says of the model, byte for byte: tokenizer, sizes, names. A source of another kind has
 * nothing of the sort, and then a note says what the file is good for.
 */
export async function ggufMetadata(
  source: OpenSource,
  recipe: string,
  signal?: AbortSignal,
): Promise<{ pairs: MetadataPair[]; notes: string[] }> {
  const own = [uint32Pair("general.quantization_version", QUANTIZATION_VERSION), textPair("quantscope.recipe", recipe)];
  const file = await ggufOf(source, signal);
  const header = file && (await readGgufHeader(file, signal));
  if (!file || !header?.littleEndian) {
    const why = header ? "the metadata of a big-endian file is not copied" : "the source has no metadata of a model";
    const note = `${why}: readers of GGUF list and read the tensors, but llama.cpp runs no model without its metadata`;
    return { pairs: [textPair("general.name", source.info.label), ...own], notes: [note] };
  }
  const pairs: MetadataPair[] = [];
  for (const [key, { begin, end }] of header.places)
    if (!OF_THE_FILE.test(key) && key !== "quantscope.recipe") pairs.push(await file.slice(begin, end, signal));
  return { pairs: [...pairs, ...own], notes: [] };
}

/** The file that holds the first tensor: of a split model the part with the metadata. */
async function ggufOf(source: OpenSource, signal?: AbortSignal): Promise<ByteSource | null> {
  for (const { name } of source.info.tensors) {
    const { stored, blocks } = source.tensor(name);
    const file = (blocks ?? stored)?.source;
    if (file) return isGguf(await file.slice(0, Math.min(4, file.size), signal)) ? file : null;
  }
  return null;
}
