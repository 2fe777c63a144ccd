/** How a link writes a calibration: a synthetic or captured one by its text, files by their fingerprints and what they are taken for. */
import type { CalibrationRef } from "../state/experiment.ts";
import { parseFile, printFile } from "./source.ts";

/** Keys of the parts: where it comes from, what its files are taken for, how activations are quantized. */
export const calibrationKeys = { source: "cal", taken: "calas", activations: "act" } as const;

/** What stands before the text of each kind that has one. */
const WORDS = { synthetic: "gen:", captured: "run:" } as const;
type Worded = keyof typeof WORDS;

/** Pairs of key and unescaped text. */
export function printCalibration(ref: CalibrationRef): [string, string][] {
  if (ref.kind !== "files") return [[calibrationKeys.source, WORDS[ref.kind] + ref.text]];
  const files = ref.fingerprints.map((f): [string, string] => [calibrationKeys.source, printFile(f)]);
  return ref.taken === null ? files : [...files, [calibrationKeys.taken, ref.taken]];
}

/** Plain data to be checked by the schema; undefined where a link has no calibration. */
export function parseCalibration(parts: ReadonlyMap<string, string[]>): unknown {
  const texts = parts.get(calibrationKeys.source);
  if (!texts) return undefined;
  const kind = (Object.keys(WORDS) as Worded[]).find((one) => texts[0].startsWith(WORDS[one]));
  if (kind) return { kind, text: texts[0].slice(WORDS[kind].length) };
  const taken = parts.get(calibrationKeys.taken)?.[0] ?? null;
  return { kind: "files", fingerprints: texts.map(parseFile), taken };
}
