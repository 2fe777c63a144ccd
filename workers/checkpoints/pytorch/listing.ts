/** From a pickle's value to named tensors: dicts and lists are gone through, names joined by dots. */
import { UserError } from "../../protocol.ts";
import { MAX_NAME, MAX_NESTING, MAX_TENSORS, MAX_VISITS } from "../limits.ts";
import { SavedArray, SavedTensor, UnreadableTensor } from "./saved.ts";
import { PyDict, PyList, PyTuple, type PyValue } from "./values.ts";

export type Saved = SavedTensor | SavedArray | UnreadableTensor;

export interface Listing {
  /** A name may occur twice. */
  tensors: { name: string; saved: Saved }[];
  /** Numbers and texts of the outermost dict, such as an epoch. */
  metadata: Record<string, string>;
}

/** Longest text of a setting that is kept. */
const KEPT_TEXT = 1000;

/** `alone` names a tensor that is the whole file. Throws UserError beyond a limit. */
export function listTensors(file: string, value: PyValue, alone: string): Listing {
  const listing: Listing = { tensors: [], metadata: {} };
  const above = new Set<PyValue>();
  let visits = 0;

  const visit = (name: string, item: PyValue): void => {
    if (++visits > MAX_VISITS) throw tooMuch(`more than ${MAX_VISITS} values`);
    if (item instanceof SavedTensor || item instanceof SavedArray || item instanceof UnreadableTensor) {
      if (name.length > MAX_NAME) throw tooMuch(`a name of ${name.length} characters; the limit is ${MAX_NAME}`);
      if (listing.tensors.length === MAX_TENSORS) throw tooMuch(`more than ${MAX_TENSORS} tensors`);
      listing.tensors.push({ name: name === "" ? alone : name, saved: item });
    } else if (item instanceof PyDict) enter(name, item, item.entries);
    else if (item instanceof PyList || item instanceof PyTuple) enter(name, item, item.items.entries());
  };
  const enter = (name: string, container: PyValue, items: Iterable<readonly [PyValue, PyValue]>): void => {
    if (above.has(container)) throw tooMuch(`a dict or list that contains itself, at "${name.slice(0, 100)}"`);
    if (above.size === MAX_NESTING) throw tooMuch(`dicts and lists nested deeper than ${MAX_NESTING} levels`);
    above.add(container);
    for (const [key, item] of items) visit(name === "" ? keyText(key) : `${name}.${keyText(key)}`, item);
    above.delete(container);
  };
  const tooMuch = (what: string) => new UserError(`${file}: its pickle has ${what}.`);

  visit("", value);
  if (value instanceof PyDict) {
    for (const [key, item] of value.entries) {
      if (typeof item === "number" || typeof item === "bigint" || typeof item === "boolean" || typeof item === "string")
        listing.metadata[keyText(key)] = String(item).slice(0, KEPT_TEXT);
    }
  }
  return listing;
}

/** A key of a dict in a name. */
function keyText(key: PyValue): string {
  if (typeof key === "string") return key;
  if (key instanceof PyTuple)
    return `(${key.items.map((item) => (typeof item === "object" ? "..." : String(item))).join(", ")})`;
  return typeof key === "object" ? "..." : String(key);
}
