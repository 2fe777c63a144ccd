/** The tokenizer of a source: a tokenizer.json beside it, its own in GGUF, or llama2.c's. */
import type { ByteSource } from "../../bytes/byte-source.ts";
import { UserError } from "../../errors/user-error.ts";
import type { OpenSource } from "../../sources/open.ts";
import type { Tokenizer } from "../model.ts";
import { type Config, readJson, type Said } from "../said.ts";

/** Rejects with UserError for one that cannot be used; null where there is none. */
export async function openTokenizer(
  source: OpenSource,
  { keys, config }: Pick<Said, "keys" | "config">,
  signal: AbortSignal,
): Promise<Tokenizer | null> {
  const file = await source.companion("tokenizer.json");
  if (file) {
    const named = namedTokens([
      config,
      await companionJson(source, "generation_config.json", signal),
      await companionJson(source, "tokenizer_config.json", signal),
      keys && {
        bos_token_id: keys.get("tokenizer.ggml.bos_token_id"),
        eos_token_id: keys.get("tokenizer.ggml.eos_token_id"),
      },
    ]);
    const { libraryTokenizer } = await import("./library.ts");
    return libraryTokenizer(file.name, await readJson(file, signal), named);
  }
  if (keys) {
    const { ggufTokenizer } = await import("./gguf.ts");
    return ggufTokenizer(source.files[0].name, keys);
  }
  const bin = await llama2cFile(source, signal);
  if (!bin) return null;
  const { llama2cTokenizer } = await import("./llama2c.ts");
  return llama2cTokenizer(bin, signal);
}

/** llama2.c's tokenizer among the files of a source, or beside it. */
export async function llama2cFile(source: OpenSource, signal: AbortSignal): Promise<ByteSource | null> {
  const { isLlama2c } = await import("./llama2c.ts");
  for (const other of source.companions) {
    if (/\.bin$/i.test(other.name) && (await isLlama2c(other, signal))) return other;
  }
  const beside = await source.companion("tokenizer.bin");
  return beside && (await isLlama2c(beside, signal)) ? beside : null;
}

/** A file that need not be there, and whose mistakes spoil nothing. */
async function companionJson(source: OpenSource, name: string, signal: AbortSignal): Promise<Config | null> {
  try {
    const file = await source.companion(name);
    return file && (await readJson(file, signal));
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}

/** The tokens that these files name as the beginning and the end of a text, by id or by spelling. */
function namedTokens(files: readonly (Config | null)[]) {
  const listed = (...names: string[]) =>
    files.flatMap((file) => names.flatMap((name) => [file?.[name]].flat()).map(spelled)).filter((one) => one !== null);
  return { start: listed("bos_token_id", "bos_token"), ends: listed("eos_token_id", "eos_token") };
}

/** tokenizer_config.json has a spelling, or an object with one. */
function spelled(value: unknown): number | string | null {
  if (typeof value === "number" || typeof value === "string") return value;
  const content = (value as { content?: unknown } | null | undefined)?.content;
  return typeof content === "string" ? content : null;
}
