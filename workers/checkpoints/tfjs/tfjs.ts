import type { ByteSource } from "../../bytes/byte-source.ts";
import { UserError } from "../../errors/user-error.ts";
import { bytesOf, type Dtype, findDtype } from "../../tensors/decode.ts";
import type { TensorInfo } from "../../tensors/info.ts";
import { countElements } from "../../tensors/shape.ts";
import { brokenTensor, defaultView, storedTensor, type Tensor } from "../../tensors/tensor.ts";
import type { Checkpoint, CheckpointContext, CheckpointKind } from "../checkpoint.ts";
import { companionFinder } from "../companions.ts";
import { type Json, type ParsedJson, parseJson } from "../json.ts";
import { MAX_MODEL_JSON } from "../limits.ts";
import { listed } from "../notes.ts";
import { readManifest, type Weight, type WeightGroup } from "./manifest.ts";
import { joinShards, type Shard, type Shards } from "./shards.ts";

/** Models of TensorFlow.js, of layers or graphs: a JSON file with a weights manifest, and the shards it names. */
export const tfjs: CheckpointKind = {
  kind: "tfjs",
  describe: "TensorFlow.js (model.json with its shards)",
  match({ head }) {
    const text = new TextDecoder().decode(head).trimStart();
    if (text.startsWith("{"))
      return /"(?:weightsManifest|modelTopology)"\s*:|"format"\s*:\s*"(?:layers|graph)-model"/.test(text);
    // The manifest alone, as older converters wrote it into a file of its own.
    return /^\[\s*\{\s*"(?:paths|weights)"\s*:/.test(text);
  },
  open: openTfjs,
};

/** Where a weight is among the bytes of its group; without `end` for a length that is not known. */
interface Place {
  weight: Weight;
  begin: number;
  end: number | null;
}

async function openTfjs(context: CheckpointContext): Promise<Checkpoint> {
  const { file, signal } = context;
  const { groups, metadata } = await readModelJson(file, signal);
  const find = companionFinder(context);
  const files = new Set<ByteSource>([file]);
  const missing: string[] = [];
  const notes: string[] = [];
  const tensors = new Map<string, Tensor>();
  for (const { paths, weights } of groups) {
    const shards: Shard[] = [];
    for (const path of paths) {
      const found = await find(path);
      if (found) files.add(found);
      else missing.push(path);
      shards.push({ path, file: found });
    }
    const places = placesOf(weights);
    const total = places.length === 0 ? 0 : places[places.length - 1].end;
    const joined = joinShards(file.name, shards, total ?? Number.POSITIVE_INFINITY);
    for (const place of places) {
      const { name } = place.weight;
      const first = tensors.get(name);
      if (first)
        tensors.set(name, brokenTensor(first.info, `${file.name}: weight "${name}" is in the manifest twice.`));
      else tensors.set(name, weightTensor(file.name, place, joined));
    }
    if (total !== null && total < joined.source.size && Number.isFinite(joined.source.size)) {
      notes.push(`${joined.source.name}: bytes ${total} to ${joined.source.size} at the end belong to no weight.`);
    }
  }
  if (missing.length > 0) notes.unshift(missingNote(file.name, missing));
  if (tensors.size > 0 && missing.length > 0 && files.size === 1)
    throw new UserError(`${file.name} describes weights that are in ${listed(missing)}. Open it together with them.`);
  return { kind: "tfjs", tensors: [...tensors.values()], files: [...files], notes, metadata };
}

async function readModelJson(
  file: ByteSource,
  signal?: AbortSignal,
): Promise<{ groups: WeightGroup[]; metadata: Record<string, string> }> {
  if (file.size > MAX_MODEL_JSON)
    throw new UserError(`${file.name}: a model.json of ${file.size} bytes is over the limit of ${MAX_MODEL_JSON}.`);
  let parsed: ParsedJson;
  try {
    parsed = parseJson(new TextDecoder("utf-8", { fatal: true }).decode(await file.slice(0, file.size, signal)));
  } catch (error) {
    if (error instanceof UserError) throw error;
    if (error instanceof SyntaxError) throw new UserError(`${file.name} is not valid JSON: ${error.message}.`);
    throw new UserError(`${file.name} is not UTF-8 text.`);
  }
  const { value } = parsed;
  if (!(value instanceof Map)) return { groups: readManifest(file.name, value), metadata: {} };
  if (!value.has("weightsManifest"))
    throw new UserError(`${file.name} describes a model without weights: there is no weightsManifest.`);
  const metadata: Record<string, string> = {};
  for (const key of ["format", "generatedBy", "convertedBy"]) {
    const text: Json | undefined = value.get(key);
    if (typeof text === "string") metadata[key] = text;
  }
  return { groups: readManifest(file.name, value.get("weightsManifest")), metadata };
}

/** Types of weights that are stored plainly, as TensorFlow.js lays them out. */
const plain: Record<string, string> = {
  float32: "F32",
  int32: "I32",
  bool: "BOOL",
  float16: "F16",
  uint8: "U8",
  uint16: "U16",
};

function dtypeOf({ dtype, quantization }: Weight): Dtype | undefined {
  const name = quantization?.dtype ?? dtype;
  return Object.hasOwn(plain, name) ? findDtype(plain[name]) : undefined;
}

function placesOf(weights: readonly Weight[]): Place[] {
  let at: number | null = 0;
  return weights.map((weight) => {
    const begin = at ?? Number.POSITIVE_INFINITY;
    const dtype = dtypeOf(weight);
    const elements = countElements(weight.shape);
    // Complex numbers have a length; texts do not, nor does a type that is not known.
    if (dtype) at = begin + bytesOf(dtype, elements);
    else at = weight.dtype === "complex64" && !weight.quantization ? begin + 8 * elements : null;
    return { weight, begin, end: at };
  });
}

function weightTensor(model: string, { weight, begin, end }: Place, { source, missing }: Shards): Tensor {
  const { name, shape, dtype: given, quantization } = weight;
  const dtype = dtypeOf(weight);
  const elements = countElements(shape);
  const info = { name, dtype: dtype?.name ?? given, shape, elements, view: defaultView(shape, "tensorflow") };
  const bad = (what: string) =>
    brokenTensor(
      Number.isSafeInteger(elements) ? info : { ...info, elements: 0 },
      `${model}: weight "${name}" ${what}.`,
    );
  if (!Number.isSafeInteger(elements)) return bad(`has more elements than can be counted: shape [${shape.join(", ")}]`);
  if (weight.problem) return bad(weight.problem);
  if (given === "string") return bad("holds texts, not numbers");
  if (given === "complex64") return bad("holds complex numbers, which no number format here quantizes");
  if (!dtype) return bad(`has the unknown dtype "${quantization?.dtype ?? given}"`);
  if (!Number.isSafeInteger(begin) || end === null) return bad("comes after one whose length is not known");
  const absent = missing(begin, Math.max(end, begin + 1));
  if (absent !== undefined && end > begin)
    return bad(`is in or after the shard ${absent}, which is not among the files given`);
  if (end > source.size)
    return bad(
      `should take bytes ${begin} to ${end} of its shards, but they end at byte ${source.size}. One was cut off`,
    );
  const stored = storedTensor(info, { source, dtype, begin, littleEndian: true });
  return quantization ? dequantized(stored, weight, dtype) : stored;
}

/** value = code * scale + min in float64, rounded to float32 once, as TensorFlow.js does; integers are rounded first. */
function dequantized(stored: Tensor, { dtype, quantization }: Weight, codes: Dtype): Tensor {
  const { scale, min } = quantization!;
  const rule = codes.name === "F16" ? "" : `: code * ${scale} + ${min}`;
  const info: TensorInfo = stored.info;
  return {
    info,
    notes: [`Decoded from ${quantization!.dtype}${rule}; ${codes.bits} bits a weight as stored`, ...stored.notes],
    async read(begin, end, signal) {
      const values = await stored.read(begin, end, signal);
      if (codes.name === "F16") return values;
      for (let i = 0; i < values.length; i++) {
        const value = values[i] * scale + min;
        values[i] = dtype === "int32" ? Math.round(value) : value;
      }
      return values;
    },
  };
}

function missingNote(model: string, missing: readonly string[]): string {
  return `${model}: ${listed(missing)} ${missing.length === 1 ? "is" : "are"} not among the files given.`;
}
