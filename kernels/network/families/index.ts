import { type Architecture, ArchitectureError } from "../types.ts";
import { buildArchitecture } from "./build.ts";
import { Fields } from "./fields.ts";
import { configOfGguf, type GgufTensors } from "./gguf.ts";
import { gemma2, gemma3 } from "./known/gemma.ts";
import { gptNeox } from "./known/gpt-neox.ts";
import { gpt2 } from "./known/gpt2.ts";
import { granite } from "./known/granite.ts";
import { llama } from "./known/llama.ts";
import { mistral } from "./known/mistral.ts";
import { olmo2 } from "./known/olmo2.ts";
import { opt } from "./known/opt.ts";
import { phi3 } from "./known/phi3.ts";
import { qwen2, qwen3, qwen3Moe } from "./known/qwen.ts";
import { smollm3 } from "./known/smollm3.ts";
import { stablelm } from "./known/stablelm.ts";
import type { Family } from "./traits.ts";

/** Every family that can be run. */
export const FAMILIES: readonly Family[] = [
  gemma2,
  gemma3,
  gpt2,
  gptNeox,
  granite,
  llama,
  mistral,
  olmo2,
  opt,
  phi3,
  qwen2,
  qwen3,
  qwen3Moe,
  smollm3,
  stablelm,
];

const known = () => FAMILIES.map(({ name }) => name).join(", ");

/** Names under which other files go that are of a family here. */
const ALIASES: Record<string, string> = { gemma3: "gemma3_text" };

/**
 * The architecture that a config.json of transformers describes, of version 4 or 5. Throws ArchitectureError where its family, or
 * what it asks of it, is not known here.
 */
export function readArchitecture(config: Record<string, unknown>): Architecture {
  // A model that also sees has the language model's config inside.
  const text = config.text_config;
  const own = typeof text === "object" && text !== null ? { ...config, ...(text as Record<string, unknown>) } : config;
  const name = own.model_type;
  if (typeof name !== "string")
    throw new ArchitectureError("The config does not say of which family it is (model_type).");
  const family = FAMILIES.find((one) => one.name === (ALIASES[name] ?? name));
  if (!family) {
    throw new ArchitectureError(
      `Models of the family "${name}" cannot be run here, only explored: how their layers are made is not known. Known are ${known()}.`,
    );
  }
  return buildArchitecture(family, family.traits(new Fields(family.label, own)));
}

/**
 * The architecture that the keys of a GGUF file and the shapes of its tensors (by name, outputs first) describe. `factors` are the
 * values of the tensors in ROPE_FACTORS, as far as the file has them. Throws ArchitectureError.
 */
export function readGgufArchitecture(
  keys: Readonly<Record<string, unknown>>,
  tensors: GgufTensors,
  factors: ReadonlyMap<string, Float32Array> = new Map(),
): Architecture {
  const name = keys["general.architecture"];
  if (typeof name !== "string") {
    throw new ArchitectureError("The file does not say of which architecture it is (general.architecture).");
  }
  const family = FAMILIES.find((one) => one.gguf?.architecture === name);
  if (!family) {
    const names = FAMILIES.flatMap(({ gguf }) => gguf?.architecture ?? []).join(", ");
    throw new ArchitectureError(
      `GGUF files of the architecture "${name}" cannot be run here, only explored: how their layers are made is not known. Known are ${names}.`,
    );
  }
  const config = configOfGguf(family, keys, tensors, factors);
  return buildArchitecture(family, family.traits(new Fields(family.label, config)));
}

export { ROPE_FACTORS } from "./gguf.ts";
