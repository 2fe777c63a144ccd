/**
 * What GGUF's keys say of a model: the other way round from how `kernels/network` reads them. Names and meanings: llama.cpp's
 * `gguf-py/gguf/constants.py` and `convert_hf_to_gguf.py`.
 */
import {
  type Architecture,
  FAMILIES,
  type LayerDesign,
  type Rotation,
  readGgufArchitecture,
} from "../../../kernels/network/index.ts";

/** A key's value; whole numbers and others have types of their own. */
export type KeyValue = { uint32: number } | { float32: number } | { bool: boolean } | { text: string };

export interface ModelKeys {
  architecture: string;
  keys: Map<string, KeyValue>;
  /** What plain frequencies are divided by, one a pair of rotated values: GGUF has a tensor for it. Null where they are plain. */
  factors: Float32Array | null;
}

const uint32 = (value: number): KeyValue => ({ uint32: value });
const float32 = (value: number): KeyValue => ({ float32: value });

/** The family's name in GGUF; null where llama.cpp knows none. */
export const ggufName = (family: string): string | null =>
  FAMILIES.find(({ name }) => name === family)?.gguf?.architecture ?? null;

/** The keys of an architecture; a reason, in a clause, where they cannot say all of it. */
export function keysOf(model: Architecture, bases: RotaryBases | null): ModelKeys | string {
  const name = ggufName(model.family);
  if (name === null) return `llama.cpp knows no models of the family ${model.family}`;
  const designs = Array.from({ length: model.layers }, (_, layer) => model.design(layer));
  const [first] = designs;
  const { attention, feed, residual } = first;
  const keys = new Map<string, KeyValue>();
  const set = (key: string, value: KeyValue | null) => {
    if (value !== null) keys.set(`${name}.${key}`, value);
  };
  const experts = designs.flatMap((one) => ("experts" in one.feed ? [one.feed] : []))[0];
  const dense = designs.flatMap((one) => ("experts" in one.feed ? [] : [one.feed]))[0];
  const norm = first.beforeAttention ?? first.afterAttention;
  const window = designs.map((one) => one.attention.window).find((one) => one !== null);
  const rotation = designs.map((one) => one.attention.rotation).find((one) => one !== null);
  set("context_length", uint32(model.trainedWindow ?? model.positions ?? 2048));
  set("embedding_length", uint32(model.width));
  set("block_count", uint32(model.layers));
  set("feed_forward_length", uint32((dense ?? experts?.experts[0])?.down.inputs ?? 0));
  set("attention.head_count", uint32(attention.heads));
  set("attention.head_count_kv", uint32(attention.keyHeads));
  set("attention.key_length", uint32(attention.size));
  set("attention.value_length", uint32(attention.size));
  set("vocab_size", uint32(model.vocabulary));
  if (norm) set(`attention.layer_norm_${norm.kind === "rms" ? "rms_" : ""}epsilon`, float32(norm.epsilon));
  if (window) set("attention.sliding_window", uint32(window));
  set("attn_logit_softcapping", attention.cap === null ? null : float32(attention.cap));
  set("final_logit_softcapping", model.ends.logitCap === null ? null : float32(model.ends.logitCap));
  if (experts) {
    set("expert_count", uint32(experts.experts.length));
    set("expert_used_count", uint32(experts.chosen));
    set("expert_feed_forward_length", uint32(experts.experts[0].down.inputs));
  }
  if (name === "granite") {
    set("attention.scale", float32(attention.scale));
    set("residual_scale", float32(residual));
    set("embedding_scale", float32(model.ends.embeddingScale));
    set("logit_scale", float32(1 / model.ends.logitScale));
  }
  if (name === "gptneox" || name === "stablelm") set("use_parallel_residual", { bool: first.parallel });
  const factors = rotation && bases ? setRotation(set, name, rotation, bases, designs) : null;
  if (factors && name !== "llama") return "llama.cpp takes scaled rotary positions of its family in another way";
  if ("experts" in feed !== (experts !== undefined)) return "only some of its layers have experts";
  return { architecture: name, keys, factors };
}

/** Bases of the rotations: of most layers, and of those with a window where theirs is another. */
export interface RotaryBases {
  usual: number;
  local: number | null;
}

/** Factors that differ by less are one. */
const ALIKE = 1e-5;

function setRotation(
  set: (key: string, value: KeyValue) => void,
  name: string,
  rotation: Rotation,
  { usual, local }: RotaryBases,
  designs: readonly LayerDesign[],
): Float32Array | null {
  set("rope.dimension_count", uint32(rotation.size));
  set("rope.freq_base", float32(usual));
  if (name === "gemma3" && local !== null) set("rope.freq_base_swa", float32(local));
  // Of Gemma 3's layers only those without a window turn by the usual base.
  const full = designs.find(({ attention }) => attention.window === null)?.attention.rotation;
  const scaled = full ?? (name === "gemma3" ? null : rotation);
  if (!scaled) return null;
  const factors = Float32Array.from(scaled.frequencies, (f, i) => usual ** (-(2 * i) / scaled.size) / f);
  const [first] = factors;
  if (factors.some((factor) => Math.abs(factor / first - 1) > ALIKE)) return factors;
  if (Math.abs(first - 1) > ALIKE) {
    set("rope.scaling.type", { text: "linear" });
    set("rope.scaling.factor", float32(first));
  }
  return null;
}

/** What differs between an architecture and what is read from its keys, as the path of the first difference; null for nothing. */
export function lostInKeys(
  model: Architecture,
  { architecture, keys, factors }: ModelKeys,
  tensors: ReadonlyMap<string, readonly number[]>,
): string | null {
  const plain: Record<string, unknown> = { "general.architecture": architecture };
  for (const [key, value] of keys)
    plain[key] = "float32" in value ? Math.fround(value.float32) : Object.values(value)[0];
  const given = new Map(factors ? [["rope_freqs.weight", factors]] : []);
  const back = readGgufArchitecture(plain, tensors, given);
  if (back.layers !== model.layers) return "layers";
  const ends = difference(model.ends, back.ends, "ends");
  if (ends) return ends;
  for (let layer = 0; layer < model.layers; layer++) {
    const found = difference(model.design(layer), back.design(layer), `layer ${layer}`);
    if (found) return found;
  }
  return null;
}

/** Keys hold float32, and frequencies are worked out anew. */
const TOLERANCE = 1e-5;

function difference(a: unknown, b: unknown, path: string): string | null {
  if (typeof a === "number" && typeof b === "number") {
    return Math.abs(a - b) <= TOLERANCE * Math.max(Math.abs(a), Math.abs(b)) ? null : `${path} (${a}, read as ${b})`;
  }
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) {
    return a === b ? null : `${path} (${a}, read as ${b})`;
  }
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const found = difference(
      (a as Record<string, unknown>)[key],
      (b as Record<string, unknown>)[key],
      `${path}, ${key}`,
    );
    if (found) return found;
  }
  return null;
}
