import type { Backend } from "../backends/backend.ts";
import { referenceBackend } from "../backends/reference/backend.ts";
import { quantizeMatrix } from "../engine/quantize.ts";
import type { Quantized } from "../engine/types.ts";
import { heldMatrix } from "../matrix/held.ts";
import type { MatrixSource } from "../matrix/source.ts";
import { parseDefinition, parseRecipe } from "../notation/index.ts";
import { prepareRecipe } from "../prepare/prepare.ts";

/** A matrix in memory. */
export function matrixOf(values: Float32Array, rows: number, cols: number, name = "matrix"): MatrixSource {
  return heldMatrix(values, rows, cols, name);
}

/** A recipe made ready for a rows x cols matrix. */
export function planOf(text: string, rows: number, cols: number, definitions: string[] = []) {
  const known = definitions.map((d) => parseDefinition(d));
  return prepareRecipe(parseRecipe(text, { definitions: known }), known, rows, cols);
}

/** Sends a matrix through a recipe, on the reference where no other backend is named. */
export function quantizeText(
  text: string,
  values: Float32Array,
  rows: number,
  cols: number,
  tileElements?: number,
  backend: Backend = referenceBackend,
): Promise<Quantized> {
  return quantizeMatrix(matrixOf(values, rows, cols), planOf(text, rows, cols), {
    backend,
    checkpoint: async () => {},
    now: () => 0,
    tileElements,
  });
}

/**
 * The sum of twelve uniform draws of a linear congruential generator, less six: the same bits in any language, as the
 * golden hashes need.
 */
export function lcgValues(n: number, seed = 12345): Float32Array {
  let s = seed;
  return Float32Array.from({ length: n }, () => {
    let sum = 0;
    for (let k = 0; k < 12; k++) {
      s = (Math.imul(1664525, s) + 1013904223) >>> 0;
      sum += (s >>> 8) / 2 ** 24;
    }
    return sum - 6;
  });
}

/** Gaussian values (Box and Muller's transform over a small generator), for statistics only. */
export function normalValues(n: number, seed = 1): Float32Array {
  let s = seed >>> 0;
  // Mulberry32.
  const uniform = () => {
    s = (s + 0x6d2b79f5) >>> 0;
    let t = Math.imul(s ^ (s >>> 15), 1 | s);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 2 ** 32;
  };
  const out = new Float32Array(n);
  for (let i = 0; i < n; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(uniform()));
    const angle = 2 * Math.PI * uniform();
    out[i] = radius * Math.cos(angle);
    if (i + 1 < n) out[i + 1] = radius * Math.sin(angle);
  }
  return out;
}
