import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Architecture } from "../types.ts";

/** A small network, and what NumPy computes on it in float64 (`oracle.py`). */
export interface OracleCase {
  config: Record<string, unknown>;
  tokens: number[];
  /** Shapes of its parts, by name. */
  parts: Record<string, number[]>;
  /** Of the last token. */
  logits: number[];
  /** Sum over the tokens but the first. */
  nll: number;
  /** Of the summed likelihood by what the first layer reads. */
  gradient?: number[];
  /** Its slope along `hashed("output NAME")` at the output of the linear layer of a weight, and along `hashed("weight NAME")` by it. */
  outputs?: Record<string, number>;
  weights?: Record<string, number>;
}

export function oracleCases(): [string, OracleCase][] {
  const path = fileURLToPath(new URL("oracle.golden.json", import.meta.url));
  return Object.entries(JSON.parse(readFileSync(path, "utf8")) as Record<string, OracleCase>);
}

/** Values within half a unit of zero that are a function of a name (FNV-1a, and a mix of its bits). */
export function hashed(name: string, count: number): Float32Array {
  let seed = 2166136261;
  for (const byte of Buffer.from(name)) seed = Math.imul(seed ^ byte, 16777619) >>> 0;
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    let x = (Math.imul(i, 2654435761) + seed) >>> 0;
    x = Math.imul(x ^ (x >>> 16), 2246822519) >>> 0;
    x = (x ^ (x >>> 13)) >>> 0;
    values[i] = x / 2 ** 32 - 0.5;
  }
  return values;
}

/** The parts of a layer, or of the ends, of a case. */
export function oracleParts(architecture: Architecture, of: number | "ends"): Map<string, Float32Array> {
  const parts = architecture.parts(of).filter((part) => !part.optional);
  return new Map(
    parts.map(({ name, shape }) => {
      const values = hashed(
        name,
        shape.reduce((a, b) => a * b, 1),
      );
      return [name, shape.length === 1 && name.endsWith("weight") ? values.map((one) => one + 1) : values];
    }),
  );
}
