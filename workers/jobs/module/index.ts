import type { Job, Place } from "../job.ts";

export interface ModuleRequest extends Place {
  bytes: Uint8Array;
}

/** Keeps a quantizer of the reader's own for this page and all its workers, where it can be one, and gives its name (`sha256_...`). */
export const keepModule: Job<ModuleRequest, { digest: string }> = {
  async work({ bytes }) {
    const { keepOwn } = await import("../../modules/keep.ts");
    return { digest: await keepOwn(bytes) };
  },
};
