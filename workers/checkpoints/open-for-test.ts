import { memorySource } from "../bytes/byte-source.ts";
import type { SourceInfo } from "../protocol.ts";
import { type OpenSource, openFiles } from "../sources/open.ts";
import { TensorCache } from "../tensors/cache.ts";

/** For tests: opens files given as bytes by name. */
export function openBytes(files: Record<string, Uint8Array>, cache = new TensorCache()): Promise<OpenSource> {
  const sources = Object.entries(files).map(([name, bytes]) => memorySource(name, bytes));
  return openFiles(sources, "test", { cache });
}

/** For tests: the message with which opening fails; fails itself where it does not, or not with a UserError. */
export async function refusal(files: Record<string, Uint8Array>): Promise<string> {
  let info: SourceInfo;
  try {
    info = (await openBytes(files)).info;
  } catch (error) {
    if ((error as Error).name !== "UserError") throw error;
    return (error as Error).message;
  }
  throw new Error(`opened as ${info.kind}`);
}

/** For tests: the bytes of float32 values. */
export function floats(...values: number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer);
}

/** For tests: text as UTF-8. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** For tests: a safetensors file with any header, right or wrong, and `data` after it. */
export function rawSafetensors(header: unknown, data: Uint8Array, length?: bigint): Uint8Array {
  const json = utf8(typeof header === "string" ? header : JSON.stringify(header));
  const file = new Uint8Array(8 + json.length + data.length);
  new DataView(file.buffer).setBigUint64(0, length ?? BigInt(json.length), true);
  file.set(json, 8);
  file.set(data, 8 + json.length);
  return file;
}
