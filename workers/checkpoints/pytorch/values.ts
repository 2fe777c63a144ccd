/** What a pickle holds, in JavaScript: None, booleans, numbers and strings as they are, everything else as below. */

export type PyValue = null | boolean | number | bigint | string | Uint8Array | object;

export class PyTuple {
  readonly items: readonly PyValue[];
  constructor(items: readonly PyValue[]) {
    this.items = items;
  }
}

export class PyList {
  readonly items: PyValue[] = [];
}

/** Keys are told apart as JavaScript does: 1 and "1" differ, two equal tuples are two keys. */
export class PyDict {
  readonly entries = new Map<PyValue, PyValue>();
}

/** Something that means nothing for tensors (a device, a set, a path): kept in its place, and never looked into. */
export class PyInert {
  readonly what: string;
  constructor(what: string) {
    this.what = what;
  }
}

/** A function or class by its name in Python, where calling it is understood here. Nothing of Python's is run. */
export class PyCallable {
  /** "torch._utils._rebuild_tensor_v2" */
  readonly path: string;
  /** What the call gives. Throws PickleMistake for arguments it does not take. */
  readonly call: (args: readonly PyValue[]) => PyValue;
  constructor(path: string, call: (args: readonly PyValue[]) => PyValue) {
    this.path = path;
    this.call = call;
  }
}

/**
 * An object that only Python code of its own could bring back: its name, what it was made of and what was set on it. None of
 * that code is run; the tensors in it are listed.
 */
export class PyForeign {
  /** "torch.nn.modules.linear.Linear" */
  readonly path: string;
  /** Arguments, appended items and states, in their order. */
  readonly items: PyValue[] = [];
  /** Items set by keys, as on a dict. */
  readonly entries = new Map<PyValue, PyValue>();
  constructor(path: string, args: readonly PyValue[] = []) {
    this.path = path;
    this.items.push(...args);
  }
}

/** A class or function that is not known here. Calling it makes an inert object; nothing is run. */
export class PyForeignName extends PyCallable {
  constructor(path: string) {
    super(path, (args) => new PyForeign(path, args));
  }
}

/** What is wrong with a pickle; the machine adds the file and the byte. */
export class PickleMistake extends Error {}

/** A non-negative integer that can be counted. Throws PickleMistake. */
export function asCount(value: PyValue | undefined, what: string): number {
  const number = typeof value === "bigint" ? Number(value) : value;
  if (typeof number === "number" && Number.isSafeInteger(number) && number >= 0) return number;
  throw new PickleMistake(`${what} is not a number that can be counted: ${show(value)}`);
}

/** The items of a tuple or list. Throws PickleMistake. */
export function asItems(value: PyValue | undefined, what: string): readonly PyValue[] {
  if (value instanceof PyTuple || value instanceof PyList) return value.items;
  throw new PickleMistake(`${what} is not a tuple: ${show(value)}`);
}

/** A value in a sentence. */
export function show(value: PyValue | undefined): string {
  if (value === undefined) return "missing";
  if (value === null) return "None";
  if (typeof value === "string") return JSON.stringify(value.slice(0, 60));
  if (typeof value !== "object") return String(value).slice(0, 60);
  if (value instanceof PyTuple) return "a tuple";
  if (value instanceof PyList) return "a list";
  if (value instanceof PyDict) return "a dict";
  if (value instanceof Uint8Array) return "bytes";
  if (value instanceof PyCallable) return value.path;
  if (value instanceof PyForeign) return `an object of ${value.path}`;
  return value instanceof PyInert ? value.what : "a tensor or a part of one";
}
