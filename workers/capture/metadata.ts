/** What a captured calibration says of its making, in the metadata of its files. */
import { hex, sha256 } from "../bytes/sha256.ts";
import { CAPTURE_FORMAT } from "../calibration/capture.ts";
import type { Model } from "../models/model.ts";
import { originMetadata, type TextOrigin } from "../models/text/origin.ts";
import type { Fingerprint } from "../sources/info.ts";

/** All but the arrays. */
export interface CaptureFacts {
  text: TextOrigin;
  /** Windows that ran, tokens of each, and windows of the whole text. */
  windows: number;
  tokens: number;
  windowsInAll: number;
  seed: number;
  keep: number;
  /** The model recipe of the layers upstream; null: the model as it is. */
  sequential: string | null;
  gradients: boolean;
}

/** `{ key: text }` of every file. Where the text comes from stands as `models/text/origin.ts` writes it. */
export function factsMetadata({ source }: Pick<Model, "source">, facts: CaptureFacts): Record<string, string> {
  const { text, windows, tokens, windowsInAll, seed, keep, sequential, gradients } = facts;
  return {
    format: CAPTURE_FORMAT,
    model: source.info.label,
    "model files": JSON.stringify(modelFiles(source.info)),
    ...originMetadata(text),
    windows: String(windows),
    "window tokens": String(tokens),
    "windows in all": String(windowsInAll),
    seed: String(seed),
    "rows kept": String(keep),
    ...(sequential !== null && { sequential }),
    ...(gradients && { gradients: "of the sum of negative log-likelihoods over predictions, in nats" }),
  };
}

/** How a model is known: its files by size and digest, since people rename them, or its address. */
export const modelFiles = (info: { fingerprints: Fingerprint[]; address?: string }): string[] =>
  info.address !== undefined ? [info.address] : info.fingerprints.map(({ size, digest }) => `${size} ${digest}`);

/** Whether a captured calibration is of these files; null where it does not say. */
export function isOfModel(metadata: Record<string, string>, info: Parameters<typeof modelFiles>[0]): boolean | null {
  const files = metadata["model files"];
  return files === undefined ? null : files === JSON.stringify(modelFiles(info));
}

/** The beginning of a SHA-256 by which links know a model. */
export const modelDigest = (info: Parameters<typeof modelFiles>[0]): string =>
  hex(sha256(new TextEncoder().encode(JSON.stringify(modelFiles(info))))).slice(0, 16);
