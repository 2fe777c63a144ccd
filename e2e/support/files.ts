/** Files made for a test, in its own folder. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { test } from "@playwright/test";
import { writeSafetensors } from "../../workers/checkpoints/safetensors/write.ts";
import { npyBytes, npyHeader } from "../../workers/export/npy-header.ts";

export interface Made {
  name: string;
  shape: readonly number[];
  values: Float32Array;
}

/** Numbers that look like weights: small, of both signs, the same each time; every 97th is an outlier. */
export function weights(count: number, seed = 1): Float32Array {
  let state = seed >>> 0;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
  return Float32Array.from({ length: count }, (_, i) => (next() + next() + next()) * (i % 97 === 0 ? 1 : 0.05));
}

/** A tensor of `weights`. */
export function tensor(name: string, shape: readonly number[], seed = 1): Made {
  const count = shape.reduce((a, b) => a * b, 1);
  return { name, shape, values: weights(count, seed) };
}

export const safetensors = (...tensors: Made[]): Uint8Array =>
  writeSafetensors(
    tensors.map(({ name, shape, values }) => ({ name, dtype: "F32", shape, bytes: npyBytes("<f4", values) })),
  );

export const npy = ({ shape, values }: Omit<Made, "name">): Uint8Array =>
  Buffer.concat([npyHeader("<f4", shape), npyBytes("<f4", values)]);

/** A picture of one pixel. */
export const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

/** Writes a file into the test's folder. Returns its path. */
export function write(name: string, content: Uint8Array | string): string {
  const path = test.info().outputPath(name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}
