/** What the page and the command line are told of a quantized weight. Plain data. */
import type { TensorInfo } from "./info.ts";

/** One stored tensor of a weight. */
export interface StoredPart {
  /** "codes", "scales", "zero points" ... */
  role: string;
  /** It can be opened under this name; words full of codes are shown unpacked. `bytes` is what it takes in the file. */
  info: TensorInfo;
  /** As it is stored. */
  dtype: string;
  shape: number[];
  /** Its bits over the weight's elements; 0 for what is not the weight's own, such as a scale of inputs. */
  bitsPerWeight: number;
}

/** A question that a checkpoint leaves open: nibble order, the sense of a scale ... */
export interface Reading {
  id: string;
  label: string;
  options: { id: string; label: string }[];
  /** The option that the layout's library means. */
  usual: string;
}

/** What weights stored alike have in common: one object for all of them, so that a list of many stays small. */
export interface StoredKind {
  /** "GPTQ", "compressed-tensors NVFP4" ... */
  layout: string;
  /** A sentence. */
  describe: string;
  /** What says so, a file for example; null where it was told from names and shapes alone. */
  source: string | null;
  readings: readonly Reading[];
  /** The quantizer that makes such codes, in the notation; null where it has no words for it. */
  recipe: string | null;
  /** What the recipe does not say. */
  recipeNote: string | null;
  /** What speaks against this reading, a field of the configuration for example, in a sentence without its point. */
  doubt?: string | null;
}

export interface StoredAs {
  kind: StoredKind;
  /** All that is stored of it, over its elements. */
  bitsPerWeight: number;
  parts: StoredPart[];
}

/** Bytes of its file that hold a tensor; what it takes in float32 where it has none. */
export function storedBytes({ bytes, stored, elements }: TensorInfo): number {
  if (bytes) return bytes.end - bytes.begin;
  return stored ? Math.ceil((stored.bitsPerWeight * elements) / 8) : 4 * elements;
}

/** Bits a weight as the file holds them. */
export function storedBitsPerWeight(info: TensorInfo): number {
  return info.stored?.bitsPerWeight ?? (8 * storedBytes(info)) / info.elements;
}
