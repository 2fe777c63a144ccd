/** Weights on the device. */
import { numpy as np } from "@jax-js/jax";
import type { Architecture, Loaded, Part } from "../types.ts";
import type { Tensor } from "./math.ts";

export class LoadedParts implements Loaded {
  readonly of: number | "ends";
  readonly bytes: number;
  readonly arrays: Map<string, Tensor>;
  #released = false;

  constructor(of: number | "ends", arrays: Map<string, Tensor>, bytes: number) {
    this.of = of;
    this.arrays = arrays;
    this.bytes = bytes;
  }

  get(name: string): Tensor {
    if (this.#released)
      throw new Error(`The weights of ${this.of === "ends" ? "the ends" : `layer ${this.of}`} were released.`);
    const array = this.arrays.get(name);
    if (!array) throw new Error(`The part ${name} is not loaded.`);
    return array.ref;
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    for (const array of this.arrays.values()) array.dispose();
  }
}

/** An array of the machine: a part, or the parts of all heads that have a norm of their own, stacked. */
interface Group {
  name: string;
  parts: Part[];
}

function groups(parts: Part[]): Group[] {
  const all = new Map<string, Group>();
  for (const part of parts) {
    const name = part.name.replace(/\.norms\.\d+\.weight$/, ".weight");
    const group = all.get(name) ?? { name, parts: [] };
    group.parts.push(part);
    all.set(name, group);
  }
  return [...all.values()];
}

/** Takes parts to the device. Throws where one is missing, of another length, or too large for it. */
export function loadParts(
  architecture: Architecture,
  of: number | "ends",
  weights: ReadonlyMap<string, Float32Array>,
  rest: LoadedParts | null,
  device: { kind: "wasm" | "webgpu"; mostBytes: number },
): LoadedParts {
  const arrays = new Map<string, Tensor>();
  let bytes = 0;
  try {
    for (const { name, parts } of groups(architecture.parts(of))) {
      const given = parts.map((part) => weights.get(part.name));
      const missing = given.indexOf(undefined);
      if (missing >= 0) {
        const shared = rest?.arrays.get(name);
        if (shared && given.every((values) => values === undefined)) arrays.set(name, shared.ref);
        else if (!parts[missing].optional) throw new Error(`The part ${parts[missing].name} is missing.`);
        continue;
      }
      for (const [i, part] of parts.entries()) checkLength(part, given[i]!);
      const values = parts.length === 1 ? given[0]! : joined(given as Float32Array[]);
      if (values.byteLength > device.mostBytes) {
        throw new Error(
          `${name} takes ${megabytes(values.byteLength)} and this device takes arrays of ${megabytes(device.mostBytes)} at most.`,
        );
      }
      const shape = parts.length === 1 ? parts[0].shape : [parts.length, ...parts[0].shape];
      arrays.set(name, np.array(values as Float32Array<ArrayBuffer>, { shape, device: device.kind }));
      bytes += values.byteLength;
    }
  } catch (error) {
    for (const array of arrays.values()) array.dispose();
    if (error instanceof RangeError) {
      throw new Error(`There is no memory for the weights of ${of === "ends" ? "embedding and head" : `layer ${of}`}.`);
    }
    throw error;
  }
  return new LoadedParts(of, arrays, bytes);
}

function checkLength({ name, shape }: Part, values: Float32Array): void {
  const wanted = shape.reduce((a, b) => a * b, 1);
  if (values.length === wanted) return;
  throw new Error(`The part ${name} has ${values.length} values, and ${shape.join(" x ")} = ${wanted} are expected.`);
}

function joined(all: Float32Array[]): Float32Array {
  const whole = new Float32Array(all.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const one of all) {
    whole.set(one, at);
    at += one.length;
  }
  return whole;
}

const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
