/** What the export dialog offers, and what it makes of the choices. */
import type { FileFormat, FileRequest, FloatDtype } from "../../workers/export/request.ts";
import { fileName } from "./fileName.ts";

export interface FileKind {
  id: string;
  label: string;
  format: FileFormat;
  /** Codes and scales as they are stored, or results as plain numbers of a type to choose. */
  packed: boolean;
  dtypes: readonly FloatDtype[];
  /** A single tensor only. */
  single?: boolean;
  extension: string;
  hint: string;
}

export const fileKinds: readonly FileKind[] = [
  {
    id: "safetensors",
    label: "safetensors, results",
    format: "safetensors",
    packed: false,
    dtypes: ["F32", "F16", "BF16"],
    extension: "safetensors",
    hint: "Plain numbers that any program reads, with the recipe's error in them.",
  },
  {
    id: "compressed-tensors",
    label: "compressed-tensors, packed",
    format: "compressed-tensors",
    packed: true,
    dtypes: [],
    extension: "safetensors",
    hint: "Codes and scales as vLLM and transformers load them: integers, FP8, MXFP8, MXFP4, NVFP4.",
  },
  {
    id: "gguf",
    label: "GGUF, ggml's blocks",
    format: "gguf",
    packed: true,
    dtypes: [],
    extension: "gguf",
    hint: "Blocks as ggml's own quantizer makes them, byte for byte. Recipes such as q4_k.",
  },
  {
    id: "gguf-results",
    label: "GGUF, results",
    format: "gguf",
    packed: false,
    dtypes: ["F16", "BF16", "F32"],
    extension: "gguf",
    hint: "Plain numbers in a GGUF file, with the recipe's error in them.",
  },
  {
    id: "npy",
    label: "npy, results",
    format: "npy",
    packed: false,
    dtypes: ["F32", "F16"],
    single: true,
    extension: "npy",
    hint: "One tensor as NumPy's array.",
  },
];

export interface FileChoices {
  /** `null` for all tensors of the source. */
  tensor: FileRequest["tensor"];
  recipe: string;
  kind: FileKind;
  dtype: FloatDtype;
  keepUnfit: boolean;
}

/** `calibration` is the name of an open one, for recipes that look at inputs. */
export function requestOf(
  choices: FileChoices,
  source: string,
  definitions: string[],
  calibration?: string,
): FileRequest {
  const { tensor, recipe, kind, dtype, keepUnfit } = choices;
  const type = kind.dtypes.includes(dtype) ? dtype : (kind.dtypes[0] ?? null);
  return {
    source,
    tensor,
    recipe: recipe.trim(),
    definitions,
    format: kind.format,
    dtype: type,
    unfit: keepUnfit && !tensor ? "keep" : "refuse",
    ...(calibration !== undefined && { calibration }),
  };
}

/** `model.int4_64_f16.safetensors`: what it is of, and what was done to it. */
export function suggestedName({ tensor, recipe, kind }: FileChoices, label: string): string {
  const stem = tensor?.name ?? label.replace(/\.(safetensors|gguf|npy|npz|pt|pth|bin|onnx)$/i, "");
  return `${fileName(`${stem}.${recipe}`)}.${kind.extension}`;
}
