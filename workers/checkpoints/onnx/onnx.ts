import type { ByteSource } from "../../sources/byte-source.ts";
import { brokenTensor, type Tensor } from "../../tensors/tensor.ts";
import type { Checkpoint, CheckpointContext, CheckpointKind } from "../checkpoint.ts";
import { companionFinder, type FindCompanion } from "../companions.ts";
import { type FoundTensor, readModel } from "./graph.ts";
import { protoTensor } from "./tensor-proto.ts";
import { onnxView, Uses } from "./uses.ts";
import { Wire } from "./wire.ts";

/** ONNX models, of any size: the messages are walked over, tensors are read by range from the model or its data files. */
export const onnx: CheckpointKind = {
  kind: "onnx",
  describe: "ONNX",
  match: ({ head, file }) => looksLikeModel(head, file.size),
  open: openOnnx,
};

/** Fields of ModelProto with their wire types, for telling a model from other files. */
const MODEL_FIELDS: Record<number, number> = { 1: 0, 2: 2, 3: 2, 4: 2, 5: 0, 6: 2, 7: 2, 8: 2, 14: 2, 20: 2, 25: 2 };
const GRAPH = 7;

/**
 * Protobuf has no magic number. A model begins with its version of the format, a small number, and goes on with fields that
 * models have, up to the graph: long names before it that fill the head are not told apart from another file.
 */
function looksLikeModel(head: Uint8Array, size: number): boolean {
  if (head[0] !== 0x08 || head[1] === 0 || head[1] >= 64) return false;
  for (let at = 2; at < head.length; ) {
    const key = head[at++];
    const number = key >> 3;
    // Numbers above 15 take two bytes and come after the graph.
    if (key >= 128 || MODEL_FIELDS[number] !== (key & 7)) return false;
    if (number === GRAPH) return size > at;
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      if (at >= head.length || scale > 2 ** 49) return false;
      value += (head[at] & 127) * scale;
      if (head[at++] < 128) break;
    }
    if ((key & 7) === 2) at += value;
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
  const names = namesOf(found);
  const tensors: Tensor[] = [];
  for (const [i, { name, proto, refusal }] of found.entries()) {
    const view = onnxView(name, proto.shape, roles);
    const tensor = await protoTensor(file, { proto, name: names[i], view }, find);
    tensors.push(refusal ? brokenTensor(tensor.info, `${file.name}: tensor "${names[i]}" ${refusal}.`) : tensor);
  }
  const notes: string[] = [];
  if (singles > 0) notes.push(`${file.name}: left out ${singles} constants of a single number.`);
  if (!hasOpsets)
    notes.push(`${file.name}: the ONNX model names no opset behind its graph. It may have been cut off there.`);
  if (tensors.length === 0) notes.push(`${file.name} has no tensors in it.`);
  return { kind: "onnx", tensors, files: [file, ...used], notes, metadata };
}

/** Names as in the graph; where several graphs use one, all but the first are given with their path, or a number. */
function namesOf(found: readonly FoundTensor[]): string[] {
  const used = new Set<string>();
  return found.map(({ name, path }) => {
    const own = name === "" ? "(unnamed)" : name;
    let unique = used.has(own) && path !== "" ? `${path}/${own}` : own;
    for (let n = 2; used.has(unique); n++) unique = `${own} (${n})`;
    used.add(unique);
    return unique;
  });
}
