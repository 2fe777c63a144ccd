import { bitsPerWeight, type GgmlType, ggmlTypes } from "../../../kernels/ggml/index.ts";
import type { MatrixView } from "../../../kernels/report/report.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { blockTensor } from "../../tensors/blocks.ts";
import { findDtype } from "../../tensors/decode.ts";
import type { TensorInfo } from "../../tensors/info.ts";
import { countElements } from "../../tensors/shape.ts";
import { brokenTensor, defaultView, storedTensor, type Tensor } from "../../tensors/tensor.ts";
import type { Checkpoint, CheckpointContext, CheckpointKind } from "../checkpoint.ts";
import { type GgufEntry, isGguf } from "./header.ts";
import { scaledTensor, scaleName } from "./scale.ts";
import { type GgufPart, readParts } from "./split.ts";

/** The format of llama.cpp and others: one file, or the numbered parts of one. Opening reads the headers only. */
export const gguf: CheckpointKind = {
  kind: "gguf",
  describe: "GGUF",
  match: ({ head }) => isGguf(head),
  open: openGguf,
};

async function openGguf(context: CheckpointContext): Promise<Checkpoint> {
  const { parts, files, notes } = await readParts(context);
  const entries = allEntries(parts);
  const plain = entries.map(({ entry, file, littleEndian }) => tensorOf(entry, file, littleEndian));
  const tensors = withScales(plain);
  const metadata = metadataOf(parts);
  const { "general.license": licence, "general.author": author, "general.organization": organization } = metadata;
  const from = metadata["general.source.url"] ?? metadata["general.url"] ?? "";
  return {
    kind: "gguf",
    tensors,
    files,
    notes: [...notes, ...parts.flatMap(({ header }) => header.notes), ...storageNotes(context.file.name, entries)],
    metadata,
    ...(licence && { licence: { name: licence, holder: author ?? organization ?? "", from } }),
  };
}

/** The first part has the model's metadata; what the others say of themselves, such as their number, does not replace it. */
function metadataOf(parts: readonly GgufPart[]): Record<string, string> {
  const texts = new Map<string, string>();
  for (const { header } of parts) {
    for (const [key, { text }] of header.metadata) if (!texts.has(key)) texts.set(key, text);
  }
  return Object.fromEntries(texts);
}

interface PlacedEntry {
  entry: GgufEntry;
  file: ByteSource;
  littleEndian: boolean;
}

/** The tensors of all parts. Of a name that occurs twice one is kept, to say so: nobody knows which is meant. */
function allEntries(parts: readonly GgufPart[]): PlacedEntry[] {
  const byName = new Map<string, PlacedEntry>();
  for (const { file, header } of parts) {
    for (const entry of header.entries) {
      const first = byName.get(entry.name);
      if (!first) byName.set(entry.name, { entry, file, littleEndian: header.littleEndian });
      else if (first.file === file)
        first.entry.problem = `${file.name}: tensor "${entry.name}" is in the header twice.`;
      else first.entry.problem = `${file.name}: tensor "${entry.name}" is in ${first.file.name} too.`;
    }
  }
  return [...byName.values()];
}

/** What is told of a tensor's blocks. One text a type: a model may have a hundred thousand tensors. */
const storedAs: ReadonlyMap<GgmlType, string> = new Map(
  ggmlTypes.map((type) => [type, `Decoded from ${type.name}, ${bitsPerWeight(type)} bits a weight as stored`]),
);

function tensorOf(entry: GgufEntry, file: ByteSource, littleEndian: boolean): Tensor {
  const { name, dtype, type, shape, begin, end, problem } = entry;
  const info: TensorInfo = { name, dtype, shape, elements: countElements(shape), view: viewOf(name, shape) };
  if (problem || !type) {
    const bytes = end > begin ? { file: file.name, begin, end } : undefined;
    return brokenTensor({ ...info, ...(bytes && { bytes }) }, problem ?? `${name} cannot be decoded.`);
  }
  if (type.decode) {
    const tensor = blockTensor(info, { source: file, type, begin, littleEndian });
    tensor.notes.push(storedAs.get(type)!);
    return tensor;
  }
  return storedTensor(info, { source: file, dtype: findDtype(type.name)!, begin, littleEndian });
}

/** NVFP4 weights are multiplied by the scale of the whole tensor where there is one. */
function withScales(tensors: Tensor[]): Tensor[] {
  const scales = new Map(tensors.filter(({ info }) => info.name.endsWith(".scale")).map((t) => [t.info.name, t]));
  if (scales.size === 0) return tensors;
  return tensors.map((tensor) => {
    const { name, dtype, problem } = tensor.info;
    const scale = dtype === "NVFP4" && !problem ? scales.get(scaleName(name) ?? "") : undefined;
    return scale ? scaledTensor(tensor, scale) : tensor;
  });
}

/** Weights of all experts are stacked as [experts, out, in], and every expert has its own outputs. */
function viewOf(name: string, shape: readonly number[]): MatrixView {
  if (shape.length === 3 && /_exps\.\w+$/.test(name)) return { split: 2, transpose: false };
  return defaultView(shape);
}

/** What the weights take as stored, over all and by type. */
function storageNotes(file: string, entries: readonly PlacedEntry[]): string[] {
  if (entries.length === 0)
    return [`${file} has metadata only, as files of a vocabulary do: there is no tensor in it.`];
  const types = new Map<GgmlType, { tensors: number; elements: number }>();
  let bits = 0;
  let elements = 0;
  for (const { entry } of entries) {
    if (entry.problem || !entry.type) continue;
    const count = countElements(entry.shape);
    const sum = types.get(entry.type) ?? { tensors: 0, elements: 0 };
    types.set(entry.type, { tensors: sum.tensors + 1, elements: sum.elements + count });
    bits += 8 * (entry.end - entry.begin);
    elements += count;
  }
  if (elements === 0) return [];
  const listed = [...types]
    .sort(([, a], [, b]) => b.elements - a.elements)
    .map(([type, { tensors }]) => `${tensors} as ${type.name} (${bitsPerWeight(type)} bits)`);
  return [`Stored with ${(bits / elements).toFixed(2)} bits a weight on average. Tensors: ${listed.join(", ")}.`];
}
