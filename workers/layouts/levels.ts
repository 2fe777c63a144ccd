/** The number that each code stands for. Tables are made once: a model may have a hundred thousand weights of a kind. */
import { findDtype } from "../tensors/decode.ts";

const made = new Map<string, Float32Array>();

function once(key: string, make: () => Float32Array): Float32Array {
  const table = made.get(key) ?? make();
  made.set(key, table);
  return table;
}

/** Integers 0 to 2^bits - 1, less an offset. */
export function integerLevels(bits: number, offset = 0): Float32Array {
  return once(`integer ${bits} ${offset}`, () => Float32Array.from({ length: 2 ** bits }, (_, code) => code - offset));
}

/** Two's complement. */
export function signedLevels(bits: number): Float32Array {
  const half = 2 ** (bits - 1);
  return once(`signed ${bits}`, () =>
    Float32Array.from({ length: 2 * half }, (_, code) => (code < half ? code : code - 2 * half)),
  );
}

/** The notation's name of an 8-bit float that checkpoints store, or null; scales are none. */
export function floatElement(dtype: string): string | null {
  const { bits, format } = findDtype(dtype) ?? {};
  return bits === 8 && format !== undefined && format !== "e8m0" ? format : null;
}
