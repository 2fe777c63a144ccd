/**
 * A quantizer of the reader's own as a WebAssembly module: what it has to export, and how it is called. `README.md` beside this file is
 * for those who write one.
 */
import { RecipeError } from "../../grammar/errors.ts";
import type { Matrix } from "../../steps/step.ts";
import { boundedModule, PAGE_BYTES } from "./memory.ts";

/** Most memory that a module may have: values, results and codes of 64 million weights fit, with as much again. */
export const MOST_BYTES = 2 ** 31 - PAGE_BYTES;
/** A code that was not written. */
const NO_CODE = 0xffffffff;

/** What a module made of a matrix. Plain data, which crosses threads. */
export interface ModuleAnswer {
  /** Row-major; NaN where the module wrote nothing. */
  result: Float32Array<ArrayBuffer>;
  /** One a value; null where the module wrote none. */
  codes: Uint32Array<ArrayBuffer> | null;
  /** As the module says. */
  bitsPerWeight: number;
}

interface Exports {
  memory: WebAssembly.Memory;
  alloc(bytes: number): number;
  quantize(values: number, rows: number, cols: number, result: number, codes: number): number;
}

/** Whether a module can be one that quantizes. Throws RecipeError that says why not; runs nothing of it. */
export function checkModule(bytes: Uint8Array): void {
  compiled(bytes);
}

function compiled(bytes: Uint8Array): WebAssembly.Module {
  const bounded = boundedModule(bytes, MOST_BYTES / PAGE_BYTES);
  let module: WebAssembly.Module;
  try {
    module = new WebAssembly.Module(bounded);
  } catch (error) {
    throw new RecipeError(`the module cannot be compiled: ${(error as Error).message}`);
  }
  const exported = new Map(WebAssembly.Module.exports(module).map(({ name, kind }) => [name, kind]));
  for (const [name, kind] of [
    ["memory", "memory"],
    ["alloc", "function"],
    ["quantize", "function"],
  ]) {
    if (exported.get(name) !== kind) throw new RecipeError(`the module exports no ${kind} "${name}"`);
  }
  return module;
}

/**
 * Runs a module on a matrix, on this thread and to its end: whoever calls this can be ended with its thread. Throws RecipeError where
 * the module is none that quantizes, has no room, traps, or answers with what is no answer.
 */
export function runModule(bytes: Uint8Array, { rows, cols, values }: Matrix): ModuleAnswer {
  const module = compiled(bytes);
  const size = 4 * values.length;
  const { memory, alloc, quantize } = trapping(
    "starts",
    () => new WebAssembly.Instance(module).exports,
  ) as unknown as Exports;
  const [from, to, codesAt] = trapping("makes room", () =>
    [alloc(size), alloc(size), alloc(size)].map((at) => Number(at) >>> 0),
  );
  checkPlaces([from, to, codesAt], size, memory);
  new Float32Array(memory.buffer, from, values.length).set(values);
  new Float32Array(memory.buffer, to, values.length).fill(Number.NaN);
  new Uint32Array(memory.buffer, codesAt, values.length).fill(NO_CODE);
  const bitsPerWeight = trapping("quantizes", () => quantize(from, rows, cols, to, codesAt));
  if (typeof bitsPerWeight !== "number") {
    throw new RecipeError("the module's quantize returns no number: bits a weight, as f64, are expected");
  }
  // Memory that grew lies elsewhere.
  const result = new Float32Array(memory.buffer, to, values.length).slice();
  const codes = new Uint32Array(memory.buffer, codesAt, values.length).slice();
  let written = 0;
  for (const code of codes) if (code !== NO_CODE) written++;
  if (written > 0 && written < codes.length) {
    throw new RecipeError(`the module gave codes to ${written} of ${codes.length} values: all or none are expected`);
  }
  return { result, codes: written > 0 ? codes : null, bitsPerWeight };
}

function trapping<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new RecipeError(`the module failed where it ${what}: ${(error as Error).message}`);
  }
}

/** Three places of `size` bytes in the memory, apart from each other. */
function checkPlaces(places: readonly number[], size: number, memory: WebAssembly.Memory): void {
  for (const at of places) {
    if (at % 4 !== 0) throw new RecipeError(`the module's alloc gave ${at}, which is no multiple of 4`);
    if (at === 0 || at + size > memory.buffer.byteLength) {
      throw new RecipeError(
        `the module's alloc found no room for ${size} bytes, three times over: its memory has ${memory.buffer.byteLength}`,
      );
    }
  }
  const sorted = [...places].sort((a, b) => a - b);
  if (sorted[1] - sorted[0] < size || sorted[2] - sorted[1] < size) {
    throw new RecipeError("the module's alloc gave places that overlap");
  }
}
