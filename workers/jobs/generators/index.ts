import type { GeneratorInfo } from "../../sources/spec.ts";
import type { Job, Place } from "../job.ts";

/** What can be generated. */
export const generators: Job<Place, GeneratorInfo[]> = {
  work: async () => [...(await import("../../sources/generators.ts")).generatorInfos],
};
