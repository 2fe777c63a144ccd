import type { Rotation } from "../types.ts";

/** Cosine and sine of a window's rotations, tokens x size/2 each, in float32 as transformers computes them. */
export function rotationTable(
  rotation: Rotation,
  rows: number,
  tokens: number,
): { cos: Float32Array; sin: Float32Array } {
  const { amplitude, beyond } = rotation;
  const frequencies = beyond && tokens > beyond.tokens ? beyond.frequencies : rotation.frequencies;
  const half = frequencies.length;
  const [cos, sin] = [new Float32Array(rows * half), new Float32Array(rows * half)];
  for (let t = 0; t < rows; t++) {
    for (let i = 0; i < half; i++) {
      const angle = Math.fround(t * frequencies[i]);
      cos[t * half + i] = Math.fround(Math.cos(angle)) * amplitude;
      sin[t * half + i] = Math.fround(Math.sin(angle)) * amplitude;
    }
  }
  return { cos, sin };
}
