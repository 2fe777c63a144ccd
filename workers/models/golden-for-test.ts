/** Sources of models for tests: golden checkpoints where they are, and the sample of the repository. */
import { fileURLToPath } from "node:url";
import { sharedFile } from "../../kernels/testing/shared.ts";
import { openPath } from "../sources/node.ts";
import type { OpenSource } from "../sources/open.ts";
import { TensorCache } from "../tensors/cache.ts";

export const signal = new AbortController().signal;

export const sampleFolder = fileURLToPath(new URL("../../public/samples/small-llama", import.meta.url));

/** A model's folder, or a file in it. */
export const openAt = (path: string): Promise<OpenSource> => openPath(path, { cache: new TensorCache() });

export const openSampleModel = (): Promise<OpenSource> => openAt(sampleFolder);

export const openGoldenModel = (family: string): Promise<OpenSource> => openAt(sharedFile(`golden/models/${family}`)!);
