/** A checkpoint that is a language model, as llama.cpp would read it from GGUF: names, arrangement, keys and tokenizer. */
import { readArchitecture } from "../../../kernels/network/index.ts";
import { UserError } from "../../errors/user-error.ts";
import { bind } from "../../models/bind.ts";
import type { Model } from "../../models/model.ts";
import { openModel } from "../../models/open.ts";
import { type Config, readJson } from "../../models/said.ts";
import { llama2cFile } from "../../models/tokenizer/open.ts";
import type { OpenSource } from "../../sources/open.ts";
import { memoryTensor } from "../../tensors/tensor.ts";
import {
  boolPair,
  float32Pair,
  type MetadataPair,
  numbersPair,
  textListPair,
  textPair,
  uint32Pair,
} from "../gguf-pairs.ts";
import { type KeyValue, keysOf, lostInKeys, type ModelKeys, type RotaryBases } from "./keys.ts";
import { type GgufTensor, ggufTensors } from "./tensors.ts";
import { checkSame, keysOfLlama2c, keysOfTokenizer, plainKeys } from "./tokenizer.ts";

export interface GgufModel {
  tensors: GgufTensor[];
  pairs: MetadataPair[];
  notes: string[];
}

/**
 * What a source's model becomes in GGUF; a reason, in a clause, where it cannot be written so, and null where nothing says that it is one.
 * Rejects with AbortError.
 */
export async function ggufModel(source: OpenSource, signal: AbortSignal): Promise<GgufModel | string | null> {
  try {
    if (!(await source.companion("config.json")) && !(await source.companion("params.json"))) return null;
    const model = await openModel(source, signal);
    const config = await configOf(source, signal);
    return await written(asLlama(model, config), config, signal);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return error.message.replace(/\.$/, "");
  }
}

/** A model as the one that llama.cpp would take it for. */
export async function asWritten(model: Model, signal: AbortSignal): Promise<Model> {
  return asLlama(model, await configOf(model.source, signal));
}

/** Mistral without windows is a Llama, and llama.cpp knows it as one. */
function asLlama(model: Model, config: Config): Model {
  const { source, architecture, writer } = model;
  const { layers, family } = architecture;
  const windows = Array.from({ length: layers }, (_, layer) => architecture.design(layer).attention.window);
  const { trainedWindow } = architecture;
  const sees = (window: number | null) => window === null || (trainedWindow !== null && window >= trainedWindow);
  if (family !== "mistral" || !windows.every(sees)) return model;
  const { keyHeads } = architecture.design(0).attention;
  const llama = readArchitecture({ ...config, model_type: "llama", num_key_value_heads: keyHeads });
  return { ...model, architecture: llama, parts: bind(source, llama, writer).parts };
}

async function written(model: Model, config: Config, signal: AbortSignal): Promise<GgufModel | string> {
  const { architecture, source } = model;
  const keys = keysOf(architecture, basesOf(config));
  if (typeof keys === "string") return keys;
  const missing = model.problems.find((problem) => model.tokenizer !== null || !/tokenizer/.test(problem));
  if (missing !== undefined) return missing.replace(/\.$/, "");
  const tensors = ggufTensors(model);
  if (keys.factors) tensors.push(factorsTensor(keys.factors));
  const shapes = new Map(tensors.map(({ tensor: { info } }) => [info.name, info.shape]));
  const lost = lostInKeys(architecture, keys, shapes);
  if (lost !== null) return `the keys of GGUF do not say all of this model: ${lost}`;
  const tokenizer = await tokenizerPairs(model, signal);
  const unused =
    source.info.tensors.length - new Set([...model.parts.values()].map(({ stored }) => stored.tensor)).size;
  const notes = [...tokenizer.notes];
  if (unused > 0)
    notes.push(`left out: ${unused === 1 ? "1 tensor" : `${unused} tensors`} that the network has no place for`);
  return { tensors, pairs: [...modelPairs(source.info.label, keys), ...tokenizer.pairs], notes };
}

async function configOf(source: OpenSource, signal: AbortSignal): Promise<Config> {
  const file = (await source.companion("config.json")) ?? (await source.companion("params.json"));
  return file ? readJson(file, signal) : {};
}

/** The bases of a model's rotations, as transformers' configs of version 4 and 5 and Meta's have them. */
function basesOf(config: Config): RotaryBases {
  const inner = (value: unknown): Config => (typeof value === "object" && value !== null ? (value as Config) : {});
  const own = { ...config, ...inner(config.text_config) };
  const parameters = inner(own.rope_parameters);
  const first = (...values: unknown[]) => values.find((value) => typeof value === "number") ?? null;
  const full = inner(parameters.full_attention).rope_theta;
  return {
    usual: (first(full, parameters.rope_theta, own.rope_theta, own.rotary_emb_base) as number | null) ?? 10_000,
    local: first(inner(parameters.sliding_attention).rope_theta, own.rope_local_base_freq) as number | null,
  };
}

const factorsTensor = (factors: Float32Array): GgufTensor => {
  const [name, shape] = ["rope_freqs.weight", [factors.length]];
  const info = { name, dtype: "F32", shape, elements: factors.length, view: { split: 0, transpose: false } };
  return { from: name, tensor: memoryTensor(info, factors) };
};

function modelPairs(label: string, { architecture, keys }: ModelKeys): MetadataPair[] {
  return [
    textPair("general.architecture", architecture),
    textPair("general.name", label),
    ...[...keys].map(([key, value]) => pairOf(key, value)),
  ];
}

function pairOf(key: string, value: KeyValue): MetadataPair {
  if ("uint32" in value) return uint32Pair(key, value.uint32);
  if ("float32" in value) return float32Pair(key, value.float32);
  return "bool" in value ? boolPair(key, value.bool) : textPair(key, value.text);
}

/** The keys of the tokenizer; where it cannot be written, a note that says why. */
async function tokenizerPairs(model: Model, signal: AbortSignal): Promise<{ pairs: MetadataPair[]; notes: string[] }> {
  const without = (why: string) => ({
    pairs: [],
    notes: [`written without a tokenizer, which llama.cpp needs to run it: ${why}`],
  });
  const { tokenizer, source, architecture } = model;
  if (!tokenizer) return without("there is none beside the source that can be used");
  try {
    const file = await source.companion("tokenizer.json");
    const bin = file ? null : await llama2cFile(source, signal);
    const { readLlama2c } = await import("../../models/tokenizer/llama2c.ts");
    const rows = architecture.vocabulary;
    if (!file && !bin) return without("its file is of no kind that is written to GGUF");
    const held = file
      ? keysOfTokenizer(await readJson(file, signal), tokenizer, rows)
      : keysOfLlama2c(await readLlama2c(bin!, signal), rows);
    const keys = plainKeys(held, tokenizer);
    checkSame(keys, tokenizer);
    return { pairs: [...keys].map(([key, value]) => tokenizerPair(key, value)), notes: [] };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return without(error.message.replace(/\.$/, ""));
  }
}

function tokenizerPair(key: string, value: unknown): MetadataPair {
  if (typeof value === "string") return textPair(key, value);
  if (typeof value === "boolean") return boolPair(key, value);
  if (typeof value === "number") return uint32Pair(key, value);
  if (key.endsWith("token_type")) return numbersPair(key, "int32", value as number[]);
  if (key.endsWith("scores")) return numbersPair(key, "float32", value as number[]);
  return textListPair(key, value as string[]);
}
