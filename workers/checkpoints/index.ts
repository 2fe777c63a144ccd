import type { CheckpointKind } from "./checkpoint.ts";
import { raw } from "./raw.ts";
import { safetensors } from "./safetensors/safetensors.ts";
import { safetensorsIndex } from "./safetensors/shard-index.ts";

/**
 * Every type of checkpoint, in the order of asking. What the person said comes before what the bytes say; an index takes
 * its shards before they are taken for files of their own; text, the least certain, comes last. All but the first few are
 * loaded only when those before them did not know a file: the page begins without them.
 */
export const checkpointKinds: readonly (() => Promise<CheckpointKind>)[] = [
  async () => raw,
  async () => safetensorsIndex,
  async () => safetensors,
  async () => (await import("./gguf/gguf.ts")).gguf,
  async () => (await import("./tfjs/tfjs.ts")).tfjs,
  async () => (await import("./npy/npy.ts")).npy,
  async () => (await import("./npy/npz.ts")).npz,
  async () => (await import("./picture/index.ts")).picture,
  async () => (await import("./pytorch/pytorch.ts")).pytorch,
  async () => (await import("./onnx/onnx.ts")).onnx,
  async () => (await import("./text.ts")).text,
];

/** All of them, loaded. */
export const loadedKinds = (): Promise<CheckpointKind[]> => Promise.all(checkpointKinds.map((load) => load()));
