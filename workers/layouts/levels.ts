/** The number that each code stands for. Tables are made once: a model may have a hundred thousand weights of a kind. */
import { buildFormat, decode } from "../../kernels/formats/index.ts";
import type { Dtype } from "../tensors/decode.ts";

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

/** The codes of a format of the notation, such as `e2m1`. */
export function formatLevels(name: string): Float32Array {
  return once(`format ${name}`, () => {
    const format = buildFormat({ name, args: [] });
    if (format.kind === "identity") throw new Error(`${name} has no codes`);
    return Float32Array.from({ length: 2 ** format.bits }, (_, code) => decode(format, code));
  });
}

/** The codes of a storage type of 8 bits. */
export function dtypeLevels(dtype: Dtype): Float32Array {
  return once(`dtype ${dtype.name}`, () => {
    const levels = new Float32Array(256);
    dtype.decode(
      Uint8Array.from({ length: 256 }, (_, code) => code),
      0,
      levels,
    );
    return levels;
  });
}

const elements: Readonly<Record<string, string>> = {
  F8_E4M3: "e4m3",
  F8_E5M2: "e5m2",
  F8_E4M3FNUZ: "e4m3fnuz",
  F8_E5M2FNUZ: "e5m2fnuz",
};

/** The notation's name of an 8-bit float that checkpoints store, or null. */
export function floatElement(dtype: string): string | null {
  return Object.hasOwn(elements, dtype) ? elements[dtype] : null;
}
