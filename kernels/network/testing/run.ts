import type { Architecture, Network } from "../types.ts";
import type { GoldenModel } from "./golden.ts";

/** The values of a layer's parts, or those of the ends, out of a golden checkpoint. */
export function partsOf(
  { tensors }: GoldenModel,
  architecture: Architecture,
  of: number | "ends",
): Map<string, Float32Array> {
  const parts = architecture.parts(of).flatMap(({ name, stored }) => {
    const tensor = tensors.get(name);
    if (!tensor) return [];
    const turned = stored.transformers?.adapt.some((one) => one.do === "transpose");
    return [[name, turned ? transposed(tensor.values, tensor.rows, tensor.cols) : tensor.values] as const];
  });
  return new Map(parts);
}

function transposed(values: Float32Array, rows: number, cols: number): Float32Array {
  return Float32Array.from({ length: rows * cols }, (_, i) => values[(i % rows) * cols + Math.floor(i / rows)]);
}

export interface Ran {
  logits: Float32Array;
  /** Logits of the last token. */
  last: Float32Array;
  /** Euclidean norm of the last token after the embedding, after each layer but the last, and after the final norm. */
  norms: number[];
  /** Mean negative log-likelihood of each token but the first. */
  nll: number;
}

/** Loads all of a golden model and runs its text. */
export async function runGolden(network: Network, golden: GoldenModel): Promise<Ran> {
  const { architecture } = network;
  const { width, vocabulary } = architecture;
  const ids = Uint32Array.from(golden.expected.ids);
  const ends = await network.load("ends", partsOf(golden, architecture, "ends"));
  let hidden = await network.embed(ends, ids);
  const norms: number[] = [];
  const lastNorm = (values: Float32Array) => norms.push(Math.hypot(...values.subarray(values.length - width)));
  for (let i = 0; i < architecture.layers; i++) {
    lastNorm(await network.read(hidden));
    const layer = await network.load(i, partsOf(golden, architecture, i));
    const next = await network.layer(i, layer, hidden);
    for (const done of [hidden, layer]) network.release(done);
    hidden = next;
  }
  const logits = await network.logits(ends, hidden, 0, ids.length, {
    wants: () => true,
    at: async (_, values) => {
      lastNorm(values);
      return undefined;
    },
  });
  return { logits, last: logits.subarray(-vocabulary), norms, nll: meanNll(logits, ids, vocabulary) };
}

export function meanNll(logits: Float32Array, ids: Uint32Array, vocabulary: number): number {
  let sum = 0;
  for (let t = 0; t + 1 < ids.length; t++) {
    const row = logits.subarray(t * vocabulary, (t + 1) * vocabulary);
    const most = row.reduce((a, b) => Math.max(a, b));
    const total = row.reduce((a, b) => a + Math.exp(b - most), 0);
    sum += most + Math.log(total) - row[ids[t + 1]];
  }
  return sum / (ids.length - 1);
}
