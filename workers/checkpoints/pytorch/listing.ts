/** From a pickle's value to named tensors: dicts, lists and objects are gone through, names joined by dots. */
import { UserError } from "../../errors/user-error.ts";
import { MAX_NAME, MAX_NESTING, MAX_TENSORS, MAX_VISITS } from "../limits.ts";
import { SavedArray, SavedNumbers, SavedSubclass, SavedTensor, UnreadableTensor } from "./saved.ts";
import { torchaoParts } from "./torchao.ts";
import { PyDict, PyForeign, PyList, PyTuple, type PyValue } from "./values.ts";

export type Saved = SavedTensor | SavedArray | SavedNumbers | UnreadableTensor;

export interface Listing {
  /** A name may occur twice. */
  tensors: { name: string; saved: Saved }[];
  /** Numbers and texts of the outermost dict, such as an epoch, and what is said of torchao's tensors. */
  metadata: Record<string, string>;
  /** Foreign classes that were understood after all. */
  understood: Set<string>;
}

/** Longest text of a setting that is kept. */
const KEPT_TEXT = 1000;

/** What PyTorch's modules keep their tensors in, which no name of a tensor holds. */
const TRANSPARENT = new Set(["_parameters", "_buffers", "_modules"]);

/** `alone` names a tensor that is the whole file. Throws UserError beyond a limit. */
export function listTensors(file: string, value: PyValue, alone: string): Listing {
  const listing: Listing = { tensors: [], metadata: {}, understood: new Set() };
  const above = new Set<PyValue>();
  /** Foreign objects refer to each other at will: each is gone through once. */
  const known = new Set<PyValue>();
  let visits = 0;

  const add = (name: string, saved: Saved): void => {
    if (name.length > MAX_NAME) throw tooMuch(`a name of ${name.length} characters; the limit is ${MAX_NAME}`);
    if (listing.tensors.length === MAX_TENSORS) throw tooMuch(`more than ${MAX_TENSORS} tensors`);
    listing.tensors.push({ name: name === "" ? alone : name, saved });
  };
  const visit = (name: string, item: PyValue): void => {
    if (++visits > MAX_VISITS) throw tooMuch(`more than ${MAX_VISITS} values`);
    if (item instanceof SavedTensor) {
      add(name, item);
      if (item.quantizer && item.type.codes) {
        add(`${name === "" ? alone : name}.scale`, item.quantizer.scales);
        add(`${name === "" ? alone : name}.zero_point`, item.quantizer.zeros);
      }
    } else if (item instanceof SavedArray || item instanceof UnreadableTensor) add(name, item);
    else if (item instanceof SavedSubclass) subclass(name, item);
    else if (item instanceof PyDict) {
      numbersOfHqq(name, item);
      enter(name, item, item.entries);
    } else if (item instanceof PyList || item instanceof PyTuple) enter(name, item, item.items.entries());
    else if (item instanceof PyForeign && !known.has(item)) {
      known.add(item);
      enter(name, item, contentsOf(item));
    }
  };
  const subclass = (name: string, item: SavedSubclass): void => {
    const parts = torchaoParts(name === "" ? alone : name, item);
    if (parts) {
      for (const { name: part, saved } of parts.tensors) add(part, saved);
      Object.assign(listing.metadata, parts.metadata);
      listing.understood.add(item.path);
      return;
    }
    const what = `is of the class ${item.path.slice(0, 200)}, whose values only its own Python code makes; none is run here`;
    add(name, new UnreadableTensor(what, item.shape));
    if (known.has(item)) return;
    known.add(item);
    for (const state of item.items) visit(name === "" ? alone : name, state);
  };
  const enter = (name: string, container: PyValue, items: Iterable<readonly [PyValue, PyValue]>): void => {
    if (above.has(container)) throw tooMuch(`a dict or list that contains itself, at "${name.slice(0, 100)}"`);
    if (above.size === MAX_NESTING) throw tooMuch(`dicts and lists nested deeper than ${MAX_NESTING} levels`);
    above.add(container);
    for (const [key, item] of items) {
      const own = typeof key === "string" && TRANSPARENT.has(key) ? "" : keyText(key);
      visit([name, own].filter((part) => part !== "").join("."), item);
    }
    above.delete(container);
  };
  /** HQQ keeps bits, axis and shape of a weight as numbers of Python's own, beside its codes or one level below. */
  const numbersOfHqq = (name: string, { entries }: PyDict): void => {
    if (!entries.has("W_q")) return;
    const meta = entries.get("meta");
    for (const [prefix, from] of [
      ["", entries] as const,
      ["meta.", meta instanceof PyDict ? meta.entries : null] as const,
    ]) {
      for (const key of from ? ["nbits", "axis", "group_size", "shape"] : []) {
        const numbers = numbersOf(from!.get(key));
        if (numbers) add(`${name === "" ? "" : `${name}.`}${prefix}${key}`, numbers);
      }
    }
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

/** What an object holds, under names where there are some: the attributes set on it, its items, what it was called with. */
function* contentsOf(object: PyForeign): Generator<readonly [PyValue, PyValue]> {
  yield* object.entries;
  for (const [i, item] of object.items.entries()) {
    // The state of an object is a dict of attributes, or that and those of its slots.
    const states = item instanceof PyTuple && item.items.some((part) => part instanceof PyDict) ? item.items : [item];
    for (const state of states) {
      if (state instanceof PyDict) yield* state.entries;
      else yield [i, state];
    }
  }
}

function numbersOf(value: PyValue | undefined): SavedNumbers | null {
  if (typeof value === "number") return new SavedNumbers([value], []);
  if (!(value instanceof PyTuple || value instanceof PyList)) return null;
  const values = value.items.flatMap((item) => (typeof item === "number" ? [item] : []));
  const usable = values.length === value.items.length && values.length > 0 && values.length <= 64;
  return usable ? new SavedNumbers(values, [values.length]) : null;
}

/** A key of a dict in a name. */
function keyText(key: PyValue): string {
  if (typeof key === "string") return key;
  if (key instanceof PyTuple)
    return `(${key.items.map((item) => (typeof item === "object" ? "..." : String(item))).join(", ")})`;
  return typeof key === "object" ? "..." : String(key);
}
