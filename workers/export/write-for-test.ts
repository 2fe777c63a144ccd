/** For tests: a source in memory, written in memory and opened again. */

import { standardBackends } from "../backends/standard.ts";
import { memorySource } from "../bytes/byte-source.ts";
import { Runs } from "../runs/runs.ts";
import { type OpenSource, openFiles } from "../sources/open.ts";
import { TensorCache } from "../tensors/cache.ts";
import { planFile } from "./plan.ts";
import type { FilePlan, FileRequest } from "./request.ts";
import { type Sink, writeFile } from "./stream.ts";

export class MemorySink implements Sink {
  bytes = new Uint8Array();
  async resize(bytes: number): Promise<void> {
    this.bytes = new Uint8Array(bytes);
  }
  async write(position: number, bytes: Uint8Array): Promise<void> {
    this.bytes.set(bytes, position);
  }
}

export const runsForTest = (): Runs => new Runs(standardBackends(null));

export const openBytes = (name: string, bytes: Uint8Array, ...others: [name: string, bytes: Uint8Array][]) =>
  openFiles(
    [[name, bytes] as const, ...others].map(([n, b]) => memorySource(n, b)),
    name,
    { cache: new TensorCache() },
  );

export type Asked = Partial<FileRequest> & Pick<FileRequest, "format" | "recipe">;

export const asked = (request: Asked): FileRequest => ({
  source: "",
  tensor: null,
  definitions: [],
  dtype: null,
  unfit: "refuse",
  ...request,
});

export interface Written {
  bytes: Uint8Array;
  summary: FilePlan;
  notes: string[];
}

/** Plans and writes. The file is as long as was said beforehand. */
export async function written(source: OpenSource, request: Asked): Promise<Written> {
  const { file, summary } = await planFile(source, asked(request));
  const sink = new MemorySink();
  const control = { signal: new AbortController().signal, progress: () => {} };
  const notes = await writeFile(file, sink, runsForTest(), control);
  return { bytes: sink.bytes, summary, notes };
}

/** All values of a tensor. */
export async function valuesOf(source: OpenSource, name: string): Promise<Float32Array> {
  const tensor = source.tensor(name);
  return tensor.read(0, tensor.info.elements);
}

/** The results of a recipe. */
export async function resultOf(source: OpenSource, name: string, recipe: string): Promise<Float32Array> {
  const order = { key: name, matrix: source.matrix(name), recipe, definitions: [], backend: "reference" as const };
  const control = { signal: new AbortController().signal, progress: () => {} };
  const quantized = await runsForTest().quantized(order, control);
  return (await quantized.rows(0, order.matrix.rows)).result;
}

export interface StoredArray {
  dtype: string;
  shape: number[];
  bytes: Uint8Array;
}

/** The arrays of a safetensors file, read by nothing but its header. */
export function arraysOf(file: Uint8Array): Map<string, StoredArray> {
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length)));
  const arrays = new Map<string, StoredArray>();
  for (const [name, { dtype, shape, data_offsets: offsets }] of Object.entries<Record<string, never>>(header)) {
    if (name === "__metadata__") continue;
    const [from, to] = offsets as number[];
    arrays.set(name, { dtype, shape, bytes: file.subarray(8 + length + from, 8 + length + to) });
  }
  return arrays;
}
