/**
 * Which block type llama-quantize gives each tensor of a named mixture: a transcription of `llama_tensor_get_type_impl`,
 * `llama_tensor_get_type` and `tensor_type_fallback`, branch by branch and in their order.
 *
 * Source: src/llama-quant.cpp of https://github.com/ggml-org/llama.cpp at commit 007dbbf3fd17eefe9b47fee45f48f7ba5e62b714.
 */
import { ggmlTypes } from "../../../kernels/ggml/registry.ts";
import { defaultType, type FileType, isFloatType } from "./file-types.ts";
import {
  type Category,
  categoryOf,
  inOrder,
  isAttentionValue,
  isQuantized,
  type LlamaTensor,
  layerOf,
} from "./tensors.ts";

/** What the rules look at in a model. */
export interface LlamaModel {
  /** `general.architecture`. */
  architecture: string;
  /** `block_count`. */
  layers: number;
  /** Of the first layer. */
  heads: number;
  keyHeads: number;
  /** 0 where there are none. */
  experts: number;
}

export interface LlamaOptions {
  /** Whether an importance matrix is given: some layers need no more bits then. */
  imatrix?: boolean;
  /** Only the file type's own block type, and fallbacks. */
  pure?: boolean;
  /** `--tensor-type`: the first pattern that is found in a name gives the type. */
  overrides?: readonly { pattern: RegExp; type: string }[];
  /** `--output-tensor-type` and `--token-embedding-type`. */
  outputType?: string;
  embeddingType?: string;
}

export interface LlamaChoice {
  /** As ggml spells it; the type that the tensor has where it is not quantized. */
  type: string;
  /** The type that was wanted, where rows are no whole blocks of it. */
  insteadOf: string | null;
}

/** A rule of the tool that has no answer: it stops there. */
export class LlamaError extends Error {
  override name = "LlamaError";
}

/** Elements a block. */
const blockOf = (type: string): number => ggmlTypes.find(({ name }) => name === type)?.elements ?? 1;

/**
 * The type of each tensor, in the order of `tensors`. Counters run in the tool's own order. Throws LlamaError where the tool stops:
 * for a type without a fallback whose blocks do not fit a row.
 */
export function llamaTypes(
  model: LlamaModel,
  tensors: readonly LlamaTensor[],
  fileType: FileType,
  options: LlamaOptions = {},
): LlamaChoice[] {
  const state = new State(model, tensors, fileType, options);
  const choices = new Map(inOrder(tensors).map((tensor) => [tensor, state.choose(tensor)]));
  return tensors.map((tensor) => choices.get(tensor)!);
}

/** Types that have a 256-element block, and what rows that are no multiple of it get. */
const FALLBACKS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ["IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ3_XXS", "IQ3_S", "IQ4_XS"].map((type) => [type, "IQ4_NL"]),
  ),
  ...Object.fromEntries(["Q2_0", "Q2_K", "Q3_K", "TQ1_0", "TQ2_0"].map((type) => [type, "Q4_0"])),
  Q4_K: "Q5_0",
  Q5_K: "Q5_1",
  Q6_K: "Q8_0",
};

/** `tensor_type_fallback`: the type itself, or the one for rows of `cols` that are no whole blocks of it. */
export function fitting(type: string, cols: number, name: string): string {
  if (cols % blockOf(type) === 0) return type;
  const other = FALLBACKS[type];
  if (other === undefined)
    throw new LlamaError(
      `${name}: rows of ${cols} are no whole blocks of ${type}, and llama-quantize has no other type for it`,
    );
  return cols % blockOf(other) === 0 ? other : "F16";
}

/** Layers that get more bits: the first and last eighth and every third between. */
const moreBits = (layer: number, layers: number): boolean =>
  layer < eighth(layers) || layer >= eighth(7 * layers) || (layer - eighth(layers)) % 3 === 2;

/** As integers divide in C. */
const eighth = (n: number): number => Math.trunc(n / 8);
const sixteenth = (n: number): number => Math.trunc(n / 16);

/**
 * Architectures whose models of so many layers are `LLM_TYPE_70B` (`load_arch_hparams` of src/models): with eight heads to a head of
 * values, whose matrix is then small.
 */
const SEVENTY_BILLION: Readonly<Record<string, number>> = { llama: 80, qwen2: 80, deci: 80, olmo: 80, jais2: 68 };

const oneOf = (fileType: FileType, ...names: FileType[]): boolean => names.includes(fileType);

/** The state of `quantize_state_impl`. */
class State {
  readonly #model: LlamaModel;
  readonly #fileType: FileType;
  readonly #options: LlamaOptions;
  readonly #values: number;
  readonly #tied: boolean;
  readonly #sharing: number;
  readonly #large: boolean;
  #value = 0;
  #down = 0;
  #gate = 0;
  #up = 0;

  constructor(model: LlamaModel, tensors: readonly LlamaTensor[], fileType: FileType, options: LlamaOptions) {
    this.#model = model;
    this.#fileType = fileType;
    this.#options = options;
    const categories = tensors.map(({ name }) => categoryOf(name));
    this.#values = categories.filter(isAttentionValue).length;
    this.#tied = !categories.includes("output");
    const { architecture, layers, heads, keyHeads } = model;
    this.#sharing = keyHeads === 0 ? 0 : Math.trunc(heads / keyHeads);
    this.#large = SEVENTY_BILLION[architecture] === layers && (architecture !== "llama" || heads !== keyHeads);
  }

  /** `llama_tensor_get_type`. */
  choose(tensor: LlamaTensor): LlamaChoice {
    const { name, dimensions, type: own } = tensor;
    if (!isQuantized(tensor)) return { type: own, insteadOf: null };
    const category = categoryOf(name);
    const { embeddingType, outputType, overrides, pure } = this.#options;
    if (embeddingType !== undefined && category === "token_embd") return { type: embeddingType, insteadOf: null };
    if (outputType !== undefined && category === "output") return { type: outputType, insteadOf: null };
    const usual = defaultType(this.#fileType);
    if (isFloatType(usual)) return { type: usual, insteadOf: null };
    const manual = overrides?.find(({ pattern }) => pattern.test(name));
    const wanted = manual?.type ?? (pure ? usual : this.#typeOf(usual, tensor, category));
    const type = fitting(wanted, dimensions[0], name);
    return { type, insteadOf: type === wanted ? null : wanted };
  }

  /** `llama_tensor_get_type_impl`. */
  #typeOf(usual: string, tensor: LlamaTensor, category: Category): string {
    const file = this.#fileType;
    const { architecture } = this.#model;
    const stacked = (tensor.dimensions[2] ?? 1) > 1;
    if (category === "output" || (this.#tied && category === "token_embd"))
      return this.#options.outputType ?? this.#headType(usual, tensor.dimensions[0]);
    if (file === "MXFP4_MOE") {
      const expert = architecture !== "bailingmoe3" || ["ffn_up", "ffn_gate", "ffn_down"].includes(category);
      return stacked && expert ? "MXFP4" : "Q8_0";
    }
    if (category === "token_embd") return this.#embeddingType(usual);
    if (oneOf(file, "IQ2_XXS", "IQ2_XS", "IQ1_S", "IQ2_S", "IQ2_M", "IQ1_M")) return this.#lowestType(usual, category);
    if (isAttentionValue(category)) return this.#valueType(usual);
    if (category === "attn_k" && this.#model.experts === 8) return "Q8_0";
    if (category === "attn_k" || category === "attn_q") {
      if (file === "IQ3_XS") return "IQ3_XXS";
      return file === "IQ3_XXS" ? "IQ2_S" : usual;
    }
    if (category === "ffn_down") return this.#downType(usual, tensor.name);
    if (category === "attn_output") return this.#outputType(usual);
    if (category === "ffn_gate") return this.#innerType(usual, this.#layerOf(this.#gate++, tensor.name));
    if (category === "ffn_up") return this.#innerType(usual, this.#layerOf(this.#up++, tensor.name));
    return usual;
  }

  /** Experts may lie in any order: with them the name says the layer, else a counter. */
  #layerOf(counted: number, name: string): number {
    const { experts, layers } = this.#model;
    if (experts <= 1) return counted;
    const layer = layerOf(name);
    if (layer < 0 || layer >= layers)
      throw new LlamaError(`${name}: its layer is not one of the ${layers} that the model says it has`);
    return layer;
  }

  /** Of the head, and of an embedding that is the head as well. */
  #headType(usual: string, cols: number): string {
    const file = this.#fileType;
    if (file === "MXFP4_MOE" || this.#model.architecture === "falcon" || cols % blockOf(usual) !== 0) return "Q8_0";
    if (oneOf(file, "IQ2_XXS", "IQ2_XS", "IQ3_XXS", "IQ1_S", "IQ2_S", "IQ2_M", "IQ1_M")) return "Q5_K";
    return usual === "Q8_0" ? usual : "Q6_K";
  }

  #embeddingType(usual: string): string {
    const file = this.#fileType;
    if (oneOf(file, "IQ2_XXS", "IQ2_XS", "IQ1_S", "IQ1_M")) return "Q2_K";
    if (oneOf(file, "IQ2_S", "IQ2_M", "IQ3_XXS")) return "IQ3_S";
    return oneOf(file, "TQ1_0", "TQ2_0", "Q2_0") ? "Q4_K" : usual;
  }

  /** All but head and embedding in the mixtures of one and two bits. */
  #lowestType(usual: string, category: Category): string {
    const file = this.#fileType;
    const { experts } = this.#model;
    const better = oneOf(file, "IQ2_S", "IQ2_M");
    if (isAttentionValue(category)) {
      this.#value++;
      if (this.#sharing >= 4 || experts >= 4) return "Q4_K";
      return better ? "IQ3_S" : "Q2_K";
    }
    if (experts === 8 && category === "attn_k") return "Q4_K";
    if (category === "ffn_down") return this.#down++ < eighth(this.#model.layers) ? (better ? "IQ3_S" : "Q2_K") : usual;
    if (category !== "attn_output") return usual;
    if (experts === 8) return "Q5_K";
    if (oneOf(file, "IQ1_S", "IQ1_M")) return "IQ2_XXS";
    return better ? "IQ3_S" : usual;
  }

  #valueType(usual: string): string {
    const at = this.#value++;
    // Eight experts: their values' matrix is small beside them.
    if (this.#model.experts === 8) return "Q8_0";
    const type = this.#plainValueType(usual, at);
    return this.#large && (type === "Q3_K" || type === "Q4_K") ? "Q5_K" : type;
  }

  #plainValueType(usual: string, at: number): string {
    const file = this.#fileType;
    const many = this.#sharing >= 4;
    if (file === "Q2_K") return many ? "Q4_K" : "Q3_K";
    if (file === "Q2_K_S" && many) return "Q4_K";
    if (file === "IQ3_XXS") return many ? "Q4_K" : this.#options.imatrix ? "IQ3_XXS" : "IQ3_S";
    if (oneOf(file, "IQ3_XS", "IQ3_S") && many) return "Q4_K";
    if (file === "IQ3_M") return "Q4_K";
    if (file === "Q3_K_M") return at < 2 ? "Q5_K" : "Q4_K";
    if (file === "Q3_K_L") return "Q5_K";
    if (oneOf(file, "IQ4_NL", "IQ4_XS") && many) return "Q5_K";
    if (oneOf(file, "Q4_K_M", "Q5_K_M") && moreBits(at, this.#values)) return "Q6_K";
    return file === "Q4_K_S" && at < 4 ? "Q5_K" : usual;
  }

  #downType(usual: string, name: string): string {
    const file = this.#fileType;
    const { architecture, layers, experts } = this.#model;
    const imatrix = this.#options.imatrix ?? false;
    const falcon = architecture === "falcon";
    const layer = this.#layerOf(this.#down++, name);
    const first = layer < eighth(layers);
    const more = moreBits(layer, layers);
    if (file === "Q2_K") return "Q3_K";
    if (file === "Q2_K_S") return first ? "Q4_K" : usual;
    if (file === "IQ3_XXS" && !imatrix) return first ? "Q4_K" : "Q3_K";
    if (file === "Q3_K_M") return layer < sixteenth(layers) ? "Q5_K" : !falcon || more ? "Q4_K" : "Q3_K";
    if (file === "IQ3_M" && (first || (experts === 8 && more))) return "Q4_K";
    if (file === "Q3_K_L") return falcon ? "Q4_K" : "Q5_K";
    if (file === "Q4_K_M" && falcon) return layer < sixteenth(layers) ? "Q6_K" : more ? "Q5_K" : "Q4_K";
    if (file === "Q4_K_M") return more ? "Q6_K" : usual;
    if (first && oneOf(file, "IQ4_NL", "IQ4_XS") && !imatrix) return "Q5_K";
    if (file === "Q5_K_M" && more) return "Q6_K";
    if (file === "Q4_K_S" && !falcon && first) return "Q5_K";
    if (oneOf(file, "Q4_0", "Q5_0") && imatrix && first) return file === "Q4_0" ? "Q4_1" : "Q5_1";
    return usual;
  }

  #outputType(usual: string): string {
    const file = this.#fileType;
    const { architecture, experts } = this.#model;
    if (architecture === "falcon") return file === "Q3_K_L" ? "Q4_K" : usual;
    if (experts === 8) {
      const raised = oneOf(file, "Q2_K", "IQ3_XS", "IQ3_XXS", "Q3_K_S", "Q3_K_M", "IQ4_NL", "Q4_K_S", "Q4_K_M");
      return raised || oneOf(file, "IQ3_S", "IQ3_M", "IQ4_XS") ? "Q5_K" : usual;
    }
    if (file === "Q2_K") return "Q3_K";
    if (file === "IQ3_XXS") return "IQ3_S";
    if (oneOf(file, "Q3_K_M", "IQ3_M")) return "Q4_K";
    return file === "Q3_K_L" ? "Q5_K" : usual;
  }

  /** Gate and up of the feed forward. */
  #innerType(usual: string, layer: number): string {
    const { layers } = this.#model;
    const middle = layer >= eighth(layers) && layer < eighth(7 * layers);
    return this.#fileType === "IQ3_XS" && middle ? "IQ3_XXS" : usual;
  }
}
