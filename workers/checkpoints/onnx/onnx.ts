import type { ByteSource } from "../../bytes/byte-source.ts";
import type { Tensor } from "../../tensors/tensor.ts";
import type { Checkpoint, CheckpointContext, CheckpointKind } from "../checkpoint.ts";
import { companionFinder, type FindCompanion } from "../companions.ts";
import { type FoundTensor, readModel } from "./graph.ts";
import { sparseTensor } from "./sparse.ts";
import { protoTensor } from "./tensor-proto.ts";
import { onnxView, Uses } from "./uses.ts";
import { BYTES, VARINT, Wire } from "./wire.ts";

/** ONNX models, of any size: the messages are walked over, tensors are read by range from the model or its data files. */
export const onnx: CheckpointKind = {
  kind: "onnx",
  describe: "ONNX",
  match: looksLikeModel,
  open: openOnnx,
};

/** Fields of ModelProto up to 15 and their wire types, for telling a model from other files. */
const MODEL_FIELDS: Record<number, number> = {
  ...{ 1: VARINT, 2: BYTES, 3: BYTES, 4: BYTES, 5: VARINT, 6: BYTES, 7: BYTES, 8: BYTES, 14: BYTES },
};
/** Fields before the graph: writers put it behind the few with smaller numbers, or at worst at the end. */
const MAX_BEFORE = 64;
const GRAPH = 7;
/** Bytes of a key of these fields and the longest length or number after it. */
const KEY = 11;

/**
 * Protobuf has no magic number. A model begins with its version of the format, a small number, and goes on with fields that
 * models have up to the graph. A long description before it is stepped over.
 */
async function looksLikeModel({ head, file, signal }: CheckpointContext): Promise<boolean> {
  if (head[0] !== 0x08 || head[1] === 0 || head[1] >= 64) return false;
  for (let at = 2, fields = 0; at < file.size && fields < MAX_BEFORE; fields++) {
    const end = Math.min(at + KEY, file.size);
    const bytes = end <= head.length ? head.subarray(at, end) : await file.slice(at, end, signal);
    const number = bytes[0] >> 3;
    const wire = bytes[0] & 7;
    if (bytes[0] >= 128 || MODEL_FIELDS[number] !== wire) return false;
    if (number === GRAPH) return true;
    const length = bytes.subarray(1).findIndex((byte) => byte < 128) + 1;
    if (length === 0) return false;
    let value = 0;
    for (let i = length; i >= 1; i--) value = value * 128 + (bytes[i] & 127);
    at += 1 + length + (wire === BYTES ? value : 0);
  }
  return false;
}

async function openOnnx(context: CheckpointContext): Promise<Checkpoint> {
  const { file, signal } = context;
  const uses = new Uses();
  const { tensors: found, metadata, singles, hasOpsets } = await readModel(new Wire(file, signal), uses);
  const roles = uses.roles();
  const companions = companionFinder(context);
  const used = new Set<ByteSource>();
  const find: FindCompanion = async (path) => {
    const companion = await companions(path);
    if (companion) used.add(companion);
    return companion;
  };
  const scales = scalesAmong(singles, uses);
  const listed = [...found, ...scales];
  const names = namesOf(listed);
  const tensors: Tensor[] = [];
  for (const [i, { name, proto, sparse }] of listed.entries()) {
    const view = onnxView(name, proto.shape, roles);
    const tensor = await protoTensor(file, { proto, name: names[i], view }, find);
    if (!sparse) tensors.push(tensor);
    else {
      const indices =
        sparse.indices && (await protoTensor(file, { proto: sparse.indices, name: "indices", view }, find));
      tensors.push(sparseTensor(file.name, tensor, indices, sparse.dims));
    }
  }
  tellOfCodes(tensors, listed, names, uses);
  const notes: string[] = [];
  const left = singles.length - scales.length;
  if (left > 0) notes.push(`${file.name}: left out ${left} constants of a single number.`);
  if (!hasOpsets)
    notes.push(`${file.name}: the ONNX model names no opset behind its graph. It may have been cut off there.`);
  if (tensors.length === 0) notes.push(`${file.name} has no tensors in it.`);
  return { kind: "onnx", tensors, files: [file, ...used], notes, metadata };
}

/** Constants of one number that are the scale or zero point of a weight. */
function scalesAmong(singles: readonly FoundTensor[], uses: Uses): FoundTensor[] {
  const wanted = new Set<string>();
  for (const { path, how } of uses.quantized.values())
    for (const name of [how.scales, how.zeros]) if (name !== null) wanted.add(`${path}\0${name}`).add(`\0${name}`);
  return singles.filter(({ path, name }) => wanted.has(`${path}\0${name}`));
}

/** Says of tensors of codes how the graph decodes them, or that an operator reads codes of them. */
function tellOfCodes(
  tensors: readonly Tensor[],
  listed: readonly FoundTensor[],
  names: readonly string[],
  uses: Uses,
): void {
  const places = new Map<string, string>();
  for (const [i, { path, name }] of listed.entries()) {
    if (!places.has(`${path}\0${name}`)) places.set(`${path}\0${name}`, names[i]);
  }
  // A graph inside of another sees the names around it.
  const placeOf = (path: string, name: string | null): string | null =>
    name === null ? null : (places.get(`${path}\0${name}`) ?? places.get(`\0${name}`) ?? name);
  const byName = new Map(tensors.map((tensor) => [tensor.info.name, tensor]));
  for (const { path, codes, how } of uses.quantized.values()) {
    const tensor = byName.get(placeOf(path, codes) ?? "");
    if (!tensor || tensor.dequantized) continue;
    const parts = { scales: placeOf(path, how.scales)!, zeros: placeOf(path, how.zeros) };
    tensor.dequantized =
      how.kind === "nbits" ? { ...how, ...parts, groups: placeOf(path, how.groups) } : { ...how, ...parts };
  }
  const parts = new Set(tensors.flatMap(({ dequantized: how }) => (how ? [how.scales, how.zeros] : [])));
  for (const tensor of tensors) {
    const { dtype, elements, problem, name } = tensor.info;
    const reader = parts.has(name) ? undefined : uses.read.get(name);
    if (
      tensor.dequantized ||
      reader === undefined ||
      problem !== undefined ||
      elements < 2 ||
      !/^[IU](?:2|4|8|16|32)$|^F[48]/.test(dtype)
    )
      continue;
    const text = `${dtype} codes as they are stored, not the weight's values: ${reader} reads them, and no layout known here decodes it`;
    tensor.info.warning = text;
    tensor.notes.push(text);
  }
}

/** Names as in the graph; where several graphs use one, all but the first are given with their path, or a number. */
function namesOf(found: readonly FoundTensor[]): string[] {
  const used = new Set<string>();
  /** The number tried last for a name: counting from 2 each time would take hours where a million share one. */
  const numbers = new Map<string, number>();
  return found.map(({ name, path }) => {
    const own = name === "" ? "(unnamed)" : name;
    let unique = used.has(own) && path !== "" ? `${path}/${own}` : own;
    if (used.has(unique)) {
      let n = numbers.get(own) ?? 1;
      do unique = `${own} (${++n})`;
      while (used.has(unique));
      numbers.set(own, n);
    }
    used.add(unique);
    return unique;
  });
}
