import type { MatrixView } from "../../kernels/report/report.ts";
import type { StoredKind } from "../tensors/stored.ts";
import type { Tensor } from "../tensors/tensor.ts";
import type { Config } from "./config.ts";
import type { Decoding } from "./decoding.ts";
import type { Choices } from "./reading.ts";

/** A library's way to store a quantized weight in several tensors. To add one, write its file and name it in `layouts/index.ts`. */
export interface Layout {
  /** For people: "GPTQ". */
  name: string;
  /** Last parts (after the last dot) of the names of tensors that give the layout away, usually its codes. */
  anchors: readonly string[];
  /** Ends of such names, for weights whose parts' names go on from their own ("gate_up_proj_blocks"). */
  endings?: readonly string[];
  /**
   * Recognises a weight by one of its tensors, or gives null. Rejects with NotDecoded where the weight is of this layout
   * and cannot be decoded.
   */
  claim(anchor: Tensor, surroundings: Surroundings): Claim | null | Promise<Claim | null>;
}

/** What stands around a tensor. */
export interface Surroundings {
  /** Another tensor by name. */
  find(name: string): Tensor | undefined;
  config: Config;
  /** Metadata of the files. */
  metadata: Readonly<Record<string, string>>;
  signal?: AbortSignal;
}

/** One stored tensor and its use. */
export interface Part {
  /** "codes", "scales", "zero points" ... */
  role: string;
  tensor: Tensor;
  /** False for what belongs to the weight's surroundings (scales of activations): it counts for no bits of the weight. */
  counted?: boolean;
}

/** A weight recognised, and how to decode it. */
export interface Claim extends StoredKind {
  /** Name, shape and usual view of the weight. */
  name: string;
  shape: number[];
  view: MatrixView;
  /** The element format, as the notation names it. */
  element: string;
  parts: Part[];
  /** What the reader of the values must know. */
  notes: string[];
  decode(choices: Choices): Decoding;
}

/** Says why a weight is not decoded, in a sentence; its tensors are shown as stored. */
export class NotDecoded extends Error {
  override name = "NotDecoded";
}

/** Name of the module whose `part` this tensor is. */
export function moduleOf(tensor: Tensor, part: string): string {
  return tensor.info.name.slice(0, -part.length);
}

/** A part that must be there. Throws NotDecoded. */
export function needed(find: Surroundings["find"], name: string, role: string): Tensor {
  const tensor = find(name);
  if (!tensor) throw new NotDecoded(`its ${role}, ${name}, ${/[sa]$/.test(role) ? "are" : "is"} missing`);
  return plain(tensor);
}

/** The tensor if its bytes can be read, whole ones for each element. Throws NotDecoded. */
export function plain(tensor: Tensor): Tensor {
  if (tensor.info.problem !== undefined) throw new NotDecoded(`${tensor.info.name} cannot be read`);
  if (!tensor.stored) throw new NotDecoded(`${tensor.info.name} is not stored as plain bytes`);
  const { bits } = tensor.stored.dtype;
  if (bits % 8 !== 0) throw new NotDecoded(`elements of ${tensor.info.name} take ${bits} bits, not whole bytes`);
  return tensor;
}

/** Throws NotDecoded unless the tensor is of 32-bit words, which hold several codes each. */
export function expectWords({ info: { name, dtype } }: Tensor): void {
  if (dtype !== "I32") throw new NotDecoded(`${name} is ${dtype}, where codes are packed in I32`);
}

/** Throws NotDecoded unless the tensor has that shape. */
export function expectShape(tensor: Tensor, shape: readonly number[], why: string): void {
  const { shape: found, name } = tensor.info;
  if (found.length === shape.length && found.every((n, i) => n === shape[i])) return;
  throw new NotDecoded(`${name} is [${found.join(", ")}], where ${why} asks for [${shape.join(", ")}]`);
}

/** A matrix, or matrices stacked in the leading dimensions. Throws NotDecoded for fewer than two dimensions. */
export function stacked(tensor: Tensor): { lead: number[]; rows: number; cols: number } {
  const { shape, name } = tensor.info;
  if (shape.length < 2) throw new NotDecoded(`${name} is [${shape.join(", ")}], not a matrix`);
  return {
    lead: shape.slice(0, -2),
    rows: shape.slice(0, -1).reduce((a, b) => a * b, 1),
    cols: shape[shape.length - 1],
  };
}

/** Weights of several experts are stacked; each has its own outputs. */
export function weightView(shape: readonly number[]): MatrixView {
  return { split: Math.max(1, shape.length - 1), transpose: false };
}

/** The notation's name of the format that a tensor of scales is stored in, as a suffix of a recipe: `:f16`, or nothing for float32. */
export function scaleFormat(dtype: string): string {
  const names: Record<string, string> = { F16: ":f16", BF16: ":bf16", F8_E8M0: ":e8m0", U8: ":e8m0", F8_E4M3: ":e4m3" };
  return names[dtype] ?? "";
}
