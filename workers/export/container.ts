/** The kinds of file that are written. A new one is a function here and a name in `request.ts`. */

import { blockCodecs, type GgmlType } from "../../kernels/ggml/index.ts";
import type { Recipe } from "../../kernels/grammar/ast.ts";
import type { MatrixSource } from "../../kernels/matrix/source.ts";
import type { Plan } from "../../kernels/plan/plan.ts";
import { UserError } from "../errors/user-error.ts";
import type { RunOrder } from "../runs/runs.ts";
import type { OpenSource } from "../sources/open.ts";
import type { Tensor } from "../tensors/tensor.ts";
import { copiedBlocks, encodedBlocks } from "./blocks.ts";
import { quantizationConfig } from "./compressed-config.ts";
import { type PackedScheme, packedScheme } from "./compressed-scheme.ts";
import { moduleOf, packedTensor, unfitForPacking } from "./compressed-tensors.ts";
import type { FloatDtype } from "./floats.ts";
import { ggufFile } from "./gguf.ts";
import { ggufMetadata } from "./gguf-metadata.ts";
import type { GgufModel } from "./model/index.ts";
import { npyFile } from "./npy.ts";
import type { OutputFile, OutputTensor } from "./output.ts";
import { convertedTensor, copiedTensor, dequantizedTensor } from "./plain.ts";
import type { FileRequest } from "./request.ts";
import { castOf } from "./rules.ts";
import { safetensorsDtypes, safetensorsFile } from "./safetensors.ts";

/** A tensor and the recipe that it gets. */
export interface Item {
  tensor: Tensor;
  matrix: MatrixSource;
  recipe: Recipe;
  plan: Plan;
}

export interface Finished {
  file: OutputFile;
  config: string | null;
  notes: string[];
}

export interface Container {
  /** A tensor as it is. Throws UserError where the kind of file cannot hold it. */
  keep(tensor: Tensor): OutputTensor;
  /** Why this tensor does not fit, in a clause, or null. Throws UserError where the recipe fits no tensor. */
  objection(item: Item): string | null;
  /** A tensor through its recipe. Only without an objection. */
  write(item: Item & { order: RunOrder }): OutputTensor;
  finish(outputs: readonly OutputTensor[], signal?: AbortSignal): Promise<Finished>;
}

/** `recipe` is the canonical text, which the file tells of. */
export function containerFor(
  source: OpenSource,
  request: FileRequest,
  recipe: string,
  model: GgufModel | string | null = null,
): Container {
  const dtype = request.dtype ?? "F32";
  const metadata = safetensorsMetadata(source, recipe);
  switch (request.format) {
    case "safetensors":
      return safetensors(dtype, metadata);
    case "compressed-tensors":
      return compressedTensors(dtype, metadata);
    case "gguf":
      return gguf(source, request.dtype, recipe, model);
    case "npy":
      return npy(dtype);
  }
}

const nothing = { config: null, notes: [] };

/** What a safetensors file says of itself; transformers asks for the first. A file's own words are kept. */
function safetensorsMetadata({ info }: OpenSource, recipe: string): Record<string, string> {
  // How the source is packed is not true of the file.
  const { quantization_config: _, ...own } = info.kind === "safetensors" ? info.metadata : {};
  const { layout } = info.metadata;
  return { format: "pt", ...(layout && { layout }), ...own, recipe };
}

function keepPlain(tensor: Tensor, dtypes: ReadonlySet<string>, dtype: FloatDtype): OutputTensor {
  const { stored } = tensor;
  return stored?.littleEndian && dtypes.has(stored.dtype.name) ? copiedTensor(tensor) : convertedTensor(tensor, dtype);
}

function safetensors(dtype: FloatDtype, metadata: Record<string, string>): Container {
  return {
    keep: (tensor) => keepPlain(tensor, safetensorsDtypes, dtype),
    objection: () => null,
    write: (item) => dequantizedTensor(item, dtype),
    finish: async (outputs) => ({ ...nothing, file: safetensorsFile(outputs, metadata) }),
  };
}

function npy(dtype: FloatDtype): Container {
  if (dtype === "BF16") throw new UserError("npy has no bfloat16: choose F16 or F32, or safetensors.");
  return {
    keep: (tensor) => convertedTensor(tensor, dtype),
    objection: () => null,
    write: (item) => dequantizedTensor(item, dtype),
    finish: async ([output]) => ({ ...nothing, file: npyFile(output) }),
  };
}

function compressedTensors(dtype: FloatDtype, metadata: Record<string, string>): Container {
  const schemes = new Map<string, PackedScheme>();
  const packed: { module: string; scheme: PackedScheme }[] = [];
  const kept: string[] = [];
  const schemeOf = (plan: Plan): PackedScheme => {
    const scheme = schemes.get(plan.text) ?? packedScheme(plan);
    schemes.set(plan.text, scheme);
    return scheme;
  };
  const keptModule = ({ info: { name, shape } }: Tensor) => {
    if (shape.length === 2 && name.endsWith(".weight")) kept.push(moduleOf(name));
  };
  return {
    keep(tensor) {
      keptModule(tensor);
      return keepPlain(tensor, safetensorsDtypes, dtype);
    },
    objection: ({ tensor, matrix, recipe, plan }) =>
      castOf(recipe) ? null : unfitForPacking(tensor, matrix, schemeOf(plan)),
    write(item) {
      const cast = castOf(item.recipe);
      if (cast) {
        keptModule(item.tensor);
        return dequantizedTensor(item, cast);
      }
      const scheme = schemeOf(item.plan);
      packed.push({ module: moduleOf(item.tensor.info.name), scheme });
      return packedTensor(item, item.plan, scheme);
    },
    async finish(outputs) {
      if (packed.length === 0) throw new UserError("No tensor goes through the recipe: there is nothing to pack.");
      const config = quantizationConfig(packed, kept);
      const notes = packed.some(({ scheme }) => scheme.format === "nvfp4-pack-quantized") ? [DIVIDES] : [];
      return {
        // The config is in the file as well, so that it can be read without its neighbour.
        file: safetensorsFile(outputs, { ...metadata, quantization_config: JSON.stringify(config) }),
        config: `${JSON.stringify({ quantization_config: config }, null, 2)}\n`,
        notes,
      };
    },
  };
}

const DIVIDES =
  "codes and block scales are exact; the scale of a tensor is stored as its reciprocal, which readers divide by and " +
  "which can move results by the last bit of a float32";

/** Plain numbers that GGUF has types for. */
const ggufDtypes = new Set(["F32", "F16", "BF16", "I8", "I16", "I32", "I64", "F64"]);
/** What ggml's own code can load. */
const MAX_GGML_DIMENSIONS = 4;
const MAX_GGML_NAME = 63;

/** Half precision that a tensor says it has: its values lose nothing in it, in whatever order they stand. */
const ownDtype = ({ info }: Tensor): FloatDtype => (info.dtype === "F16" || info.dtype === "BF16" ? info.dtype : "F32");

function gguf(
  source: OpenSource,
  dtype: FloatDtype | null,
  recipe: string,
  model: GgufModel | string | null,
): Container {
  return {
    keep(tensor) {
      const { name, shape } = tensor.info;
      if (shape.length > MAX_GGML_DIMENSIONS)
        throw new UserError(`${name} has ${shape.length} dimensions, and ggml knows ${MAX_GGML_DIMENSIONS} at most.`);
      return tensor.blocks?.littleEndian
        ? copiedBlocks(tensor)
        : keepPlain(tensor, ggufDtypes, dtype ?? ownDtype(tensor));
    },
    objection({ tensor, matrix, recipe: own, plan }) {
      const { shape } = tensor.info;
      if (shape.length > MAX_GGML_DIMENSIONS)
        return `it has ${shape.length} dimensions, and ggml knows ${MAX_GGML_DIMENSIONS} at most`;
      const type = dtype === null && !castOf(own) ? blockTypeOf(own, plan) : null;
      if (!type) return null;
      if (matrix.view.transpose && matrix.rows > 1 && matrix.cols > 1)
        return "ggml's blocks lie along rows as they are stored, and this is read transposed";
      if (shape[shape.length - 1] % type.elements === 0) return null;
      return `rows of ${shape[shape.length - 1]} are not whole blocks of ${type.elements}, as ${type.name} has them`;
    },
    write(item) {
      const plain = dtype ?? castOf(item.recipe);
      return plain ? dequantizedTensor(item, plain) : encodedBlocks(item, blockTypeOf(item.recipe, item.plan));
    },
    async finish(outputs, signal) {
      const long = outputs.find(({ name }) => new TextEncoder().encode(name).length > MAX_GGML_NAME);
      const notes = long ? [`ggml itself reads names of up to ${MAX_GGML_NAME} bytes, and ${long.name} is longer`] : [];
      const metadata = await ggufMetadata(source, recipe, model, signal);
      return { config: null, notes: [...metadata.notes, ...notes], file: ggufFile(outputs, metadata.pairs) };
    },
  };
}

/** The block type that a recipe names. Throws UserError for any other recipe. */
function blockTypeOf(recipe: Recipe, plan: Plan): GgmlType {
  const codec = blockCodecs.find(({ name }) => name === recipe.quantizer.base.name);
  if (codec && plan.transforms.length === 0) return codec.type;
  const known = blockCodecs.map(({ name }) => name).join(", ");
  throw new UserError(
    `${plan.text} is none of ggml's block types, which GGUF holds: they are ${known}. Its results can be written as F16, BF16 or F32.`,
  );
}
