import type { CheckpointKind } from "./checkpoint.ts";
import { safetensors } from "./safetensors.ts";

/** Every type of checkpoint, in the order of asking. */
export const checkpointKinds: readonly CheckpointKind[] = [safetensors];
