import type { CheckpointKind } from "./checkpoint.ts";
import { gguf } from "./gguf.ts";
import { npy } from "./npy.ts";
import { npz } from "./npz.ts";
import { picture } from "./picture/index.ts";
import { pytorch } from "./pytorch/pytorch.ts";
import { raw } from "./raw.ts";
import { safetensors } from "./safetensors.ts";
import { safetensorsIndex } from "./safetensors-index.ts";
import { text } from "./text.ts";

/**
 * Every type of checkpoint, in the order of asking. What the person said comes before what the bytes say; an index takes
 * its shards before they are taken for files of their own; text, the least certain, comes last.
 */
export const checkpointKinds: readonly CheckpointKind[] = [
  raw,
  safetensorsIndex,
  safetensors,
  gguf,
  npy,
  npz,
  picture,
  pytorch,
  text,
];
