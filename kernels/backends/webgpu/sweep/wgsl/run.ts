import type { RunSize } from "../fields.ts";

/** A run of elements in a shader, in ascending order of their magnitudes. */
export interface RunText {
  size: RunSize;
  names: readonly string[];
  /** Whether the names are places of an array, over which loops go in a compact shader. */
  compact: boolean;
}

export function runText(size: RunSize, compact: boolean): RunText {
  const names = Array.from({ length: size }, (_, k) => (compact ? `values[${k}]` : `x${k}`));
  return { size, names, compact };
}

/** The same lines for every element of a run. */
export function forAll({ names, compact }: RunText, lines: (name: string) => string): string {
  if (compact) return `for (var k = 0u; k < RUN; k++) { let x = values[k]; ${lines("x")} }`;
  return names.map((name) => `{ ${lines(name)} }`).join("\n        ");
}

/** Declares the run of the thread and loads it; `element` is what is done to each value. */
export function loadWgsl({ size, names, compact }: RunText, element: (value: string) => string): string {
  const quad = (k: string) => `sorted[(tile * QUADS + ${k}) * THREADS + thread]`;
  const value = (four: string, part: string) => element(`(${four}.${part} * params.factor)`);
  if (compact) {
    const set = [..."xyzw"].map((part, j) => `values[4u * k + ${j}u] = ${value("four", part)};`).join(" ");
    return `var values: array<f32, RUN>; for (var k = 0u; k < QUADS; k++) { let four = ${quad("k")}; ${set} }`;
  }
  return Array.from({ length: size / 4 }, (_, k) => {
    const set = [..."xyzw"].map((part, j) => `let ${names[4 * k + j]} = ${value(`four${k}`, part)};`).join(" ");
    return `let four${k} = ${quad(`${k}u`)}; ${set}`;
  }).join("\n  ");
}
