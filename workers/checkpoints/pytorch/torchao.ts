/** torchao's tensor classes in a pickle, as the parts and the metadata that its safetensors have. */
import type { Saved } from "./listing.ts";
import { SavedNumbers, type SavedSubclass, SavedTensor } from "./saved.ts";
import { TorchDtype } from "./torch-types.ts";
import { PyDict, PyList, PyTuple, type PyValue } from "./values.ts";

/** Names of the classes' attributes that are tensors, as torchao's safetensors have them behind `_weight_`. */
const TENSORS = ["qdata", "scale", "zero_point", "per_tensor_scale"];

/** The parts of a weight of such a class, and what the metadata says of it; null for any other tensor. */
export function torchaoParts(
  name: string,
  { path, items }: SavedSubclass,
): { tensors: { name: string; saved: Saved }[]; metadata: Record<string, string> } | null {
  const state = items.find((item): item is PyDict => item instanceof PyDict);
  if (!path.startsWith("torchao.") || !state || !(state.entries.get("qdata") instanceof SavedTensor)) return null;
  if (!/(?:^|\.)weight$/.test(name)) return null;
  const module = name.slice(0, -"weight".length);
  const tensors = TENSORS.flatMap((key) => {
    const saved = state.entries.get(key);
    return saved instanceof SavedTensor ? [{ name: `${module}_weight_${key}`, saved }] : [];
  });
  const data: Record<string, unknown> = {};
  for (const [key, value] of state.entries) {
    const plain = plainOf(value);
    if (typeof key === "string" && plain !== undefined) data[key] = plain;
  }
  const type = path.slice(path.lastIndexOf(".") + 1);
  return { tensors, metadata: { [name]: JSON.stringify({ _type: type, _data: data }) } };
}

function plainOf(value: PyValue): unknown {
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "string") return value;
  if (value instanceof TorchDtype) return `torch.${value.name}`;
  if (value instanceof SavedNumbers) return value.values;
  if (!(value instanceof PyTuple || value instanceof PyList)) return undefined;
  return value.items.every((item) => typeof item === "number") ? value.items : undefined;
}
