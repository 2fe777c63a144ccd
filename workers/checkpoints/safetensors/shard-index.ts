import { mapAtOnce } from "../../bytes/at-once.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { UserError } from "../../errors/user-error.ts";
import type { TensorInfo } from "../../tensors/info.ts";
import { brokenTensor, type Tensor } from "../../tensors/tensor.ts";
import { type Checkpoint, type CheckpointContext, type CheckpointKind, HEAD_BYTES, MAX_FILES } from "../checkpoint.ts";
import { type Json, type ParsedJson, parseJson } from "../json.ts";
import { firstNotes, listed } from "../notes.ts";
import { looksLikeSafetensors, openSafetensors } from "./safetensors.ts";

const MAX_INDEX_BYTES = 100_000_000;

/** A sharded checkpoint: a JSON index whose `weight_map` says which file holds each tensor, and those files. */
export const safetensorsIndex: CheckpointKind = {
  kind: "safetensors shards",
  describe: "shards of safetensors or PyTorch with their index",
  match({ file, head }) {
    const text = new TextDecoder().decode(head);
    // Writers put `weight_map` after a short `metadata`, so it is among the first bytes.
    return text.trimStart().startsWith("{") && text.includes('"weight_map"') && file.size > 0;
  },
  open: openIndex,
};

/** Headers of shards that are read at a time: enough to hide the way to a server. */
const AT_ONCE = 8;

async function openIndex({ file, files, beside, signal }: CheckpointContext) {
  const places = await readWeightMap(file, signal);
  const folder = file.name.slice(0, file.name.lastIndexOf("/") + 1);
  const names = [...new Set(places.values())];
  if (names.length > MAX_FILES) {
    throw new UserError(`${file.name} lists ${names.length} files; up to ${MAX_FILES} are opened.`);
  }
  const broken = new Map<string, string>();
  const given = (name: string) =>
    files.find((f) => f.name === folder + name) ?? files.find((f) => f.name.endsWith(`/${name}`) || f.name === name);
  const shards = new Map<string, ByteSource>();
  const opened = await mapAtOnce(names, AT_ONCE, async (name) => {
    try {
      const shard = given(name) ?? (await beside?.(name));
      if (!shard) return null;
      shards.set(name, shard);
      return { name, checkpoint: await openShard({ file: shard, files, signal }) };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      broken.set(name, error.message);
      return null;
    }
  });
  if (shards.size + broken.size === 0) {
    throw new UserError(
      `${file.name} is the index of ${names.length} files, such as ${names[0]}. Open it together with them.`,
    );
  }
  const notes: string[] = [];
  const metadata: Record<string, string> = {};
  const found = new Map<string, Tensor>();
  for (const shard of opened) {
    if (!shard) continue;
    notes.push(...shard.checkpoint.notes);
    Object.assign(metadata, shard.checkpoint.metadata);
    addShard(shard.name, shard.checkpoint.tensors, places, found, notes);
  }
  notes.push(...broken.values());
  const missing = new Set<string>();
  const tensors = [...places].map(([tensor, shard]) => {
    const known = found.get(tensor);
    if (known) return known;
    if (!shards.has(shard) && !broken.has(shard)) missing.add(shard);
    return brokenTensor(unknownInfo(tensor), reason(file.name, tensor, shard, shards.has(shard), broken.get(shard)));
  });
  for (const [name, tensor] of found) if (!places.has(name)) tensors.push(tensor);
  if (missing.size > 0) {
    const are = missing.size === 1 ? "is" : "are";
    notes.push(`${file.name}: ${listed([...missing])} ${are} not among the files given.`);
  }
  const kinds = [...new Set(opened.flatMap((shard) => shard?.checkpoint.kind ?? []))];
  const kind = kinds.join(", ") || "safetensors";
  return { kind, tensors, files: [file, ...shards.values()], notes, metadata };
}

/** A shard by what it is: older repositories index PyTorch's files in the same way. */
async function openShard(shard: Omit<CheckpointContext, "head">): Promise<Checkpoint> {
  const { file, signal } = shard;
  const head = await file.slice(0, Math.min(HEAD_BYTES, file.size), signal);
  if (!looksLikeSafetensors(head)) {
    const { pytorch } = await import("../pytorch/pytorch.ts");
    if (await pytorch.match({ ...shard, head })) return pytorch.open({ ...shard, head });
  }
  return openSafetensors(file, signal);
}

/** Takes over a shard's tensors; what contradicts the index is told. */
function addShard(
  shard: string,
  tensors: Tensor[],
  places: Map<string, string>,
  found: Map<string, Tensor>,
  notes: string[],
): void {
  const against: string[] = [];
  for (const tensor of tensors) {
    const { name } = tensor.info;
    const place = places.get(name);
    if (place === undefined) against.push(`${shard}: tensor "${name}" is not in the index.`);
    else if (place !== shard) {
      against.push(`${shard}: tensor "${name}" is here too, though the index places it in ${place}.`);
      continue;
    }
    found.set(name, tensor);
  }
  notes.push(...firstNotes(against, (n) => `${shard}: ${n} more tensors are not as the index says.`));
}

function reason(index: string, tensor: string, shard: string, given: boolean, problem: string | undefined): string {
  if (problem) return problem;
  if (given) return `${index}: tensor "${tensor}" should be in ${shard}, but that file does not have it.`;
  return `${index}: tensor "${tensor}" is in ${shard}, which is not among the files given. Open it together with the index.`;
}

/** The info of a tensor of which only the name is known. */
function unknownInfo(name: string): TensorInfo {
  return { name, dtype: "?", shape: [], elements: 0, view: { split: 0, transpose: false } };
}

async function readWeightMap(file: ByteSource, signal?: AbortSignal): Promise<Map<string, string>> {
  if (file.size > MAX_INDEX_BYTES)
    throw new UserError(`${file.name}: an index of ${file.size} bytes is over the limit of ${MAX_INDEX_BYTES}.`);
  let parsed: ParsedJson;
  try {
    parsed = parseJson(new TextDecoder("utf-8", { fatal: true }).decode(await file.slice(0, file.size, signal)));
  } catch (error) {
    if (error instanceof UserError) throw error;
    if (error instanceof SyntaxError)
      throw new UserError(`${file.name}: the index is not valid JSON: ${error.message}.`);
    throw new UserError(`${file.name}: the index is not UTF-8 text.`);
  }
  const map: Json | undefined = parsed.value instanceof Map ? parsed.value.get("weight_map") : undefined;
  if (!(map instanceof Map)) throw new UserError(`${file.name}: the index has no object "weight_map".`);
  const twice = parsed.duplicates.find(([first, second]) => first === "weight_map" && second !== undefined);
  if (twice) throw new UserError(`${file.name}: the index places tensor "${twice[1]}" twice.`);
  for (const [tensor, shard] of map) {
    if (typeof shard !== "string")
      throw new UserError(`${file.name}: the index gives no file name for tensor "${tensor}".`);
  }
  if (map.size === 0) throw new UserError(`${file.name}: the index lists no tensors.`);
  return map as Map<string, string>;
}
