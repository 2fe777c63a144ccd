import { memorySource } from "../bytes/byte-source.ts";
import type { SourceInfo } from "../sources/info.ts";
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
