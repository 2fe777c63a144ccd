/** For tests: bits set one by one and numbers made from their bits, so that nothing of the readers is used to write. */

/** What a test writes: tensors of a safetensors file, files beside it, and the weight they stand for. */
export interface Written {
  tensors: { name: string; dtype: string; shape: number[]; bytes: Uint8Array }[];
  config?: { name: string; json: unknown };
  metadata?: Record<string, string>;
  name: string;
  shape: number[];
  layout: string;
  /** Values element by element. */
  value(index: number): number;
}

/** Draws numbers, the same for the same seed. */
export class Draw {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** An integer from 0 to n - 1. */
  below(n: number): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * n);
  }

  list<T>(count: number, one: (draw: Draw) => T): T[] {
    return Array.from({ length: count }, () => one(this));
  }
}

/** Writes the bits of `value`, lowest first, to bit `at` and up of a little-endian stream. */
export function setBits(bytes: Uint8Array, at: number, count: number, value: number): void {
  for (let b = 0; b < count; b++) {
    if ((Math.floor(value / 2 ** b) & 1) === 1) bytes[Math.floor((at + b) / 8)] += 2 ** ((at + b) % 8);
  }
}

/** A number with its stored bits. */
export interface Stored {
  bits: number;
  value: number;
}

/** A positive half precision number of ordinary size. */
export function half(draw: Draw): Stored {
  const [exponent, mantissa] = [5 + draw.below(8), draw.below(1024)];
  return { bits: exponent * 1024 + mantissa, value: (1 + mantissa / 1024) * 2 ** (exponent - 15) };
}

/** A positive bfloat16. */
export function brain(draw: Draw): Stored {
  const [exponent, mantissa] = [115 + draw.below(10), draw.below(128)];
  return { bits: exponent * 128 + mantissa, value: (1 + mantissa / 128) * 2 ** (exponent - 127) };
}

/** A positive float32 whose product with another is rounded. */
export function single(draw: Draw): Stored {
  const [exponent, mantissa] = [110 + draw.below(12), draw.below(2 ** 23)];
  return { bits: exponent * 2 ** 23 + mantissa, value: (1 + mantissa / 2 ** 23) * 2 ** (exponent - 127) };
}

/** A power of two as E8M0. */
export function power(draw: Draw): Stored {
  const bits = 100 + draw.below(50);
  return { bits, value: 2 ** (bits - 127) };
}

/** Any finite E4M3 number. */
export function e4m3(draw: Draw): Stored {
  const [sign, magnitude] = [draw.below(2), draw.below(127)];
  const [exponent, mantissa] = [Math.floor(magnitude / 8), magnitude % 8];
  const size = exponent === 0 ? (mantissa / 8) * 2 ** -6 : (1 + mantissa / 8) * 2 ** (exponent - 7);
  return { bits: sign * 128 + magnitude, value: sign === 1 ? -size : size };
}

/** A positive E4M3 number. */
export function positiveE4m3(draw: Draw): Stored {
  const one = e4m3(draw);
  return one.bits % 128 === 0 ? { bits: 8, value: 2 ** -6 } : { bits: one.bits % 128, value: Math.abs(one.value) };
}

/** Any E2M1 number. */
export function e2m1(draw: Draw): Stored {
  const bits = draw.below(16);
  const size = [0, 0.5, 1, 1.5, 2, 3, 4, 6][bits % 8];
  return { bits, value: bits >= 8 ? -size : size };
}

/** Stored numbers of 8, 16 or 32 bits as bytes. */
export function bytesOf(list: readonly Stored[], width: 1 | 2 | 4): Uint8Array {
  const bytes = new Uint8Array(list.length * width);
  for (const [i, { bits }] of list.entries()) setBits(bytes, 8 * width * i, 8 * width, bits);
  return bytes;
}

/** Bytes of integers in two's complement. */
export function integers(values: readonly number[], width: 1 | 4 | 8): Uint8Array {
  const bytes = new Uint8Array(values.length * width);
  const view = new DataView(bytes.buffer);
  for (const [i, v] of values.entries()) {
    if (width === 1) view.setInt8(i, v);
    else if (width === 4) view.setInt32(4 * i, v, true);
    else view.setBigInt64(8 * i, BigInt(v), true);
  }
  return bytes;
}

/** The product as float32. */
export const times = (a: number, b: number): number => Math.fround(a * b);
