/** Which tensor of another checkpoint stands for which of this one. */
import type { MatrixView } from "../../kernels/report/report.ts";
import { splitAddress } from "../layouts/address.ts";
import type { GivenTensor } from "../runs/target.ts";
import type { SourceInfo } from "../sources/info.ts";
import type { TensorInfo } from "../tensors/info.ts";
import { matrixShape } from "../tensors/shape.ts";
import { storedBitsPerWeight } from "../tensors/stored.ts";
import { commonName, isKey, rotaryOrder } from "./names.ts";

/** A partner, and how it came to be one. */
export interface Partner {
  tensor: TensorInfo;
  /** For the person: "same name", "usual renaming". */
  how: string;
  given: GivenTensor;
  /** What the reader must know: transposed, rows reordered. */
  notes: string[];
}

/** Pairs that are found when they are asked for: a checkpoint may have half a million tensors. */
export interface Pairing {
  /** The other checkpoint's tensor for this one of the first, read as this one is; null where there is none. */
  partner(tensor: TensorInfo): Partner | null;
}

/** The tensors of a checkpoint by common name; names that several share stand for none. */
function byCommonName(tensors: readonly TensorInfo[]): Map<string, TensorInfo | null> {
  const index = new Map<string, TensorInfo | null>();
  for (const tensor of tensors) {
    const name = commonName(tensor.name);
    index.set(name, index.has(name) ? null : tensor);
  }
  return index;
}

/**
 * Pairs two checkpoints: by the same name, then by the usual renamings, then as the only tensors there are; by `chosen`
 * (names of the first to names of the other) before all. A partner has as many rows and columns as its tensor.
 */
export function pairTensors(
  source: SourceInfo,
  other: SourceInfo,
  chosen: Readonly<Record<string, string>> = {},
): Pairing {
  const usable = other.tensors.filter((t) => !t.problem);
  const byName = new Map(usable.map((t) => [t.name, t]));
  // Typed numbers, and files with one array, have no name worth comparing.
  const single = source.tensors.length === 1 && usable.length === 1 ? usable[0] : undefined;
  let common: Map<string, TensorInfo | null> | undefined;
  const renamed = (name: string) => {
    common ??= byCommonName(usable);
    return common.get(commonName(name));
  };
  const found = new Map<string, Partner | null>();
  const find = (tensor: TensorInfo): Partner | null => {
    // A weight that is read otherwise than usual has the partner of its plain name.
    const name = splitAddress(tensor.name)?.name ?? tensor.name;
    const byHand = [tensor.name, name].find((n) => Object.hasOwn(chosen, n));
    const read = (candidate: TensorInfo | null | undefined, how: string) =>
      candidate ? readAs(source, tensor, other, candidate, how) : null;
    if (byHand !== undefined) return read(byName.get(chosen[byHand]), "chosen by hand");
    return (
      read(byName.get(name), "same name") ??
      read(renamed(name), "usual renaming") ??
      read(single, "the only tensors there are")
    );
  };
  return {
    partner(tensor) {
      const { split, transpose } = tensor.view;
      const key = JSON.stringify([tensor.name, split, transpose]);
      let partner = found.get(key);
      if (partner === undefined) {
        partner = find(tensor);
        found.set(key, partner);
      }
      return partner;
    },
  };
}

/** The candidate read so that it has this tensor's rows and columns; null where it cannot. */
function readAs(
  source: SourceInfo,
  tensor: TensorInfo,
  other: SourceInfo,
  candidate: TensorInfo,
  how: string,
): Partner | null {
  if (tensor.problem || candidate.elements !== tensor.elements || tensor.elements === 0) return null;
  const own = matrixShape(tensor.name, tensor.shape, tensor.view);
  const fits = (view: MatrixView) => {
    const theirs = matrixShape(candidate.name, candidate.shape, view);
    return own.rows === theirs.rows && own.cols === theirs.cols;
  };
  const alike = candidate.shape.join() === tensor.shape.join();
  const usual = candidate.view;
  const turned = { ...usual, transpose: !usual.transpose };
  // Arrays of one shape are read alike, whatever reading was chosen.
  const view = (alike ? [tensor.view] : [usual, turned]).find(fits);
  if (!view) return null;
  const notes: string[] = [];
  if (view === turned) notes.push(`${candidate.name} is stored transposed and was turned`);
  const heads = rotaryHeads(source, tensor, other, candidate);
  if (heads === "unknown") {
    notes.push(
      `${candidate.name} may hold the rows of each head in another order (rotary pairs against halves); the files do not tell one number of heads`,
    );
  }
  if (heads === "turned") {
    notes.push(
      `${candidate.name} holds the rows of each head in another order; they are not put back while the tensor is read transposed`,
    );
  }
  const rows = typeof heads === "object" ? heads : null;
  if (rows) notes.push(`${candidate.name} holds the rows of each head in another order; they were put back`);
  const stored = storedBits(candidate);
  return {
    tensor: candidate,
    how,
    notes,
    given: { source: other.id, tensor: candidate.name, view, ...stored, ...(rows && { rows }) },
  };
}

/** Bits a weight as the file holds them. */
function storedBits(tensor: TensorInfo): { bitsPerWeight: number; what: string } {
  return { bitsPerWeight: storedBitsPerWeight(tensor), what: `given as ${tensor.stored?.kind.layout ?? tensor.dtype}` };
}

/**
 * Architectures whose heads llama.cpp's converter puts into pairs (`LlamaModel.permute`), as GGUF names them. Others keep
 * transformers' order.
 */
const inPairs = new Set("llama arcee arctic deci granite granitemoe minicpm olmo smollm3".split(" "));

/**
 * How rows of heads must be reordered; null where they need not; "unknown" where no file tells the number of heads,
 * "turned" where the heads are columns, as the tensor is read.
 */
function rotaryHeads(
  source: SourceInfo,
  tensor: TensorInfo,
  other: SourceInfo,
  candidate: TensorInfo,
): NonNullable<GivenTensor["rows"]> | "unknown" | "turned" | null {
  // The name, without the reading of a quantized weight behind it.
  const name = splitAddress(tensor.name)?.name ?? tensor.name;
  const [own, theirs] = [rotaryOrder(name), rotaryOrder(candidate.name)];
  if (!own || !theirs || own === theirs) return null;
  const architecture = [source, other].map((s) => s.metadata["general.architecture"]).find((a) => a !== undefined);
  if (architecture !== undefined && !inPairs.has(architecture)) return null;
  if (tensor.view.transpose) return "turned";
  const count =
    [source, other].map((s) => headCount(s.metadata, architecture ?? "llama", isKey(name))).find((n) => n !== null) ??
    null;
  const { rows } = matrixShape(tensor.name, tensor.shape, tensor.view);
  if (count === null || rows % (2 * count) !== 0) return "unknown";
  return { heads: count, from: theirs };
}

/** Heads of queries or keys; null where it is not said, or differs from layer to layer. */
function headCount(metadata: SourceInfo["metadata"], architecture: string, keys: boolean): number | null {
  const own = metadata[`${architecture}.attention.head_count`];
  // Where nothing is said of the keys, they have as many heads as the queries.
  const n = Number(keys ? (metadata[`${architecture}.attention.head_count_kv`] ?? own) : own);
  return Number.isInteger(n) && n > 0 ? n : null;
}
