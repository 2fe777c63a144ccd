import { type Json, parseJson } from "../../checkpoints/json.ts";
import type { Tensor } from "../../tensors/tensor.ts";
import { elementBytes } from "../bytes.ts";
import { NotDecoded, plain, type Surroundings } from "../layout.ts";
import { comfyFormats, comfyMarks } from "../spellings.ts";

/** What ComfyUI says of one weight: by a tensor of JSON beside it, or in the file's metadata for all layers. */
export interface ComfyMark {
  format: (typeof comfyFormats)[string];
  name: string;
  /** The tensor that says so, which is a part of the weight. */
  tensor: Tensor | null;
  /** Whether the weight was rotated before it was quantized. */
  rotated: boolean;
}

/** A mark is a line of JSON. */
const MAX_BYTES = 65_536;

/** The mark of a module (its name with the dot at the end), or null. Rejects with NotDecoded for a format that is not known. */
export async function comfyMark(module: string, { find, metadata, signal }: Surroundings): Promise<ComfyMark | null> {
  const tensor = find(module + comfyMarks.tensor);
  const said = tensor ? await readMark(tensor, signal) : layersOf(metadata)?.get(module.replace(/\.$/, ""));
  if (!(said instanceof Map)) return null;
  const name = said.get("format");
  if (typeof name !== "string" || !Object.hasOwn(comfyFormats, name)) {
    throw new NotDecoded(
      `its mark names the format ${JSON.stringify(name ?? null).slice(0, 80)}, which is not known here`,
    );
  }
  return { format: comfyFormats[name], name, tensor: tensor ?? null, rotated: said.get("convrot") === true };
}

async function readMark(tensor: Tensor, signal?: AbortSignal): Promise<Json | undefined> {
  const { elements, name, dtype } = plain(tensor).info;
  if (dtype !== "U8" || elements > MAX_BYTES) throw new NotDecoded(`${name} is no line of JSON`);
  try {
    return parseJson(new TextDecoder().decode(await elementBytes(tensor, 0, elements, signal))).value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new NotDecoded(`${name} is not JSON`);
  }
}

/** Layers by name; read once for a file's metadata, which all of its weights ask. */
const known = new WeakMap<object, Map<string, Json> | null>();
function layersOf(metadata: Readonly<Record<string, string>>): Map<string, Json> | null {
  const text = metadata[comfyMarks.metadata];
  if (text === undefined) return null;
  const before = known.get(metadata);
  if (before !== undefined) return before;
  let layers: Map<string, Json> | null = null;
  try {
    const { value } = parseJson(text);
    const found = value instanceof Map ? value.get("layers") : undefined;
    if (found instanceof Map) layers = found;
  } catch {
    // What is no JSON says nothing.
  }
  known.set(metadata, layers);
  return layers;
}
