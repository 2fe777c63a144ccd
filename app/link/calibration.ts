/** How a link writes a calibration: a synthetic one by its text, files by their fingerprints and what they are taken for. */
import type { CalibrationRef } from "../state/experiment.ts";
import { parseFile, printFile } from "./source.ts";

/** Keys of the parts: where it comes from, what its files are taken for, how activations are quantized. */
export const calibrationKeys = { source: "cal", taken: "calas", activations: "act" } as const;

const SYNTHETIC = "gen:";

/** Pairs of key and unescaped text. */
export function printCalibration(ref: CalibrationRef): [string, string][] {
  if (ref.kind === "synthetic") return [[calibrationKeys.source, SYNTHETIC + ref.text]];
  const files = ref.fingerprints.map((f): [string, string] => [calibrationKeys.source, printFile(f)]);
  return ref.taken === null ? files : [...files, [calibrationKeys.taken, ref.taken]];
}

/** Plain data to be checked by the schema; undefined where a link has no calibration. */
export function parseCalibration(parts: ReadonlyMap<string, string[]>): unknown {
  const texts = parts.get(calibrationKeys.source);
  if (!texts) return undefined;
  if (texts[0].startsWith(SYNTHETIC)) return { kind: "synthetic", text: texts[0].slice(SYNTHETIC.length) };
  const taken = parts.get(calibrationKeys.taken)?.[0] ?? null;
  return { kind: "files", fingerprints: texts.map(parseFile), taken };
}
