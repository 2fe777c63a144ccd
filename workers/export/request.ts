/** What a person may ask to have written, and what is said of it before and after. */
import type { MatrixView } from "../../kernels/report/report.ts";
import type { FloatDtype } from "./floats.ts";

export type { FloatDtype };

export const fileFormats = ["safetensors", "compressed-tensors", "gguf", "npy"] as const;
export type FileFormat = (typeof fileFormats)[number];

export interface FileRequest {
  source: string;
  /** One tensor in a reading of its own, or `null` for all of them in their usual ones. */
  tensor: { name: string; view: MatrixView } | null;
  /** A recipe or, for all tensors, perhaps a model recipe. */
  recipe: string;
  definitions: string[];
  format: FileFormat;
  /**
   * The type of results, and of kept values that the format cannot hold as they are; `null` is F32. In GGUF `null` asks
   * for ggml's own blocks, and another type for the results of any recipe.
   */
  dtype: FloatDtype | null;
  /** What becomes of tensors that the recipe or the format does not fit: nothing is written, or they stay as they are. */
  unfit: "refuse" | "keep";
  /** What is known of the inputs of the weights: the name of an open calibration. Absent: nothing. */
  calibration?: string;
}

/** What will be written. */
export interface FilePlan {
  bytes: number;
  /** Tensors that go through a recipe, and those that stay as they are. */
  quantized: number;
  kept: number;
  /** 8 * bytes over the number of elements, header included. */
  bitsPerWeight: number;
  /** Bytes at the peak of writing it, apart from where it goes. */
  memory: number;
  /** The recipe in its canonical form. */
  recipe: string;
  notes: string[];
  /** A config.json with the quantization_config that has to lie beside the file; `null` where none is needed. */
  config: string | null;
}

/** What was written. */
export interface FileDone {
  bytes: number;
  /** What came up on the way, such as values beyond a type's range. */
  notes: string[];
  /** What is to be downloaded; `null` where it was written to its place. */
  file: Blob | null;
}
