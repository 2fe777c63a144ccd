import { blobSource } from "../../bytes/byte-source.ts";
import type { ScoreFile } from "../../scores/types.ts";
import type { Job } from "../job.ts";

export interface ImportScoresRequest {
  /** The open source that the scores have to be of. */
  source: string;
  file: File;
}

/** Scores that were made elsewhere, or here before, of an open source. */
export const importScores: Job<ImportScoresRequest, ScoreFile> = {
  async work({ source, file }, workbench, { signal }) {
    const { importScores: read } = await import("../../scores/imports/index.ts");
    return read(blobSource(file), (await workbench.source(source)).info, signal);
  },
};
