/** Made-up data that papers' claims are tried on, and the way to a figure of it. */
import { expect } from "vitest";
import { createWasmBackend } from "../backends/wasm/index.ts";
import { normalValues, quantizeText } from "./matrix.ts";

const backend = await createWasmBackend();

/** Student's t with nu degrees of freedom. */
export function studentValues(n: number, nu: number, seed: number): Float32Array {
  const parts = Array.from({ length: nu }, (_, k) => normalValues(n, seed + 1 + k));
  return normalValues(n, seed).map((z, i) => z / Math.sqrt(parts.reduce((sum, part) => sum + part[i] ** 2, 0) / nu));
}

/** Uniform between -1 and 1. */
export const uniformValues = (n: number, seed: number): Float32Array => {
  const [a, b] = [normalValues(n, seed), normalValues(n, seed + 1)];
  // The angle of two Gaussians is uniform.
  return a.map((x, i) => Math.atan2(x, b[i]) / Math.PI);
};

/** Gaussian rows each with a gain of its own, whose logarithm is uniform over four octaves. */
export const gainedRows = (rows: number, cols: number, seed: number): Float32Array => {
  const gains = uniformValues(rows, seed + 7);
  return normalValues(rows * cols, seed).map((x, i) => x * 2 ** (2 * gains[Math.floor(i / cols)]));
};

export async function reportOf(recipe: string, values: Float32Array, cols = 1024) {
  return (await quantizeText(recipe, values, values.length / cols, cols, undefined, backend)).report;
}

export const nmseOf = async (recipe: string, values: Float32Array, cols = 1024): Promise<number> =>
  (await reportOf(recipe, values, cols)).metrics.nmse!;
export const decibelsOf = async (recipe: string, values: Float32Array, cols = 1024): Promise<number> =>
  (await reportOf(recipe, values, cols)).metrics.sqnrDb!;
export async function resultOf(recipe: string, values: Float32Array, cols = 1024): Promise<Float32Array> {
  const rows = values.length / cols;
  return (await (await quantizeText(recipe, values, rows, cols, undefined, backend)).rows(0, rows)).result;
}

/** The share of results that are zero. */
export const zeroShare = async (recipe: string, values: Float32Array, cols = 1024): Promise<number> =>
  (await resultOf(recipe, values, cols)).reduce((n, y) => n + (y === 0 ? 1 : 0), 0) / values.length;

/** A figure within a share of what it is to be. */
export const near = (found: number, wanted: number, share: number, what: string) =>
  expect(Math.abs(found / wanted - 1), `${what}: ${found}, not ${wanted}`).toBeLessThanOrEqual(share);
