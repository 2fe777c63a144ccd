/** Scores that were made elsewhere, of the checkpoint that is open, in the shape that all scores have. */
import { loadVocabulary } from "../../../kernels/notation/load.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { isImatrixFile } from "../../calibration/imatrix/open.ts";
import { UserError } from "../../errors/user-error.ts";
import type { SourceInfo } from "../../sources/info.ts";
import { readScores } from "../file.ts";
import { checkSame, fingerprintOf } from "../fingerprint.ts";
import { SCORES_KIND, type ScoreFile } from "../types.ts";
import { importExl3, isExl3 } from "./exl3.ts";
import { importImatrix } from "./imatrix.ts";
import { importMlx, isMlx } from "./mlx.ts";

/** Most bytes of a JSON file that is read. */
const MOST_BYTES = 2 ** 29;
const KNOWN =
  "a file of scores made here, ExLlamaV3's measurement.json, MLX's MODEL_sensitivities.json, or llama.cpp's importance matrix";

/**
 * Reads a file by what it holds. Tensors are those of it that the open checkpoint has, in its order; what does not fit is told in `notes`.
 * Rejects with UserError for a kind that is not known, a damaged file, and scores of another checkpoint; with AbortError.
 */
export async function importScores(file: ByteSource, info: SourceInfo, signal: AbortSignal): Promise<ScoreFile> {
  const label = file.name.split("/").pop()!;
  const first = file.size === 0 ? "" : new TextDecoder().decode(await file.slice(0, Math.min(64, file.size), signal));
  if (/^\uFEFF?\s*[[{]/.test(first)) return ofJson(await readJson(file, label, signal), label, info);
  if (file.size > 0 && (await isImatrixFile(file, signal))) return importImatrix(file, label, info, signal);
  throw new UserError(`${label} holds no scores that can be read here. Known are ${KNOWN}.`);
}

async function ofJson(
  { json, text }: { json: unknown; text: string },
  label: string,
  info: SourceInfo,
): Promise<ScoreFile> {
  if (typeof json === "object" && json !== null && "kind" in json && json.kind === SCORES_KIND) {
    const scores = readScores(text, label);
    checkSame(scores.fingerprint, fingerprintOf(info));
    return scores;
  }
  if (isExl3(json)) {
    // Its recipes are among those that are loaded when somebody asks for them.
    await loadVocabulary();
    return importExl3(json, label, info);
  }
  if (isMlx(json)) return importMlx(json, label, info);
  throw new UserError(`${label} is JSON, and no scores that are known here. Known are ${KNOWN}.`);
}

async function readJson(
  file: ByteSource,
  label: string,
  signal: AbortSignal,
): Promise<{ json: unknown; text: string }> {
  if (file.size > MOST_BYTES) throw new UserError(`${label} is too large for a file of scores.`);
  const text = new TextDecoder().decode(await file.slice(0, file.size, signal)).replace(/^\uFEFF/, "");
  // Python writes these words where a figure is not finite; JSON has none of them.
  const plain = text.replace(/(?<=[[:,]\s*)-?(?:NaN|Infinity)(?=\s*[,\]}])/g, "null");
  try {
    return { json: JSON.parse(plain), text };
  } catch (error) {
    throw new UserError(`${label} is no JSON that can be read: ${(error as Error).message}.`);
  }
}
