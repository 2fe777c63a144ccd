/** A source as mixes speak of it: what llama.cpp and transformers call its tensors, and the sizes that their rules look at. Reads no values. */
import { isGguf, readGgufHeader } from "../checkpoints/gguf/header.ts";
import { type GgufWhole, readGgufValues } from "../checkpoints/gguf/values.ts";
import { UserError } from "../errors/user-error.ts";
import { asWritten } from "../export/model/index.ts";
import { ggufName } from "../export/model/keys.ts";
import { groupsOf, shapeOfGroup } from "../export/model/tensors.ts";
import { splitAddress } from "../layouts/address.ts";
import { placesOf } from "../models/bind.ts";
import type { Model } from "../models/model.ts";
import type { OpenSource } from "../sources/open.ts";
import type { TensorInfo } from "../tensors/info.ts";
import { storedBytes } from "../tensors/stored.ts";
import type { CacheLayer, MixModel, MixSource } from "./types.ts";

/**
 * What is known of the model in a source. `open` reads it as a network; where that cannot be, names and sizes are those that a GGUF file
 * says of itself, and a note tells what is missing. Rejects with AbortError.
 */
export async function mixModel(source: OpenSource, open: () => Promise<Model>, signal: AbortSignal): Promise<MixModel> {
  const keys = await ggufKeys(source, signal);
  try {
    return await ofNetwork(source, await open(), keys, signal);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return ofNames(source, keys, error.message);
  }
}

type Keys = ReadonlyMap<string, GgufWhole>;

/** Numbers, and numbers of each layer. */
const SIZES =
  /^(general\.architecture|[\w-]+\.(block_count|expert_count|attention\.(head_count|head_count_kv|key_length|value_length|sliding_window)|embedding_length|attention\.kv_lora_rank|ssm\.state_size))$/;

async function ggufKeys({ files }: OpenSource, signal: AbortSignal): Promise<Keys | null> {
  const [file] = files;
  if (!file || file.size < 4 || !isGguf(await file.slice(0, 4, signal))) return null;
  return readGgufValues(file, await readGgufHeader(file, signal), (key) => SIZES.test(key), signal);
}

/** What stands in a source of one tensor, without a reading that it is named with. */
function plainSource({ name, shape, elements, dtype, view, ...info }: TensorInfo): MixSource {
  const stored = storedBytes({ name, shape, elements, dtype, view, ...info });
  const bare = splitAddress(name)?.name ?? name;
  const parts = bare.split(".");
  const last = parts[parts.length - 1];
  const found = /(?:^|\.)(?:layers|blk|h|blocks|block)\.(\d+)\./.exec(bare);
  const matrix = shape.length >= 2;
  return {
    ...{ name, shape, elements, dtype, bytes: stored, view },
    layer: found ? Number(found[1]) : null,
    role: (last === "weight" || last === "bias") && parts.length > 1 ? parts[parts.length - 2] : last,
    linear: matrix && last === "weight" && !/embed|embd|norm|wte|wpe/.test(bare),
    gguf: null,
    modules: matrix && last === "weight" ? [bare.slice(0, -".weight".length)] : [],
  };
}

/** By names alone. */
function ofNames(source: OpenSource, keys: Keys | null, why: string): MixModel {
  const architecture = text(keys?.get("general.architecture"));
  const tensors = source.info.tensors.map((info) => {
    const plain = plainSource(info);
    return keys ? { ...plain, gguf: { name: info.name, shape: info.shape, expert: null }, modules: [] } : plain;
  });
  const said = (key: string) => (architecture === null ? undefined : keys?.get(`${architecture}.${key}`));
  const heads = first(said("attention.head_count"));
  const layers = first(said("block_count"));
  return {
    ...{ label: source.info.label, architecture, layers, heads },
    keyHeads: first(said("attention.head_count_kv")) ?? heads,
    experts: layers === null ? null : (first(said("expert_count")) ?? 0),
    tied: keys !== null && !source.info.tensors.some(({ name }) => name === "output.weight"),
    tensors,
    cache: cacheOf(said, layers),
    notes: [why],
  };
}

const text = (value: GgufWhole | undefined): string | null => (typeof value === "string" ? value : null);

/** A number, or that of the first layer. */
function first(value: GgufWhole | undefined): number | null {
  const one = Array.isArray(value) ? value[0] : value;
  return typeof one === "number" && Number.isFinite(one) ? one : null;
}

/** Keys and values of each layer, where a file's keys say all of it: no windows, no latent ones, no states in their place. */
function cacheOf(said: (key: string) => GgufWhole | undefined, layers: number | null): CacheLayer[] | null {
  const [heads, width] = [first(said("attention.head_count")), first(said("embedding_length"))];
  const beyond = ["attention.sliding_window", "attention.kv_lora_rank", "ssm.state_size"].some((key) =>
    first(said(key)),
  );
  if (layers === null || heads === null || width === null || beyond || layers > MAX_LAYERS) return null;
  const size = first(said("attention.key_length")) ?? width / heads;
  const values = first(said("attention.value_length")) ?? size;
  const ofKeys = said("attention.head_count_kv");
  return Array.from({ length: layers }, (_, layer) => {
    const own = Array.isArray(ofKeys) ? ofKeys[layer] : (ofKeys ?? heads);
    const name = `model.layers.${layer}.self_attn`;
    return { name, keyHeads: typeof own === "number" ? own : heads, keySize: size, valueSize: values, window: null };
  });
}

/** More than any model has: a count that a file claims. */
const MAX_LAYERS = 10_000;

/** By the network that the model is. */
async function ofNetwork(source: OpenSource, model: Model, keys: Keys | null, signal: AbortSignal): Promise<MixModel> {
  const { architecture, writer, parts } = model;
  const byName = new Map<string, MixSource>(source.info.tensors.map((info) => [info.name, plainSource(info)]));
  const modules = new Map<string, string[]>();
  for (const of of placesOf(architecture)) {
    for (const { name, role, linear } of architecture.parts(of)) {
      const stored = parts.get(name)?.stored;
      const tensor = stored && byName.get(stored.tensor);
      if (!stored || !tensor) continue;
      Object.assign(tensor, { layer: of === "ends" ? null : of, role, linear, view: stored.view });
      if (name.endsWith(".weight")) {
        const list = modules.get(stored.tensor) ?? [];
        modules.set(stored.tensor, list);
        list.push(name.slice(0, -".weight".length));
      }
    }
  }
  // Names of transformers are those of modules already, with whatever stands before them.
  if (writer !== "transformers")
    for (const [name, tensor] of byName) byName.set(name, { ...tensor, modules: modules.get(name) ?? [] });
  const notes: string[] = [];
  let name = keys ? text(keys.get("general.architecture")) : null;
  if (keys)
    for (const tensor of byName.values()) tensor.gguf = { name: tensor.name, shape: tensor.shape, expert: null };
  else name = await nameAsGguf(model, byName, notes, signal);
  const designs = Array.from({ length: architecture.layers }, (_, layer) => architecture.design(layer));
  const { heads, keyHeads } = designs[0].attention;
  const counts = designs.map(({ feed }) => ("experts" in feed ? feed.experts.length : 0));
  return {
    ...{ label: source.info.label, architecture: name, layers: architecture.layers, heads, keyHeads },
    experts: Math.max(...counts),
    tied: !parts.has(architecture.ends.head.weight),
    tensors: [...byName.values()],
    cache: designs.map(({ attention: { name, keyHeads, size, window } }) => {
      return { name, keyHeads, keySize: size, valueSize: size, window };
    }),
    notes,
  };
}

/** Gives each tensor the name that llama.cpp has for it. The architecture's name there; null, and a note, where it has none. */
async function nameAsGguf(
  model: Model,
  byName: ReadonlyMap<string, MixSource>,
  notes: string[],
  signal: AbortSignal,
): Promise<string | null> {
  try {
    const written = await asWritten(model, signal);
    const name = ggufName(written.architecture.family);
    if (name === null) {
      notes.push(
        `llama.cpp knows no models of the family ${written.architecture.family}: named mixes and its commands are not to be had.`,
      );
      return null;
    }
    for (const group of groupsOf(written)) {
      const stack = group.bound.length > 1;
      const shape = shapeOfGroup(group);
      group.bound.forEach(({ stored }, i) => {
        const tensor = byName.get(stored.tensor);
        if (tensor) tensor.gguf = { name: group.name, shape, expert: stack ? i : null };
      });
    }
    return name;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    notes.push(error.message);
    return null;
  }
}
