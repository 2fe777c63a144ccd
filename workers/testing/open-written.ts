import { memorySource } from "../bytes/byte-source.ts";
import { utf8 } from "../checkpoints/bytes-for-test.ts";
import { writeSafetensors } from "../checkpoints/safetensors/write.ts";
import type { Written } from "../layouts/for-test/bits.ts";
import { type OpenSource, openFiles } from "../sources/open.ts";
import { TensorCache } from "../tensors/cache.ts";

/** For tests: opens what was written, with its configuration beside it unless told otherwise. */
export function openWritten(written: Written, withConfig = true): Promise<OpenSource> {
  const files = [memorySource("model.safetensors", writeSafetensors(written.tensors, written.metadata))];
  if (written.config && withConfig) {
    files.push(memorySource(written.config.name, utf8(JSON.stringify(written.config.json))));
  }
  return openFiles(files, "test", { cache: new TensorCache() });
}

/** For tests: what was written without the tensors whose names end so. */
export function without(written: Written, ending: string): Written {
  return { ...written, tensors: written.tensors.filter(({ name }) => !name.endsWith(ending)) };
}
