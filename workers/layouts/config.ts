/** What the JSON files beside a checkpoint say about its quantization. */

import type { ByteSource } from "../bytes/byte-source.ts";
import { baseName, stem } from "../bytes/paths.ts";
import { type Json, parseJson } from "../checkpoints/json.ts";

/** A configuration is a page of text; a vocabulary or an index is not one. */
const MAX_BYTES = 4 * 2 ** 20;

/** The quantization part of a configuration, with the file that it is from. */
export interface Config {
  file: string | null;
  /** "gptq", "awq", "compressed-tensors", "fp8", "mxfp4", "modelopt", "bitsandbytes" ...; null where nothing says. */
  method: string | null;
  /** The value at a path of keys. */
  at(...path: string[]): Json | undefined;
}

export const noConfig: Config = { file: null, method: null, at: () => undefined };

/**
 * Finds the configuration among files given together, by what is in it: `quantization_config` (or `compression_config`)
 * of a model's config.json, or a file that is itself one (quantize_config.json, hf_quant_config.json). The rest of the
 * files are the checkpoint; a model's configuration that says nothing of quantization is none of it either, nor is a tokenizer.
 */
export async function takeConfig(
  files: readonly ByteSource[],
  signal?: AbortSignal,
): Promise<{ config: Config; from: ByteSource[]; aside: ByteSource[]; rest: readonly ByteSource[] }> {
  let config = noConfig;
  const from: ByteSource[] = [];
  const aside: ByteSource[] = [];
  const rest: ByteSource[] = [];
  for (const file of files) {
    if (OF_A_MODEL.test(baseName(file.name))) {
      aside.push(file);
      continue;
    }
    const json = /\.json$/i.test(file.name) && file.size <= MAX_BYTES ? await readJson(file, signal) : null;
    const found = json && configOf(file.name, json);
    if (found && config === noConfig) {
      config = found;
      from.push(file);
    }
    (found || (json instanceof Map && json.has("model_type")) ? aside : rest).push(file);
  }
  // A configuration alone is opened like any other file, which says that there are no tensors in it.
  return rest.length === 0 ? { config: noConfig, from: [], aside: [], rest: files } : { config, from, aside, rest };
}

/** Files beside a checkpoint that tell of its model and hold no tensors, by the names that programs look for. */
const OF_A_MODEL =
  /^(tokenizer(_config)?|special_tokens_map|generation_config|added_tokens|vocab|params|chat_template)\.json$|^(tokenizer\.model|merges\.txt|(.*\.)?tok(enizer)?\d*\.bin)$/i;

/**
 * The configuration that some writers put into a file's own metadata: as JSON under the usual names, or AutoGPTQ's
 * `gptq_bits`, `gptq_group_size`, `gptq_desc_act`.
 */
export function configInMetadata(metadata: Readonly<Record<string, string>>): Config {
  const source = "the file's metadata";
  for (const key of ["quantization_config", "quantize_config", "hf_quant_config"]) {
    const text = metadata[key];
    const json = text !== undefined && text.length <= MAX_BYTES ? jsonOf(text) : null;
    const part = json && (configOf(source, json) ?? configOf(source, new Map([["quantization_config", json]])));
    if (part) return part;
  }
  if (metadata.gptq_bits === undefined) return noConfig;
  const values: [string, Json][] = ["bits", "group_size", "desc_act"].flatMap((key) => {
    const text = metadata[`gptq_${key}`]?.toLowerCase();
    const value = text === undefined ? null : jsonOf(text);
    return value === null ? [] : [[key, value]];
  });
  return configOf(source, new Map<string, Json>([["quant_method", "gptq"], ...values])) ?? noConfig;
}

function jsonOf(text: string): Json | null {
  try {
    return parseJson(text).value;
  } catch {
    return null;
  }
}

/** Names under which configurations lie beside a checkpoint. */
const BESIDE = ["config.json", "quantize_config.json", "hf_quant_config.json"];

/** Looks for a configuration beside a checkpoint `file` that was given alone; `model.config.json` goes before `config.json`. */
export async function configBeside(
  file: string,
  beside: (name: string) => Promise<ByteSource | null>,
  signal?: AbortSignal,
): Promise<Config> {
  for (const name of [`${stem(baseName(file))}.config.json`, ...BESIDE]) {
    const found = await beside(name);
    const json = found && found.size <= MAX_BYTES ? await readJson(found, signal) : null;
    const config = json && configOf(name, json);
    if (config) return config;
  }
  return noConfig;
}

/** A file as JSON; null where it is none. Indexes, which may be long, are left to the checkpoints. */
async function readJson(file: ByteSource, signal?: AbortSignal): Promise<Json | null> {
  try {
    const text = new TextDecoder().decode(await file.slice(0, file.size, signal));
    return text.includes('"weight_map"') ? null : jsonOf(text);
  } catch (error) {
    if ((error as Error).name === "AbortError") throw error;
    return null;
  }
}

/** From a file's JSON; null where nothing in it is about quantization. */
export function configOf(file: string, whole: Json): Config | null {
  const text = whole instanceof Map ? whole.get("text_config") : undefined;
  const candidates = [
    ["quantization_config"],
    ["compression_config"],
    // hf_quant_config.json of ModelOpt, config.json of MLX.
    ["quantization"],
  ].flatMap((path) => [valueAt(whole, path), valueAt(text, path)]);
  const part =
    candidates.find((value): value is Map<string, Json> => value instanceof Map) ?? (isConfig(whole) ? whole : null);
  if (!part) return null;
  const named = part.get("quant_method");
  // MLX's `quantization` names no method; its own conversions write the same under `quantization_config` as well.
  const plain = valueAt(whole, ["quantization"]) ?? valueAt(text, ["quantization"]);
  const mlx = plain instanceof Map && !plain.has("quant_algo") && (plain.has("bits") || plain.has("group_size"));
  const method =
    typeof named === "string"
      ? named
      : part.has("quant_algo")
        ? "modelopt"
        : mlx
          ? "mlx"
          : part.has("bits") && part.has("group_size")
            ? "gptq"
            : null;
  return { file, method, at: (...path) => valueAt(part, path) };
}

/** quantize_config.json has the part's keys itself. */
function isConfig(value: Json): value is Map<string, Json> {
  return value instanceof Map && (value.has("quant_method") || (value.has("bits") && value.has("group_size")));
}

function valueAt(value: Json | undefined, path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>((v, key) => (v instanceof Map ? v.get(key) : undefined), value);
}
